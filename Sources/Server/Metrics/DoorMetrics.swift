import TLS

/// What is counted of connections before they ask anything.
public struct DoorMetrics: Sendable {
  /// TLS handshakes that ended well.
  public var handshakes: UInt64 = 0
  /// Connections that were refused, by every reason there is.
  public var refusals: [(reason: String, count: UInt64)] = []
  /// Days until a certificate ends, by what it is for; none where no door speaks TLS.
  public var certificateDays: [(certificate: String, days: Double)] = []
  /// How often the files of TLS were taken up, the first time included, and refused.
  public var tlsLoads: UInt64 = 0
  public var tlsLoadsRefused: UInt64 = 0

  init() {}

  init(_ counts: TLSCounts, _ tls: TLSDoors?) {
    handshakes = counts.handshakes
    refusals = counts.refusals.map { ($0.name, $0.count) }
    guard let tls else { return }
    certificateDays = tls.expiryDays
    (tlsLoads, tlsLoadsRefused) = tls.loads
  }
}
