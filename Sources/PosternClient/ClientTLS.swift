import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import WatchedFiles

/// Makes the TLS handlers of a client's connections, from files that may change while it runs.
package final class ClientTLS: Sendable {
  private struct Loaded {
    var context: NIOSSLContext
    /// Every file, as it was just before it was read.
    var stamps: [FileStamp?]
  }

  /// LIMIT: a bundle of roots has some hundred certificates of 2 KiB; a key has 13 KiB at most.
  private static let byteCountMax = 1 << 20
  /// LIMIT: how long a server that is told the end may take to say it too.
  private static let shutdownTimeout = TimeAmount.seconds(1)

  private let files: TLSFiles
  private let loaded = Mutex<Loaded?>(nil)

  package init(_ files: TLSFiles) { self.files = files }

  /// The context for a connection from now on. It reads files where it must, off the event loop.
  func context(on loop: any EventLoop) -> EventLoopFuture<NIOSSLContext> {
    NIOThreadPool.singleton.runIfActive(eventLoop: loop) { try self.context() }
  }

  /// As `context(on:)`, on this thread. It blocks.
  package func context() throws -> NIOSSLContext {
    let stamps = [files.ca, files.certificate, files.key].map { $0.flatMap { FileStamp($0) } }
    if let loaded = loaded.withLock({ $0 }), loaded.stamps == stamps { return loaded.context }
    let context = try makeContext()
    loaded.withLock { $0 = Loaded(context: context, stamps: stamps) }
    return context
  }

  /// The handler of a connection to a host, which verifies that the server is that host.
  package static func makeHandler(
    _ context: NIOSSLContext, host: String
  ) throws -> NIOSSLClientHandler {
    // An address is no server name (RFC 6066 3); the certificate must have it all the same.
    let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
    return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
  }

  private func makeContext() throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv13
    configuration.applicationProtocols = ["h2"]
    configuration.shutdownTimeout = Self.shutdownTimeout
    if let ca = files.ca { configuration.trustRoots = .certificates(try certificates(ca)) }
    switch (files.certificate, files.key) {
    case (nil, nil): break
    case (let certificate?, let key?):
      configuration.certificateChain = try certificates(certificate).map { .certificate($0) }
      configuration.privateKey = .privateKey(try privateKey(key))
    default: throw TLSFilesError(description: "a client certificate needs both: certificate and key")
    }
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw TLSFilesError(
        description: "`\(files.key ?? "")` is not the key of `\(files.certificate ?? "")`: \(error)")
    }
  }

  private func certificates(_ path: String) throws -> [NIOSSLCertificate] {
    let bytes = try read(path, holds: "certificates in PEM", isSecret: false)
    guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
      throw TLSFilesError(description: "`\(path)` holds no certificate in PEM that can be read")
    }
    return certificates
  }

  private func privateKey(_ path: String) throws -> NIOSSLPrivateKey {
    let bytes = try read(path, holds: "the private key", isSecret: true)
    guard let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) else {
      throw TLSFilesError(description: "`\(path)` holds no private key in PEM, or an encrypted one")
    }
    return key
  }

  private func read(_ path: String, holds: String, isSecret: Bool) throws -> [UInt8] {
    do throws(WholeFile.Fault) {
      return try WholeFile.read(path, holds: holds, upTo: Self.byteCountMax, isSecret: isSecret)
    } catch {
      throw TLSFilesError(description: error.what)
    }
  }
}
