/// What one connection may use. libnghttp2 bounds frames; all the rest is bounded here.
public struct HTTP2Settings: Sendable {
  /// LIMIT: Envoy and HAProxy advertise 100; a gateway's batch of 100 in flight must not be the edge.
  public var concurrentStreams: UInt32 = 256
  /// LIMIT: name + value + 32 over all fields of a request; twice what the longest headers need.
  public var headerByteCount = 16_384
  /// LIMIT: fields of a request; nginx and Sozu take 64 to 128.
  public var headerCount = 64
  /// LIMIT: a block beyond this many times the two limits above ends the connection: whoever sends
  /// it is not a client. Up to there the request is refused and the connection stays.
  public var headerAbuseFactor = 4
  /// LIMIT: largest request body in bytes.
  public var bodyByteCount = 1 << 20
  /// LIMIT: one 256-decision message with long headers fits without waiting for a window update.
  public var streamWindow: Int32 = 256 << 10
  /// LIMIT: what a connection may have in flight beyond what was consumed: what a link of 10 Gbit/s
  /// carries in most of a millisecond. More would only lie in the kernel's memory and grow cold.
  public var connectionWindow: Int32 = 1 << 20
  /// LIMIT: bytes of bodies and responses that a connection's open streams may hold together: sixteen
  /// of the largest requests, or the replies to them.
  public var heldByteCountMax = 16 << 20
  /// LIMIT: bytes of headers of requests that wait to be answered: above, no more of a connection is read
  /// before they are, and more are refused where they wait for the peer to take replies. A burst of 25 logins
  /// with all that a browser sends. By reference into HPACK's table they cost their sender a hundredth.
  public var waitingHeaderByteCount = 32 << 10
  /// LIMIT: reply bytes that wait on a stream of many messages before its next message is looked at. The
  /// kernel has those of a client that reads; 256 KiB were work for one that does not, up to 100 times its
  /// own.
  public var streamQueuedByteCount = 16 << 10
  /// LIMIT: the same over all streams of a connection: four that nobody reads keep the others waiting.
  public var connectionQueuedByteCount = 64 << 10
  /// LIMIT: bytes of each kind that a stream keeps when its connection rests.
  public var keptByteCount = 4 << 10

  /// LIMIT: so many bytes of a body, and those behind them, are left where they were received until they
  /// have been looked at. Fewer are copied in less time than it takes to keep account of them.
  public var lentByteCountMin = 4 << 10

  // MARK: What a peer may do without asking for a decision

  /// LIMIT: a second in which more than so many streams were opened, or reset, is looked at for its
  /// share of resets. Twice what may be in flight: a client that gives all of it up is no attacker.
  public var rapidResetStreamCount = 512
  /// LIMIT: the same within `faultWindowSeconds`, for who stays below that: sixteen times all that may be in
  /// flight, 136 a second. Fewer may be reset for ever, for a third of a millisecond of work a second.
  public var sustainedResetStreamCount = 4096
  /// LIMIT: percent of these that a peer may reset. Envoy's half; a rate, such as the
  /// library's own 33 a second, hits gateways that cancel what is late.
  public var rapidResetPercent = 50
  /// LIMIT: streams that we must reset, and as many frames that are wrong for their stream, within
  /// `faultWindowSeconds`. Honest clients cause none; swift-nio-http2 has the same number.
  public var faultCount = 200
  /// LIMIT: streams that are refused before the peer has acknowledged how many it may open, and that are not
  /// held against it: four times what may be open by default, a client's first flight.
  public var earlyRefusalCount = 1_024
  /// LIMIT: PING and SETTINGS frames within `faultWindowSeconds`; each request and each 64 bytes of
  /// replies are good for one more, since some clients send a PING to measure each round trip.
  public var controlFrameCount = 200
  /// LIMIT: frames that carry no request (WINDOW_UPDATE, PRIORITY, unknown ones, padded or empty
  /// DATA) within `faultWindowSeconds`. As nghttp2 since 1.69: its first tenth hit honest traffic.
  /// Requests and reply bytes are good for more.
  public var glitchCount = 10_000
  /// LIMIT: how long it takes until all of the three above may happen again. In seconds.
  public var faultWindowSeconds = 30
  /// LIMIT: CONTINUATION frames of a header block. A client needs 3 for the largest block that is
  /// read; 64 lets one cut it as small as 1 KiB.
  public var continuationCount = 64
  /// LIMIT: DATA frames without data, one behind the other. Envoy allows 1; some clients end a body
  /// in several steps.
  public var emptyDataCount = 8
  /// LIMIT: from this stream on the connection is wound up, for numbers end at 2^31 - 1 and a client
  /// that has reached it would hang. Half of them are left to requests under way.
  public var lastStream = 1 << 30
  /// LIMIT: reply bytes that wait for the peer; while there are more, its further requests wait too.
  public var queuedByteCount = 64 << 10

  // MARK: How long a peer may take

  /// LIMIT: seconds from a connection's start until preface and settings are exchanged. Two round
  /// trips of any network, with room for lost packets.
  public var prefaceSeconds = 5
  /// LIMIT: seconds for a header block, first byte to last. It fits in a packet or two.
  public var headerSeconds = 5
  /// LIMIT: seconds from a request's header to the end of its body, and from the first byte of a message to
  /// its last on a stream of many. 1 MiB in it is 840 kbit/s.
  public var bodySeconds = 10
  /// LIMIT: seconds in which a peer that has replies to take must take some.
  public var stallSeconds = 10
  /// LIMIT: what counts as some, of a connection and of a stream of many messages: less is no reader. A
  /// socket's buffer drains by more at once.
  public var stallByteCount = 4096

  /// LIMIT: Envoy allows 10 window updates for each DATA frame it sends.
  static let glitchesPerRequest = 10
  /// LIMIT: one window update for so many reply bytes is not too often, nor is one PING; one for each
  /// byte is. The smallest frame of replies has about as many.
  static let replyBytesPerGlitch = 64

  public init() {}

  /// Bytes of a header block as it comes, compressed: what is longer is over the other limits too,
  /// or compressed to be longer.
  var headerBlockByteCount: Int { headerByteCount * headerAbuseFactor }

  var faultWindowNanoseconds: UInt64 { nanoseconds(faultWindowSeconds) }
}

/// Whether so many nanoseconds have passed; never for 0.
func isOver(_ patience: UInt64, since start: UInt64, at now: UInt64) -> Bool {
  patience > 0 && now > start && now - start >= patience
}

/// A setting in seconds, in the unit of the clock.
func nanoseconds(_ seconds: Int) -> UInt64 { UInt64(max(0, seconds)) * 1_000_000_000 }
