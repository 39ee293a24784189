import NIOCore
import NIOPosix
import NIOSSL
import TestSupport

/// Carries the bytes of plain connections to a server in TLS, and back: how raw clients, which know
/// nothing but bytes, speak to a door of TLS. Each connection has one of its own behind it.
final class TLSTunnel: Sendable {
  /// Where plain clients connect.
  let address: RawSocket.Address
  private let listener: any Channel
  private let group: MultiThreadedEventLoopGroup

  /// To a port of 127.0.0.1, as the certificates' client.
  private init(to port: Int, with certificates: TestCertificates) async throws {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv13
    configuration.applicationProtocols = ["h2"]
    configuration.trustRoots = .file(certificates.ca)
    configuration.certificateChain =
      try NIOSSLCertificate.fromPEMFile(certificates.certificate("client")).map { .certificate($0) }
    configuration.privateKey =
      .privateKey(try NIOSSLPrivateKey(file: certificates.key("client"), format: .pem))
    let context = try NIOSSLContext(configuration: configuration)
    // One loop for both ends of a connection: what is read is written in its order.
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    listener = try await ServerBootstrap(group: group)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { plain in
        ClientBootstrap(group: plain.eventLoop)
          .channelInitializer { secure in
            secure.eventLoop.makeCompletedFuture {
              let tls = try NIOSSLClientHandler(context: context, serverHostname: nil)
              try secure.pipeline.syncOperations.addHandlers([tls, Carrier(to: plain)])
            }
          }
          .connect(host: "127.0.0.1", port: port)
          .flatMap { secure in plain.pipeline.addHandler(Carrier(to: secure)) }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    address = .tcp(port: listener.localAddress?.port ?? 0)
  }

  /// Runs `body` with a tunnel to the server.
  static func run(to server: TestTLS, _ body: (TLSTunnel) async throws -> Void) async throws {
    let tunnel = try await TLSTunnel(to: server.port, with: server.certificates)
    do {
      try await body(tunnel)
    } catch {
      try await tunnel.stop()
      throw error
    }
    try await tunnel.stop()
  }

  private func stop() async throws {
    try await listener.close()
    try await group.shutdownGracefully()
  }
}

/// One direction of a tunnel: whatever is read is written to the other end, the end too; that of a plain
/// client's side ends its side of TLS.
private final class Carrier: ChannelInboundHandler, Sendable {
  typealias InboundIn = ByteBuffer

  private let other: any Channel

  init(to other: any Channel) { self.other = other }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    other.writeAndFlush(unwrapInboundIn(data), promise: nil)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event { other.close(mode: .output, promise: nil) }
  }

  func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
