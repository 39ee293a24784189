import NIOSSL

/// One line that says why TLS failed, for whoever runs the client; `nil` for other errors.
func tlsText(of error: any Error) -> String? {
  switch error {
  case let error as NIOSSLExtraError:
    error == .failedToValidateHostname
      ? "the server's certificate is for another name; use a name that it has" : "\(error)"
  case NIOSSLError.handshakeFailed(let failure), NIOSSLError.shutdownFailed(let failure): text(of: failure)
  case let error as BoringSSLError: text(of: error)
  case let error as NIOSSLError: error == .uncleanShutdown ? "the server closed it" : "\(error)"
  default: nil
  }
}

private func text(of failure: BoringSSLError) -> String {
  guard case .sslError(let errors) = failure else { return "the tls handshake failed: \(failure)" }
  if errors == [.eofDuringHandshake] { return "the server closed it during the tls handshake" }
  let text = errors.map(\.description).joined(separator: " ")
  let known = marks.first { text.contains($0.mark) }
  return known?.text ?? "the tls handshake failed: \(errors.map(words).joined(separator: ", "))"
}

/// A reason in BoringSSL's own words, without the place in its sources.
private func words(of error: BoringSSLInternalError) -> String {
  let text = error.description
  let start = text.firstRange(of: "OPENSSL_internal:")?.upperBound ?? text.startIndex
  return String(text[start...].prefix { $0 != " " })
}

/// BoringSSL tells its reasons in text only. The server's word on a client certificate comes as an alert.
private let marks: [(mark: String, text: String)] = [
  (
    "CERTIFICATE_VERIFY_FAILED",
    "the server's certificate has ended, or no trusted root vouches for it; name its root as the ca"
  ),
  ("WRONG_VERSION_NUMBER", "the server speaks no tls there; use http://, or its tls port"),
  ("HTTP_REQUEST", "the server speaks no tls there; use http://, or its tls port"),
  ("CERTIFICATE_REQUIRED", "the server asks for a client certificate; name one and its key"),
  ("ALERT_HANDSHAKE_FAILURE", "the server asks for a client certificate, or offers no common cipher"),
  ("ALERT_UNKNOWN_CA", "the server trusts no root that vouches for this client's certificate"),
  ("ALERT_CERTIFICATE_EXPIRED", "this client's certificate has ended; renew it"),
  ("ALERT_BAD_CERTIFICATE", "the server refuses this client's certificate"),
  ("ALERT_CERTIFICATE_UNKNOWN", "the server refuses this client's certificate"),
  ("PROTOCOL_VERSION", "the server offers no tls 1.3"),
  ("UNSUPPORTED_PROTOCOL", "the server offers no tls 1.3"),
]
