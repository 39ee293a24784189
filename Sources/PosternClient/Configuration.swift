import Wire

extension PosternClient {
  /// What a client needs to know: where to ask, and what holds when there is no answer.
  public struct Configuration: Sendable {
    public var endpoint: Endpoint
    /// What to trust and to show, where the endpoint is `https://`.
    public var tls = TLSFiles()
    /// The verdict of a login for which there is no decision. `.deny` is safe and locks everybody
    /// out while Postern is away; `.allow` keeps everybody working, an attacker included.
    public var onFailure: Verdict
    /// LIMIT: connect, wait, ask and answer together. A login costs more than this in password
    /// hashing alone; an answer takes about a millisecond.
    public var deadline: Duration = .milliseconds(100)
    /// LIMIT: one attempt to connect. No call waits for it beyond its own deadline.
    public var connectTimeout: Duration = .seconds(1)
    /// LIMIT: the wait after the first failed attempt; each further one doubles it.
    public var backOffMin: Duration = .milliseconds(50)
    /// LIMIT: a Postern that comes back is found within this time.
    public var backOffMax: Duration = .seconds(5)
    /// LIMIT: a connection that misses a deadline has this long to give any sign of life.
    public var probeTimeout: Duration = .seconds(1)
    /// LIMIT: calls under way; beyond it a call fails at once instead of growing a queue.
    public var pendingCallCountMax = 4096
    /// Compress request messages (LZ4), and have their replies compressed. Off: it halves what travels,
    /// which pays on links below some 2 Gbit/s, and costs the server half of a decision's time again
    /// (`microbench --compression`). On the same machine it never pays.
    public var compressesRequests = false
    /// LIMIT: bytes of a message from which on it is compressed, if any is: four logins. In fewer there
    /// is little to find twice, and one packet is sent all the same.
    public var compressedRequestByteCountMin = 2048
    /// Ask over `/v1/stream`: one HTTP/2 stream for all calls, which spares each of them a stream and
    /// its headers. Worth it from some 10,000 calls a second on. Until the server has opened its end,
    /// which one without that door never does, each call has a stream of its own.
    public var usesStream = false

    public init(endpoint: Endpoint, onFailure: Verdict) {
      self.endpoint = endpoint
      self.onFailure = onFailure
    }
  }
}
