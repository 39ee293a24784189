import NIOCore

/// One connection of a worker, on the worker's event loop.
final class LoadConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  let session: LoadSession
  /// Lets go of its connections when it is over.
  private let worker: LoadWorker
  private var context: ChannelHandlerContext?
  /// Fulfilled when the server's settings have come.
  private var ready: EventLoopPromise<Void>?

  init(_ session: LoadSession, worker: LoadWorker, ready: EventLoopPromise<Void>) {
    self.session = session
    self.worker = worker
    self.ready = ready
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { flush() }
  }

  func channelActive(context: ChannelHandlerContext) { flush() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    let now = NIODeadline.now().uptimeNanoseconds
    do throws(LoadSession.Fault) {
      try session.receive(bytes.readableBytesUInt8Span)
    } catch {
      return fail(error.description)
    }
    if session.isReady, let ready {
      self.ready = nil
      ready.succeed()
    }
    worker.take(self, at: now)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    worker.refill(self)
    flush()
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.context = nil
    fail("the server closed the connection")
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail("\(error)")
    context.close(promise: nil)
  }

  private func fail(_ text: String) {
    if let ready {
      self.ready = nil
      ready.fail(LoadFailure.unreachable(text))
    }
    worker.fail(.broken(text))
  }

  /// Writes what the session has for the socket, in one piece.
  func flush() {
    if session.sharesStream { session.writeMessages() }
    guard let context, session.output.readableBytes > 0 else { return }
    context.writeAndFlush(wrapOutboundOut(session.output), promise: nil)
    // Keeps the memory when the socket has taken everything, as it mostly has.
    session.output.clear()
  }

  func close() { context?.close(promise: nil) }
}
