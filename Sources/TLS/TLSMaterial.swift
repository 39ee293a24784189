import NIOCore
import NIOSSL
import WatchedFiles

/// What the files of `TLSSettings` hold, read and found usable together.
struct TLSMaterial: Sendable {
  let context: NIOSSLContext
  /// From when to when all certificates of the server's own chain hold, in seconds since 1970.
  let certificate: ClosedRange<Int64>
  /// From when to when each of the clients' roots holds; `nil` where there are none.
  let clientCA: [ClosedRange<Int64>]?
  var certificateEnds: Int64 { certificate.upperBound }
  /// When the first of them ends.
  var clientCAEnds: Int64? { clientCA.map { $0.map(\.upperBound).min() ?? 0 } }

  /// LIMIT: a chain has three certificates, a bundle of roots some hundred: 2 KiB each.
  private static let certificatesByteCountMax = 1 << 20
  /// LIMIT: an RSA key of 16,384 bits has 13 KiB.
  private static let keyByteCountMax = 64 << 10
  /// LIMIT: how long a peer that is told the end may take to say it too.
  private static let shutdownTimeout = TimeAmount.seconds(1)

  /// Reads the files. Takes milliseconds, and blocks.
  init(_ settings: TLSSettings) throws(TLSFileError) {
    let chain = try Self.certificates(settings.certificate, holds: "the server's certificate in PEM")
    let key = try Self.key(settings.key)
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = settings.versionMin == .tls12 ? .tlsv12 : .tlsv13
    configuration.cipherSuiteValues = Self.tls12Suites
    configuration.curves = [.x25519, .secp256r1]
    configuration.applicationProtocols = [HandshakeGate.applicationProtocol]
    configuration.shutdownTimeout = Self.shutdownTimeout
    clientCA = try settings.clientCA.map { path throws(TLSFileError) in
      let roots = try Self.certificates(path, holds: "the roots of clients in PEM")
      configuration.trustRoots = .certificates(roots)
      configuration.certificateVerification = .noHostnameVerification
      // Tells a client with several certificates which to show.
      configuration.sendCANameList = true
      return roots.map { Self.validity(of: [$0]) }
    }
    certificate = Self.validity(of: chain)
    do {
      context = try NIOSSLContext(configuration: configuration)
    } catch {
      throw TLSFileError(
        path: settings.key,
        problem: "is not the key of the certificate in `\(settings.certificate)`; put both of one pair there")
    }
  }

  /// With forward secrecy and authenticated encryption only, as RFC 9113 9.2.2 asks of HTTP/2.
  private static let tls12Suites: [NIOTLSCipher] = [
    .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
  ]

  private static func certificates(
    _ path: String, holds: String
  ) throws(TLSFileError) -> [NIOSSLCertificate] {
    let bytes = try read(path, holds: holds, upTo: certificatesByteCountMax, isSecret: false)
    guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
      throw TLSFileError(
        path: path, problem: "holds no certificate that can be read; write PEM, from `-----BEGIN "
          + "CERTIFICATE-----` on")
    }
    return certificates
  }

  private static func key(_ path: String) throws(TLSFileError) -> NIOSSLPrivateKey {
    let bytes = try read(path, holds: "the private key", upTo: keyByteCountMax, isSecret: true)
    guard let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) else {
      throw TLSFileError(
        path: path, problem: "holds no private key that can be read; write PEM that is not encrypted")
    }
    return key
  }

  private static func read(
    _ path: String, holds: String, upTo byteCountMax: Int, isSecret: Bool
  ) throws(TLSFileError) -> [UInt8] {
    do throws(WholeFile.Fault) {
      return try WholeFile.read(path, holds: holds, upTo: byteCountMax, isSecret: isSecret)
    } catch {
      throw TLSFileError(path: path, problem: nil, text: error.what, isTransient: error.isTransient)
    }
  }

  private static func validity(of certificates: [NIOSSLCertificate]) -> ClosedRange<Int64> {
    let begins = certificates.map { Int64($0.notValidBefore) }.max() ?? 0
    let ends = certificates.map { Int64($0.notValidAfter) }.min() ?? 0
    // One that ends before it begins holds at no time but its end.
    return min(begins, ends)...ends
  }
}

/// What is wrong with a file of TLS, and what to do.
public struct TLSFileError: Error, Equatable, CustomStringConvertible, Sendable {
  public let path: String
  public let description: String
  /// Whether the file could not be read just now: the next look tries again.
  let isTransient: Bool

  init(path: String, problem: String?, text: String = "", isTransient: Bool = false) {
    self.path = path
    self.isTransient = isTransient
    description = problem.map { "`\(path)` \($0)" } ?? text
  }
}
