import NIOCore
import NIOEmbedded
import NIOSSL
import NIOTLS

/// A client's side of TLS, without a socket. Not thread-safe.
final class Seal {
  struct NoHandshake: Error, CustomStringConvertible {
    var description: String { "the server ended the connection within the handshake of TLS" }
  }

  private final class HandshakeWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    var isDone = false

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      if case TLSUserEvent.handshakeCompleted = event { isDone = true }
      context.fireUserInboundEventTriggered(event)
    }
  }

  private let channel: EmbeddedChannel
  private let watch = HandshakeWatch()
  private var wasCut = false

  init(_ context: NIOSSLContext) throws {
    let tls = try NIOSSLClientHandler(context: context, serverHostname: nil)
    channel = EmbeddedChannel(handlers: [tls, watch])
    channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
  }

  /// Whether the handshake is over.
  var isOpen: Bool { watch.isDone }

  /// The server has ended the connection: with TLS's word for it, or with none.
  var hasEnded: Bool { wasCut || !channel.isActive }

  /// Never waits: that would be for a handshake, or an end, that nobody brings.
  func write(_ bytes: ArraySlice<UInt8>) {
    if !hasEnded { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }
  }

  /// All that is to be sent.
  func takeSealed() -> [UInt8] { take(channel.readOutbound) ?? [] }

  /// Takes in what the socket had; empty at its end.
  func read(_ bytes: [UInt8]) {
    if bytes.isEmpty {
      wasCut = true
    } else if !hasEnded {
      // Its errors end the channel.
      _ = try? channel.writeInbound(ByteBuffer(bytes: bytes))
    }
  }

  /// All that has been read; empty at the end, `nil` where more of the socket's bytes are needed.
  func takeOpened() -> [UInt8]? { take(channel.readInbound) ?? (hasEnded ? [] : nil) }

  private func take(_ next: (ByteBuffer.Type) throws -> ByteBuffer?) -> [UInt8]? {
    var bytes: [UInt8]?
    while let buffer = try? next(ByteBuffer.self) {
      guard buffer.readableBytes > 0 else { continue }
      bytes = (bytes ?? []) + Array(buffer.readableBytesView)
    }
    return bytes
  }
}
