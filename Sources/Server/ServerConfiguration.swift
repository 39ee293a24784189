import EdgeProof
import HTTP2
import NIOCore
import Wire

/// Everything a server can be told. `postern serve --config` reads it from YAML.
public struct ServerConfiguration: Sendable {
  public var listen: [ListenAddress] = [.tcp(host: "127.0.0.1", port: 8080)]
  /// Where `/healthz`, `/readyz`, `/metrics` and `/v1/admin/` are; `nil` for no admin port.
  public var admin: ListenAddress?
  /// Directory of `*.table.md` files.
  public var tables = "tables"
  /// LIMIT: event loops; each has counters of its own in every chain.
  public static let loopCountMax = 256
  /// Event loops; `nil` for one a core.
  public var loops: Int?
  /// The verdict when a trigger has no table, or no rule of an enforcing table matches.
  public var onMissing = Verdict.review
  /// How many of a chain's last versions can be gone back to, the one served included.
  public var versionsKept = 8
  /// LIMIT: rules whose hits are exported as metrics: each is a series or two in every scrape.
  public var metricsRuleCountMax = 1000
  /// Triggers beside the built-in ones.
  public var triggers: [String] = []
  /// Proxies in front, beyond the nearest, whose `x-forwarded-for` entries are believed: the
  /// address taken is this many entries left of the last.
  public var trustedProxies = 0
  /// A connection on which nothing has moved for so long is closed. In seconds.
  public var idleSeconds = 600
  /// How often table files are looked at for a change. In seconds; 0 for on SIGHUP only.
  public var reloadSeconds = 1
  /// How long a stopping server waits for answers that are still being sent. In seconds.
  public var drainSeconds = 10
  /// LIMIT: how long a stream of many messages may be stuck: nothing moves on it, and it holds a part
  /// of a message or replies that its client does not read. In seconds. One that rests between two
  /// messages holds nothing, and stays.
  public var streamStallSeconds = 10
  /// LIMIT: connections open at once, on all loops. Beyond it new ones are closed at once.
  public var connectionCountMax = 20_000
  /// LIMIT: bytes of a reply from which on it is compressed, where its request was; 0 for never. A
  /// shorter one leaves in two packets at most: LZ4 would save none, or one (`microbench --compression`).
  public var compressedReplyByteCountMin = 2048
  public var http2 = HTTP2Settings()
  /// What proves that the edge sent a request. A running server can be told anew.
  public var edgeProof = EdgeProofSettings()

  /// How many event loops there will be.
  public var loopCount: Int { min(loops ?? System.coreCount, Self.loopCountMax) }

  public init() {}
}
