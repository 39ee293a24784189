import NIOCore

/// One connection of a worker, on the worker's event loop.
final class LoadConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  let session: LoadSession
  /// Lets go of its connections when it is over.
  private let worker: LoadWorker
  private var context: ChannelHandlerContext?
  /// Fulfilled when the server's settings have come, and its reply where one is asked for.
  private var ready: EventLoopPromise<Void>?
  /// It asks once and is idle from then on.
  private let isIdle: Bool
  private var hasAsked = false

  init(_ session: LoadSession, worker: LoadWorker, isIdle: Bool, ready: EventLoopPromise<Void>) {
    self.session = session
    self.isIdle = isIdle
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
    worker.take(self, at: now)
    if let ready { becomeReady(ready) }
  }

  private func becomeReady(_ ready: EventLoopPromise<Void>) {
    guard session.isReady else { return }
    if isIdle, !hasAsked {
      hasAsked = true
      return worker.ask(self)
    }
    guard session.openCount == 0 else { return }
    self.ready = nil
    ready.succeed()
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if !isIdle { worker.refill(self) }
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
