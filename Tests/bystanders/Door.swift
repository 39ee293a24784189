import NIOSSL
import TestSupport

/// Where a server is attacked: over cleartext, or over TLS.
struct Door: Sendable {
  let address: RawSocket.Address
  /// `nil` over cleartext.
  let tls: NIOSSLContext?

  /// Connects, and makes the handshake of TLS where that is spoken.
  func connect() throws -> Line { try Line(self) }

  /// Of one who means harm: whom it attacks is all the same to it.
  static func makeContext() throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv13
    configuration.applicationProtocols = ["h2"]
    configuration.certificateVerification = .none
    return try NIOSSLContext(configuration: configuration)
  }
}
