#if SETTINGS
  import Foundation
  import Logging
  import NIOSSL
  import TestSupport
  import TLS

  extension FuzzTarget {
    /// What lies where a door's certificate, its key and the roots of clients should: text that begins as PEM
    /// does is all three, anything else the inside of a root's certificate. Loaded, or refused in one line that
    /// names the file; what was loaded is loaded again; and the names of a certificate are read.
    static let tlsFiles = FuzzTarget("tls-files", upTo: 8192, from: made?.seeds ?? []) {
      input throws(Finding) in
      let path = NSTemporaryDirectory() + "postern-fuzz-tls-\(getpid()).pem"
      let isText = input.starts(with: Array("-----".utf8))
      guard
        FileManager.default.createFile(
          atPath: path, contents: isText ? Data(input) : pem(input), attributes: [.posixPermissions: 0o600])
      else { throw Finding("cannot write `\(path)`") }
      defer { try? FileManager.default.removeItem(atPath: path) }
      let certificates = made?.certificates
      var settings = TLSSettings(
        certificate: isText ? path : certificates?.certificate("server") ?? path,
        key: isText ? path : certificates?.key("server") ?? path)
      settings.clientCA = path
      // Of what a client shows no PEM is made.
      let shown = try? NIOSSLCertificate(bytes: input, format: .der)
      try require((shown?.peerNames ?? []).count <= 64, "more names than are looked at")
      let logger = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
      let doors: TLSDoors
      do throws(TLSFileError) {
        doors = try TLSDoors(settings, logger, TLSCounts(logger)) { 1_800_000_000 }
      } catch {
        let text = error.description
        try require(error.path == path && text.contains("`\(path)`"), "another file is blamed: \(text)")
        try require(!text.contains(where: \.isNewline), text)
        return
      }
      let look = doors.look(force: true)
      try require(look == .loaded, "loaded, and not when it is looked at again: \(look)")
      try require(doors.expiryDays.allSatisfy { $0.days.isFinite }, "\(doors.expiryDays)")
    }

    private static func pem(_ certificate: [UInt8]) -> Data {
      let body = Data(certificate).base64EncodedString(options: .lineLength64Characters)
      return Data("-----BEGIN CERTIFICATE-----\n\(body)\n-----END CERTIFICATE-----\n".utf8)
    }

    /// A pair and its root, as text in one file, and the certificates alone; `nil` where there is no OpenSSL.
    private static let made: (certificates: TestCertificates, seeds: [[UInt8]])? = {
      guard let certificates = try? TestCertificates() else { return nil }
      let files = [certificates.certificate("server"), certificates.ca, certificates.certificate("client")]
      let bytes = files.compactMap { try? NIOSSLCertificate.fromPEMFile($0).first?.toDERBytes() }
      let texts = (files.prefix(2) + [certificates.key("server")]).compactMap { try? Data(contentsOf: URL(fileURLWithPath: $0)) }
      return (certificates, [Array(texts.joined())] + bytes)
    }()
  }
#endif
