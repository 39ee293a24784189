import NIOCore
import NIOEmbedded

/// The kernel's side of a connection: takes what the server writes as far as there is room, and hands
/// it to the client when the world wants so.
final class SimulatedSocket: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  struct Broken: Error {}

  private let highWatermark: Int
  private let clock: WorldClock
  private var context: ChannelHandlerContext?
  private var unflushed: [UInt8] = []
  private var flushed: [UInt8] = []
  private var writtenCount = 0
  private var takenCount = 0
  private var promises: [(end: Int, promise: EventLoopPromise<Void>)] = []
  /// From now on every write fails, as on a connection that the peer has reset.
  var isBroken = false
  private(set) var isOutputClosed = false

  /// How many bytes had been written when, in order: of what the client does not have yet.
  private var writes: [(end: Int, time: UInt64)] = []

  init(highWatermark: Int, clock: WorldClock) {
    self.highWatermark = highWatermark
    self.clock = clock
  }

  /// When the server wrote the last of the bytes that `take` has returned, but for so many.
  func writeTime(beforeLast count: Int) -> UInt64 {
    let place = takenCount - count
    return writes.first { $0.end >= place }?.time ?? clock.now
  }

  /// Nobody will ask for bytes that the client has read to their end, but for so many.
  func forgetWrites(beforeLast count: Int) { writes.removeAll { $0.end < takenCount - count } }

  var pendingCount: Int { flushed.count }

  private var channel: EmbeddedChannel { context!.channel as! EmbeddedChannel }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    failPromises()
    self.context = nil
  }

  func channelInactive(context: ChannelHandlerContext) {
    failPromises()
    context.fireChannelInactive()
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard !isBroken, context.channel.isActive else {
      promise?.fail(Broken())
      // As NIO does: a failed write is the end of the connection.
      if isBroken { context.close(promise: nil) }
      return
    }
    let bytes = unwrapOutboundIn(data).readableBytesView
    unflushed += bytes
    writtenCount += bytes.count
    writes.append((writtenCount, clock.now))
    if let promise { promises.append((writtenCount, promise)) }
    if writtenCount - takenCount > highWatermark, channel.isWritable {
      channel.isWritable = false
      context.fireChannelWritabilityChanged()
    }
  }

  func flush(context: ChannelHandlerContext) {
    flushed += unflushed
    unflushed.removeAll()
    settlePromises()
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    guard mode == .output else { return context.close(mode: mode, promise: promise) }
    isOutputClosed = true
    promise?.succeed(())
  }

  /// Hands the client up to `count` bytes; the server may then write again.
  func take(_ count: Int) -> [UInt8] {
    let bytes = Array(flushed.prefix(count))
    flushed.removeFirst(bytes.count)
    takenCount += bytes.count
    settlePromises()
    if let context, context.channel.isActive, !channel.isWritable,
      writtenCount - takenCount <= highWatermark / 2
    {
      channel.isWritable = true
      context.fireChannelWritabilityChanged()
    }
    return bytes
  }

  /// A write is done when the client's side has it.
  private func settlePromises() {
    while let first = promises.first, first.end <= takenCount {
      promises.removeFirst()
      first.promise.succeed(())
    }
  }

  private func failPromises() {
    let failed = promises
    promises.removeAll()
    for (_, promise) in failed { promise.fail(ChannelError.ioOnClosedChannel) }
  }
}
