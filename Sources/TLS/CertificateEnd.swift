/// A certificate of a door that has ended, or ends sooner than `expiryWarningDays` says.
public struct CertificateEnd: Equatable, Sendable, CustomStringConvertible {
  public var path: String
  /// Until then, to a hundredth; negative when it has ended.
  public var days: Double
  /// Whether it is the server's own, not a root of clients.
  public var isServers: Bool

  public var hasEnded: Bool { days < 0 }
  /// Whether no client connects because of it; of several roots others may hold.
  public var isFatal: Bool { isServers && hasEnded }

  public var description: String {
    hasEnded
      ? "a certificate in `\(path)` has ended; put a renewed one there"
      : "a certificate in `\(path)` ends in \(days) days; renew it"
  }
}
