import HTTP2
import NIOCore
import Sockets

/// The end of a connection that loses no reply.
extension ConnectionHandler {
  /// Ends the connection behind what has been written. What the peer still sends is thrown away:
  /// were it left unread, the kernel would throw away what the peer has not received yet.
  func close(_ context: ChannelHandlerContext) {
    guard !isEnding else { return }
    isEnding = true
    if let offence = session?.offence { loop.metrics.countOffence(offence) }
    lingering.isShort = session.map { $0.offence != nil } ?? true
    // Not for as long as the peer takes to end its side: it may hold some hundred streams.
    session = nil
    _ = takeUnread()
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenComplete { _ in self.finishOutput() }
    context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
  }

  private func finishOutput() {
    guard let context else { return }
    context.close(mode: .output, promise: nil)
    // Where the peer has ended its side too, that was all.
    if self.context != nil { linger(context.eventLoop) }
  }

  /// A peer that takes its replies late opens windows meanwhile. Was the socket closed by then, the kernel
  /// would answer that by a reset, and throw away what it has not sent (RFC 9112 9.6).
  private func linger(_ eventLoop: any EventLoop) {
    eventLoop.assumeIsolated().scheduleTask(in: Lingering.period) {
      guard self.context != nil else { return }
      if self.lingering.goesOn(unsentByteCount: self.unsentByteCount) {
        self.linger(eventLoop)
      } else {
        self.abort()
      }
    }
  }

  private var unsentByteCount: Int { socket?.unsentByteCount ?? 0 }

  /// Ends the connection if its peer does not take the rest, not even the end. To be called every second.
  func lookAtEnd(_ settings: HTTP2Settings) {
    if lingering.isOver(unsentByteCount: unsentByteCount, settings) { abort() }
  }

  /// Ends the connection now.
  func abort() { context?.close(promise: nil) }
}
