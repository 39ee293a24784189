import Glibc
import NIOCore
import Synchronization

@testable import Sockets

/// Two connected sockets: one with a loop's channel, the other ours, which blocks.
///
/// SAFETY, for all of it: the calls are told how many bytes there are.
final class SocketPair: Sendable {
  let loop: SocketLoop
  let channel: SocketChannel
  let log: EventLog
  private let own: CInt
  private let isClosed = Atomic(false)

  /// Runs `body` with a channel, which has been opened where it does not do that itself.
  static func run(
    halfClosure: Bool = false, isOpen: Bool = true, _ body: (SocketPair) async throws -> Void
  ) async throws {
    let loop = try SocketLoop.start(name: "test loop")
    do {
      let pair = try await SocketPair(loop, halfClosure: halfClosure, isOpen: isOpen)
      try await body(pair)
      pair.close()
    } catch {
      try await loop.shutdownGracefully()
      throw error
    }
    try await loop.shutdownGracefully()
  }

  private init(_ loop: SocketLoop, halfClosure: Bool, isOpen: Bool) async throws {
    var pair: [CInt] = [0, 0]
    guard unsafe socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
      throw IOError(errnoCode: errno, reason: "socketpair")
    }
    let theirs = pair[1]
    own = pair[0]
    try SocketCalls.setNonBlocking(theirs)
    self.loop = loop
    let log = EventLog()
    self.log = log
    channel = try await loop.submit {
      let channel = SocketChannel(theirs, from: nil, on: loop, into: Room(), ReadClock())
      try channel.pipeline.syncOperations.addHandler(log)
      try channel.syncOptions!.setOption(.allowRemoteHalfClosure, value: halfClosure)
      if isOpen { try channel.open() }
      return channel
    }.get()
  }

  /// Runs on the loop's thread.
  func onLoop<T: Sendable>(_ body: @escaping @Sendable (SocketChannel) throws -> T) async throws -> T {
    try await loop.submit { try body(self.channel) }.get()
  }

  /// Returns whether the other side is there.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool { unsafe Glibc.send(own, bytes, bytes.count, CInt(MSG_NOSIGNAL)) > 0 }

  /// So many bytes, or fewer where the other side ends.
  func receive(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      var chunk = [UInt8](repeating: 0, count: min(1 << 16, count - bytes.count))
      let received = unsafe recv(own, &chunk, chunk.count, 0)
      guard received > 0 else { break }
      bytes += chunk.prefix(received)
    }
    return bytes
  }

  func endOutput() { shutdown(own, CInt(SHUT_WR)) }

  /// What the other side sends is refused from now on.
  func endInput() { shutdown(own, CInt(SHUT_RD)) }

  func close() {
    if !isClosed.exchange(true, ordering: .relaxed) { _ = Glibc.close(own) }
  }

  /// Waits until the loop's side has seen as much.
  func wait(until isDone: @escaping @Sendable (EventLog) -> Bool) async throws {
    for _ in 0..<20_000 {
      if try await loop.submit({ isDone(self.log) }).get() { return }
      try await Task.sleep(for: .milliseconds(1))
    }
    throw Timeout(events: try await loop.submit { self.log.events }.get())
  }

  struct Timeout: Error { let events: [String] }

  private final class Room: ReadRoom {
    func take() -> ByteBuffer { ByteBufferAllocator().buffer(capacity: 4096) }
    func giveBack(_ buffer: ByteBuffer) {}
  }
}

/// What a channel tells its handlers. Used on the loop's thread.
final class EventLog: ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer

  private(set) var events: [String] = []
  private(set) var bytes: [UInt8] = []
  /// What is written for each read, and each time that there is room again.
  var answer: [UInt8] = []
  var refillCount = 0
  /// Calls of this handler within one another, at most.
  private(set) var depthMax = 0
  private var depth = 0

  func channelRegistered(context: ChannelHandlerContext) { events.append("registered") }
  func channelUnregistered(context: ChannelHandlerContext) { events.append("unregistered") }
  func channelActive(context: ChannelHandlerContext) { events.append("active") }
  func channelInactive(context: ChannelHandlerContext) { events.append("inactive") }
  func handlerRemoved(context: ChannelHandlerContext) { events.append("removed") }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    bytes += unwrapInboundIn(data).readableBytesView
    if !answer.isEmpty { context.writeAndFlush(NIOAny(ByteBuffer(bytes: answer)), promise: nil) }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    depth += 1
    depthMax = max(depthMax, depth)
    defer { depth -= 1 }
    events.append(context.channel.isWritable ? "writable" : "full")
    guard context.channel.isWritable, refillCount > 0 else { return }
    refillCount -= 1
    context.writeAndFlush(NIOAny(ByteBuffer(bytes: answer)), promise: nil)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) { events.append("\(event)") }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { events.append("error") }
}
