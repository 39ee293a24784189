import HTTP2
import NIOCore
import Sockets

/// How a connection lingers whose server has ended its side.
struct Lingering {
  /// LIMIT: how long a peer that has been told the end may take to end the connection itself, or to say that
  /// it is at work.
  static let period = TimeAmount.seconds(1)
  /// LIMIT: so many periods while its kernel has not got all: six times as long as a server gives all to end.
  private static let countMax = 60
  /// LIMIT: so many once it has, while the peer says something: half as long as a server gives all to end.
  private static let heardCountMax = 5

  /// The peer did what it must not.
  var isForOffence = false
  /// It has sent something since this was asked last.
  var hasHeard = false
  private var count = 0

  /// Whether another period is due. To be asked behind each.
  mutating func goesOn(unsentByteCount: Int) -> Bool {
    count += 1
    defer { hasHeard = false }
    if isForOffence { return false }
    return unsentByteCount > 0 ? count < Self.countMax : hasHeard && count < Self.heardCountMax
  }
}

/// The end of a connection that loses no reply.
extension ConnectionHandler {
  /// Ends the connection behind what has been written. What the peer still sends is thrown away:
  /// were it left unread, the kernel would throw away what the peer has not received yet.
  func close(_ context: ChannelHandlerContext) {
    guard !isEnding else { return }
    isEnding = true
    progress = OutputProgress()
    if let offence = session?.offence {
      loop.metrics.countOffence(offence)
      lingering.isForOffence = true
    }
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
  func lookAtEnd(at now: UInt64, _ settings: HTTP2Settings) {
    let count = unsentByteCount
    if progress.isStalled(
      isWaiting: count > 0, sentByteCount: UInt64(Int.max - count), at: now, settings)
    {
      abort()
    }
  }

  /// Ends the connection now.
  func abort() { context?.close(promise: nil) }
}
