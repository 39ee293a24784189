import PosternClient

/// One measurement: how hard, how long, over how many connections.
public struct LoadPlan: Sendable {
  public enum Pace: Sendable, Equatable {
    /// Closed loop: every stream sends its next request when the last one was answered.
    case saturation
    /// Open loop: requests are sent at their times, and their latency counts from these.
    case rate(perSecond: Double, ArrivalKind)
  }

  public enum Check: Sendable, Equatable {
    /// Every decision of every reply, against the scenario.
    case verdicts
    /// Only that the status is 200: for servers that are no Postern.
    case status
  }

  public var endpoint: Endpoint
  /// What to trust and to show, where the endpoint is `https://`.
  public var tls = TLSFiles()
  public var path = "/v1/decide"
  /// Messages are LZ4 blocks, and replies may be (proto-spec 3.4).
  public var compresses = false
  public var pace = Pace.saturation
  public var check = Check.verdicts
  public var connections = 8
  /// Requests at once on a connection, where the server allows as many.
  public var streams = 8
  /// Connections beside those: each asks once and only stays open from then on.
  public var idleConnections = 0
  /// LIMIT: how long idle connections rest before their memory is looked at and the load begins. A
  /// server gives back what they do not need once a second.
  public var restSeconds = 2.5
  /// Threads that send.
  public var loops = 1
  public var warmUpSeconds = 1.0
  public var seconds = 5.0
  /// LIMIT: what was not sent so long after the end is counted with the age it has then; a reply that
  /// did not come so long after the last request is missing.
  public var drainSeconds = 5.0
  /// Event loops of the server: how many cores it can keep busy.
  public var serverLoops = 1
  public var seed: UInt64 = 1

  /// Whether the messages of a connection share one stream: then `streams` are messages at once on it.
  var sharesStream: Bool { path == "/v1/stream" }

  public init(endpoint: Endpoint) { self.endpoint = endpoint }

  static let contentType = PosternMessage.contentType
}

/// What ends a run: a wrong reply, or none.
public enum LoadFailure: Error, Sendable, CustomStringConvertible {
  /// No connection, or none that speaks HTTP/2.
  case unreachable(String)
  /// A connection or a request ended before its reply.
  case broken(String)
  /// Replies that had not come when they had been waited for so long.
  case missing(MissingReplies, waitedSeconds: Double)
  /// A reply that is not what the scenario expects; the message as it was sent, and what came, both
  /// decompressed where they were not plain.
  case wrong(String, sent: [UInt8], got: [UInt8])

  public var description: String {
    switch self {
    case .unreachable(let text), .broken(let text): text
    case .missing(let replies, let seconds):
      "\(Numbers.count(replies.count)) replies are missing, on \(Numbers.count(replies.connections))"
        + " connections: they had not come \(Numbers.time(seconds * 1e9)) after the last request;"
        + " the oldest was due \(Numbers.time(Double(replies.oldestNanoseconds))) ago"
    case .wrong(let text, let sent, let got):
      "\(text)\n  sent \(sent.count) bytes: \(Self.excerpt(sent))\n  got  \(got.count) bytes: "
        + Self.excerpt(got)
    }
  }

  /// What happened, without the messages.
  public var summary: String {
    if case .wrong(let text, _, _) = self { text } else { description }
  }

  /// The beginning, in hexadecimal, with what can be read of it.
  private static func excerpt(_ bytes: [UInt8]) -> String {
    let count = 640
    let text = bytes.prefix(count).map { byte in
      (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\\")
        ? String(UnicodeScalar(byte)) : "\\x" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }
    return text.joined() + (bytes.count > count ? "…" : "")
  }
}
