/// The files that a client uses with an `https://` endpoint. They are read at the first connection, and
/// at a later one where they have changed by then.
public struct TLSFiles: Equatable, Sendable {
  /// PEM: the roots that servers are trusted by; `nil` for those of the system.
  public var ca: String?
  /// PEM: the certificate that is shown to a server that asks for one, and those behind it.
  public var certificate: String?
  /// PEM, not encrypted: its private key.
  public var key: String?

  public init(ca: String? = nil, certificate: String? = nil, key: String? = nil) {
    self.ca = ca
    self.certificate = certificate
    self.key = key
  }
}

/// What is wrong with the files, and what to do.
public struct TLSFilesError: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String
}
