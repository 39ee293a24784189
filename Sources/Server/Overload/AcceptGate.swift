import NIOCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Stops accepting while descriptors are short, before there are none: who wants in waits in the
/// kernel's queue, which costs no descriptor, and the loop looks again a few times a second.
///
/// Where the kernel refuses all the same (the limit of the whole machine, no memory) it closes the
/// channel, and another one is opened later: see `Listener`.
///
/// It closes the channel only when every connection that was accepted is set up on its own loop: NIO
/// closes those that are not, and whoever sits behind one has lost a request.
final class AcceptGate: ChannelDuplexHandler {
  typealias InboundIn = Channel
  typealias OutboundIn = Channel

  /// LIMIT: a pause is shorter than a client's patience, and so long that twenty looks a second are
  /// nothing to a loop.
  private static let pause = TimeAmount.milliseconds(50)

  private let limit: ConnectionLimit
  private let descriptors: DescriptorBudget
  private let metrics: LoopMetrics
  private var pausesUntil: NIODeadline?
  private var isWaiting = false
  /// Connections that are being set up on other loops.
  private var underWay = 0
  private var isClosing = false
  private var whenClosed: EventLoopPromise<Void>?

  /// `metrics` belong to the loop that accepts.
  init(
    _ limit: ConnectionLimit, _ descriptors: DescriptorBudget, _ metrics: LoopMetrics
  ) {
    self.limit = limit
    self.descriptors = descriptors
    self.metrics = metrics
  }

  func read(context: ChannelHandlerContext) {
    guard !isWaiting, !isClosing else { return }
    if pausesUntil == nil, limit.openCount >= descriptors.connectionCountMax {
      pausesUntil = .now() + Self.pause
      metrics.overload.add(1, at: OverloadEvent.acceptPaused.rawValue)
    }
    guard let pausesUntil else { return context.read() }
    isWaiting = true
    context.eventLoop.assumeIsolated().scheduleTask(deadline: pausesUntil) {
      self.isWaiting = false
      self.pausesUntil = nil
      self.read(context: context)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let child = unwrapInboundIn(data).eventLoop
    context.fireChannelRead(data)
    guard child !== context.eventLoop else { return }
    underWay += 1
    let loop = context.eventLoop
    let bound = NIOLoopBound((self, context), eventLoop: loop)
    // There and back behind the setting up, which goes the same way.
    child.execute { loop.execute { bound.value.0.isSetUp(bound.value.1) } }
  }

  private func isSetUp(_ context: ChannelHandlerContext) {
    underWay -= 1
    if isClosing, underWay == 0 { context.close(promise: whenClosed) }
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    guard !isClosing else {
      context.channel.closeFuture.cascade(to: promise)
      return
    }
    isClosing = true
    guard underWay > 0 else { return context.close(mode: mode, promise: promise) }
    whenClosed = promise
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch (error as? IOError)?.errnoCode {
    case EMFILE, ENFILE, ENOBUFS, ENOMEM:
      // Once: it may be refused again until the channel is closed.
      guard !isClosing else { return }
      metrics.overload.add(1, at: OverloadEvent.acceptPaused.rawValue)
      close(context: context, mode: .all, promise: nil)
    default: context.fireErrorCaught(error)
    }
  }
}
