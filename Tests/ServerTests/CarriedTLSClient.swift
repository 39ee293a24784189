import NIOCore
import NIOEmbedded
import NIOSSL
import TestSupport

/// A client's end of TLS without a socket, whose bytes a test carries when it likes.
final class CarriedTLSClient {
  private let channel: EmbeddedChannel

  /// The certificates' client. It has something to say at once: its hello.
  init(_ certificates: TestCertificates) throws {
    var settings = TLSConfiguration.makeClientConfiguration()
    settings.applicationProtocols = ["h2"]
    settings.trustRoots = .file(certificates.ca)
    settings.certificateVerification = .noHostnameVerification
    settings.certificateChain =
      try NIOSSLCertificate.fromPEMFile(certificates.certificate("client")).map { .certificate($0) }
    settings.privateKey = .privateKey(try NIOSSLPrivateKey(file: certificates.key("client"), format: .pem))
    let tls = try NIOSSLClientHandler(context: NIOSSLContext(configuration: settings), serverHostname: nil)
    channel = EmbeddedChannel(handler: tls)
    channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
  }

  deinit { channel.abandon() }

  /// Seals bytes for the server, behind the handshake.
  func say(_ bytes: [UInt8]) { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }

  /// Takes what is to go to the server.
  func takeSealed() throws -> [UInt8] {
    var sealed: [UInt8] = []
    while let buffer = try channel.readOutbound(as: ByteBuffer.self) { sealed += buffer.readableBytesView }
    return sealed
  }

  /// Takes in what came from the server. Returns what it said.
  func open(_ sealed: [UInt8]) throws -> [UInt8] {
    try channel.writeInbound(ByteBuffer(bytes: sealed))
    var opened: [UInt8] = []
    while let buffer = try channel.readInbound(as: ByteBuffer.self) { opened += buffer.readableBytesView }
    return opened
  }
}
