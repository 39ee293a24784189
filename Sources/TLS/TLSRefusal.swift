import NIOCore
import NIOSSL

/// Why a connection did not come to be. Counted under its name.
public enum TLSRefusal: String, CaseIterable, Sendable {
  case notTLS = "not-tls"
  case tlsOnPlainDoor = "tls-on-plain-door"
  case oldVersion = "old-version"
  case noCertificate = "no-certificate"
  case expiredCertificate = "expired-certificate"
  case unknownCA = "unknown-ca"
  case nameNotAllowed = "name-not-allowed"
  case noHTTP2 = "no-http2"
  case refusedByClient = "refused-by-client"
  case timeout
  case crowdedOut = "crowded-out"
  /// Of any door: as many connections as are allowed are open.
  case connectionLimit = "connection-limit"
  /// On a unix socket: a process that may not connect.
  case unixPeer = "unix-peer"
  /// The peer left before the end: a port scan or a probe, as a rule.
  case gone
  case other

  /// What it was and what to do, for the log of who runs the server.
  var advice: String {
    switch self {
    case .notTLS: "the client speaks no tls; give it an https:// address, or a door of plainListen"
    case .tlsOnPlainDoor:
      "the client speaks tls on a door without it; give it an http:// address, or set tls here"
    case .oldVersion:
      "the client offers no tls version that is allowed; update it, or set tls.versionMin: \"1.2\""
    case .noCertificate: "the client shows no certificate; give it one, or take tls.clientCA away"
    case .expiredCertificate:
      "the client's certificate has ended or not begun; renew it, and compare both clocks"
    case .unknownCA:
      "none of tls.clientCA vouches for the client's certificate, or not as one of a client; add its root,"
        + " or give it another"
    case .nameNotAllowed:
      "no name in the client's certificate is in tls.clients; add one, or give it another certificate"
    case .noHTTP2: "the client does not offer h2 by ALPN; it must speak http/2"
    case .refusedByClient:
      "the client refuses this server's certificate; give it the root that vouches for tls.certificate"
    case .timeout:
      "the handshake was not finished in time; a slow line needs more tls.handshakeSeconds"
    case .crowdedOut:
      "too many handshakes at once; a flood, or a fleet that needs more tls.handshakeCountMax"
    case .connectionLimit:
      "connectionCountMax connections are open; a flood, or a fleet that needs a larger one"
    case .unixPeer:
      "neither user nor group of the process is in unixPeers; add one, or run it as another"
    case .gone: "the client left before the handshake was done"
    case .other: "the handshake failed"
    }
  }

  /// Whether an operator is told. Who leaves is a probe, and nothing is to be done.
  var isLogged: Bool { self != .gone }

  /// What BoringSSL's error means. It tells its reasons in text only.
  init(_ error: any Error) {
    guard case NIOSSLError.handshakeFailed(let failure) = error else {
      // A reset, or an end in the middle.
      self = error is IOError || error is NIOSSLError ? .gone : .other
      return
    }
    let stack: NIOBoringSSLErrorStack
    switch failure {
    case .sslError(let errors), .unknownError(let errors): stack = errors
    default:
      self = .gone
      return
    }
    if stack == [.eofDuringHandshake] {
      self = .gone
      return
    }
    let text = stack.map(\.description).joined(separator: " ")
    self = Self.marks.first { text.contains($0.mark) }?.refusal ?? .other
  }

  /// The reasons in BoringSSL's own words, without the places in its sources.
  static func words(of error: any Error) -> String {
    guard case NIOSSLError.handshakeFailed(.sslError(let stack)) = error else { return "\(error)" }
    return stack.map { entry in
      let text = entry.description
      guard let start = text.firstRange(of: "OPENSSL_internal:")?.upperBound else { return text }
      return String(text[start...].prefix { $0 != " " })
    }.joined(separator: ", ")
  }

  private static let marks: [(mark: String, refusal: TLSRefusal)] = [
    ("WRONG_VERSION_NUMBER", .notTLS), ("HTTP_REQUEST", .notTLS), ("HTTPS_PROXY_REQUEST", .notTLS),
    ("UNSUPPORTED_PROTOCOL", .oldVersion), ("NO_SUPPORTED_VERSIONS_ENABLED", .oldVersion),
    ("PEER_DID_NOT_RETURN_A_CERTIFICATE", .noCertificate),
    ("CERTIFICATE_VERIFY_FAILED", .unknownCA), ("ALERT_", .refusedByClient),
    // OpenSSL's clients refuse in plain text where ciphertext is due.
    ("DECRYPTION_FAILED_OR_BAD_RECORD_MAC", .refusedByClient),
  ]
}
