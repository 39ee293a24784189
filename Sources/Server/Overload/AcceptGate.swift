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
/// channel and has another one opened later: see `Listener`.
final class AcceptGate: ChannelDuplexHandler {
  typealias InboundIn = Channel
  typealias OutboundIn = Channel

  /// LIMIT: a pause is shorter than a client's patience, and so long that twenty looks a second are
  /// nothing to a loop.
  private static let pause = TimeAmount.milliseconds(50)

  private let limit: ConnectionLimit
  private let descriptors: DescriptorBudget
  private let metrics: LoopMetrics
  private let listener: Listener
  private var pausesUntil: NIODeadline?
  private var isWaiting = false

  /// `metrics` belong to the loop that accepts.
  init(
    _ listener: Listener, _ limit: ConnectionLimit, _ descriptors: DescriptorBudget,
    _ metrics: LoopMetrics
  ) {
    self.listener = listener
    self.limit = limit
    self.descriptors = descriptors
    self.metrics = metrics
  }

  func read(context: ChannelHandlerContext) {
    guard !isWaiting else { return }
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

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch (error as? IOError)?.errnoCode {
    case EMFILE, ENFILE, ENOBUFS, ENOMEM:
      metrics.overload.add(1, at: OverloadEvent.acceptPaused.rawValue)
      context.close(promise: nil)
      listener.reopen()
    default: context.fireErrorCaught(error)
    }
  }
}
