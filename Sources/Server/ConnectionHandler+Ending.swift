import HTTP2
import NIOCore
import Sockets

/// How long a connection lingers that is to end.
struct Lingering {
  /// LIMIT: how long a peer that has been told the end may take to end the connection itself, or to say that
  /// it is at work.
  static let period = TimeAmount.seconds(1)
  /// LIMIT: so many seconds at most, whatever the peer takes: six times as long as a server gives all to end.
  private static let roundsMax = 60
  /// LIMIT: so many periods while the peer's kernel has all and the peer says something: half as long as a
  /// server gives all to end.
  private static let heardPeriodsMax = 5
  /// LIMIT: seconds without progress where the settings know no patience.
  private static let patience = 2
  /// LIMIT: bytes that are read to be thrown away. Who opens windows and cancels sends far fewer.
  private static let heardBytesMax = 1 << 20

  /// There is nothing that the peer could miss, or it did what it must not.
  var isShort = false
  private var heardByteCount = 0
  private var hasHeard = false
  private var heardPeriods = 0
  /// Bytes that were yet to be taken when the peer last did as it must, and rounds since then.
  private var unsentByteCount = Int.max
  private var stalledRounds = 0
  private var rounds = 0

  /// Bytes have come, and are thrown away.
  mutating func hear(_ byteCount: Int) {
    hasHeard = true
    heardByteCount += byteCount
    if heardByteCount > Self.heardBytesMax { isShort = true }
  }

  /// Whether another period is due. To be asked behind each, once the kernel has been given all.
  mutating func goesOn(unsentByteCount: Int) -> Bool {
    if isShort { return false }
    if unsentByteCount > 0 { return true }
    heardPeriods += 1
    defer { hasHeard = false }
    return hasHeard && heardPeriods < Self.heardPeriodsMax
  }

  /// Whether the peer has not taken what it must in the time that `settings` give it, or has had all the time
  /// there is. To be asked every second.
  mutating func isOver(unsentByteCount count: Int, _ settings: HTTP2Settings) -> Bool {
    rounds += 1
    stalledRounds += 1
    // What counts the bytes may count them as more, once the kernel has them.
    if !isShort, unsentByteCount != .max, unsentByteCount - count >= max(1, settings.stallByteCount) {
      stalledRounds = 0
    }
    if stalledRounds == 0 || unsentByteCount == .max { unsentByteCount = count }
    return rounds >= Self.roundsMax
      || stalledRounds >= (settings.stallSeconds > 0 ? settings.stallSeconds : Self.patience)
  }
}

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
