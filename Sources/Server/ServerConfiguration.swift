import EdgeProof
import HTTP2
import NIOCore
import TLS
import Wire

/// Everything a server can be told. `postern serve --config` reads it from YAML.
public struct ServerConfiguration: Sendable {
  public var listen: [ListenAddress] = [.tcp(host: "127.0.0.1", port: 8080)]
  /// With it, every TCP address of `listen` speaks TLS.
  public var tls: TLSSettings?
  /// TCP addresses that speak cleartext beside those of `listen` that speak TLS.
  public var plainListen: [ListenAddress] = []
  /// The mode of unix sockets, such as 0o660; `nil` leaves it to the process's umask.
  public var unixSocketMode: UInt32?
  /// Which processes may connect to unix sockets; `nil` for all that the file's mode lets.
  public var unixPeers: UnixPeers?
  /// Where a successor asks for the listening sockets, and where those of the server before are asked
  /// for: a path; `nil` for neither.
  public var takeover: String?
  /// Whether other processes of this user may listen on the same ports beside this one (SO_REUSEPORT).
  /// The kernel deals connections out to all of them; those that wait in the queue of one that ends
  /// are lost unless `net.ipv4.tcp_migrate_req` is 1. Handing the sockets over loses none.
  public var reusePort = false
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
  /// Proxies whose `x-forwarded-*` headers are believed in checks, beside peers on unix sockets and those
  /// that show a certificate. Others' are ignored: a user's own would pass where no proxy replaces them.
  public var forwardedFrom = Self.loopback
  /// LIMIT: of `forwardedFrom`: each new connection is compared with all.
  public static let forwardedFromCountMax = 256
  package static let loopback = ["127.0.0.0/8", "::1"].compactMap(AddressBlock.init)
  /// What can be changed while it runs.
  public var running = RunningSettings()
  /// How often table files are looked at for a change. In seconds; 0 for on SIGHUP only.
  public var reloadSeconds = 1
  /// LIMIT: how long a stream of many messages may be stuck: nothing more comes of a message that has
  /// begun, or its client takes less than 4,096 bytes of replies though there are more. In seconds. A
  /// message that goes on coming has `bodySeconds`. One that rests between two messages holds nothing,
  /// and stays.
  public var streamStallSeconds = 10
  /// LIMIT: bytes of a reply from which on it is compressed, where its request was; 0 for never. A
  /// shorter one leaves in two packets at most: LZ4 would save none, or one (`microbench --compression`).
  public var compressedReplyByteCountMin = 2048
  public var http2 = HTTP2Settings()
  /// LIMIT: bytes of requests and replies that all connections together may hold while they are read
  /// and sent; each loop has its part. Beyond it, what comes on connections that hold more than 64 KiB
  /// is refused with 503; beyond twice as much, on those that hold more than 1 KiB. At most a quarter of
  /// `residentByteCountMax`.
  public var heldByteCountMax = 256 << 20
  /// What proves that the edge sent a request. A running server can be told anew.
  public var edgeProof = EdgeProofSettings()

  /// How many event loops there will be.
  public var loopCount: Int { min(loops ?? System.coreCount, Self.loopCountMax) }

  public init() {}
}
