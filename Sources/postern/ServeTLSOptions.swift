import ArgumentParser
import Server
import Settings
import TLS

/// The options of `postern serve` about TLS.
struct ServeTLSOptions: ParsableArguments {
  @Option(name: .customLong("tls-certificate"), help: "PEM: the server's certificate, and those behind it.")
  var certificate: String?

  @Option(name: .customLong("tls-key"), help: "PEM: its private key.")
  var key: String?

  @Option(
    name: .customLong("tls-client-ca"),
    help: "PEM: the roots of clients; each must then show a certificate.")
  var clientCA: String?

  @Option(
    name: .customLong("tls-client"),
    help: """
      Which of them may connect: dns:NAME, ip:ADDRESS, uri:URI, spiffe://DOMAIN/PATH or spiffe://DOMAIN/*. \
      May be repeated.
      """)
  var clients: [String] = []

  @Option(name: .customLong("tls-version-min"), help: "1.3, or 1.2 to let older clients in.")
  var versionMin: String?

  @Option(help: "A TCP address that stays cleartext beside TLS. May be repeated.")
  var plainListen: [String] = []

  /// Sets what the options say above what the file says.
  func apply(to settings: inout ServerConfiguration) throws {
    if !plainListen.isEmpty {
      settings.plainListen = try plainListen.map { text in
        guard let address = ListenAddress(text) else {
          throw ValidationError("`--plain-listen \(text)` is no address; write 127.0.0.1:8080")
        }
        return address
      }
    }
    guard var tls = try files(of: settings.tls) else { return }
    if let clientCA { tls.clientCA = clientCA }
    do {
      if !clients.isEmpty { try tls.setClients(clients) }
      if let versionMin { try tls.setVersionMin(versionMin) }
    } catch {
      throw ValidationError("\(error)")
    }
    settings.tls = tls
  }

  private func files(of tls: TLSSettings?) throws -> TLSSettings? {
    guard (certificate == nil) == (key == nil) else {
      throw ValidationError("`--tls-certificate` and `--tls-key` belong together; give both or none")
    }
    if let certificate, let key {
      var settings = tls ?? TLSSettings(certificate: certificate, key: key)
      (settings.certificate, settings.key) = (certificate, key)
      return settings
    }
    guard tls != nil || (clientCA == nil && clients.isEmpty && versionMin == nil) else {
      throw ValidationError("tls needs a certificate: give --tls-certificate and --tls-key")
    }
    return tls
  }
}
