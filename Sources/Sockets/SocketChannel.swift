import CEpoll
import Glibc
import NIOCore
import Synchronization

/// A connection's socket, as a channel of SwiftNIO: its handlers are told what comes, in their pipeline.
///
/// Of NIO's options it has `autoRead` and `allowRemoteHalfClosure`.
public final class SocketChannel: EventSource, Channel, ChannelCore, @unchecked Sendable {
  // SAFETY of `@unchecked`: but for constants, what others may ask is atomic, and the rest is used on the
  // loop's thread.

  /// LIMIT: bytes to be written above which a channel takes no more, and below which it does again: NIO's.
  private static let writableBytes = (low: 32 << 10, high: 64 << 10)

  private let loop: SocketLoop
  private var handlers: ChannelPipeline?
  private let closePromise: EventLoopPromise<Void>
  public let remoteAddress: SocketAddress?
  private let room: any ReadRoom
  private let clock: ReadClock
  private var reader: (any SocketReader)?
  private let opened = Atomic(false)
  private let writable = Atomic(true)
  /// What the kernel was told to look at.
  private var wanted: Epoll.Events = []
  private var isClosed = false
  var readsItself = true {
    didSet {
      readIsDue = false
      look()
    }
  }
  /// One read was asked for, where the channel does not read by itself.
  private var readIsDue = false
  var allowsHalfClosure = false
  private var inputHasEnded = false
  private var outputHasEnded = false
  /// Kept when the output that is pending has been sent and the peer told its end.
  private var outputEnd: (isDue: Bool, promise: EventLoopPromise<Void>?) = (false, nil)
  private var pending = PendingWrites()
  /// Nothing is pending.
  private var hasWritten = true
  private var isSending = false

  /// Takes over the descriptor. On the loop's thread; `open` makes it a channel that reads.
  ///
  /// - Parameters:
  ///   - room: for what its pipeline reads.
  ///   - clock: is told when the socket is asked.
  public init(
    _ descriptor: CInt, from peer: SocketAddress?, on loop: SocketLoop, into room: any ReadRoom,
    _ clock: ReadClock
  ) {
    self.loop = loop
    self.room = room
    self.clock = clock
    remoteAddress = peer
    closePromise = loop.makePromise(of: Void.self)
    super.init(descriptor: descriptor)
    handlers = ChannelPipeline(channel: self)
  }

  /// Tells the handlers that the connection is there, and reads from now on. Throws where the kernel does not
  /// look at it: then it is to be closed.
  public func open() throws {
    guard !isClosed else { return }
    wanted = due
    try loop.add(self, for: wanted)
    // Replies go when they are made.
    if let peer = remoteAddress, peer.protocol != .unix { SocketCalls.setNoDelay(descriptor) }
    opened.store(true, ordering: .relaxed)
    pipeline.syncOperations.fireChannelRegistered()
    pipeline.syncOperations.fireChannelActive()
  }

  // MARK: Channel

  public var eventLoop: any EventLoop { loop }
  public var allocator: ByteBufferAllocator { ByteBufferAllocator() }
  public var closeFuture: EventLoopFuture<Void> { closePromise.futureResult }
  public var pipeline: ChannelPipeline { handlers! }
  /// On the loop's thread; elsewhere the descriptor might be another's already.
  public var localAddress: SocketAddress? {
    loop.inEventLoop && !isClosed ? SocketAddress(boundTo: descriptor) : nil
  }
  public var parent: (any Channel)? { nil }
  public var isWritable: Bool { writable.load(ordering: .relaxed) }
  public var isActive: Bool { opened.load(ordering: .relaxed) }
  public var _channelCore: any ChannelCore { self }
  public var syncOptions: (any NIOSynchronousChannelOptions)? { SocketChannelOptions(channel: self) }

  // MARK: Reading

  /// Has somebody take what is read, in place of the pipeline; `nil` for the pipeline again, which has to be
  /// said when the channel closes.
  public func hand(to reader: (any SocketReader)?) { self.reader = reader }

  override func ready(_ events: Epoll.Events) {
    if !events.isDisjoint(with: .hangUp) { return hangUp() }
    if events.contains(.output) { sendPending() }
    if isClosed { return }
    if events.contains(.input), reads { read() }
  }

  private var reads: Bool { (readsItself || readIsDue) && !inputHasEnded }

  /// The peer is gone, or the socket has failed: what has come is read, be it wanted or not, since nothing
  /// would tell that it is there. No more: who takes nothing on a unix socket may go on sending.
  private func hangUp() {
    var left = Int(postern_unread_byte_count(descriptor))
    while !isClosed, !inputHasEnded {
      let count = read()
      left -= count
      if count == 0 || left < 0 { break }
    }
    guard !isClosed else { return }
    let error = SocketCalls.error(of: descriptor)
    let reason = IOError(errnoCode: error == 0 ? ECONNRESET : error, reason: "socket")
    close0(error: reason, mode: .all, promise: nil)
  }

  /// Reads once, and tells who takes it. Returns how many bytes have come.
  @discardableResult
  private func read() -> Int {
    clock.note()
    let result =
      if let reader {
        loop.readMemory.read(descriptor) {
          if readIsDue { keepRead() }
          reader.receive($0)
        }
      } else {
        readForPipeline()
      }
    switch result {
    case .done(let count) where count > 0: return count
    case .done: endInput()
    case .wouldBlock: break
    case .failed(let code):
      let error = IOError(errnoCode: code, reason: "recv")
      if code != ECONNRESET { pipeline.syncOperations.fireErrorCaught(error) }
      close0(error: error, mode: .all, promise: nil)
    }
    return 0
  }

  private func readForPipeline() -> SocketResult {
    var buffer = room.take()
    var result = SocketResult.wouldBlock
    _ = unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 1) { room in
      // SAFETY: the buffer is told how many bytes have been written to it.
      result = unsafe SocketCalls.receive(descriptor, into: room)
      return if case .done(let count) = result { count } else { 0 }
    }
    guard buffer.readableBytes > 0 else {
      room.giveBack(buffer)
      return result
    }
    if readIsDue { keepRead() }
    pipeline.syncOperations.fireChannelRead(NIOAny(buffer))
    if !isClosed { pipeline.syncOperations.fireChannelReadComplete() }
    return result
  }

  /// Bytes have come that were asked for.
  private func keepRead() {
    readIsDue = false
    look()
  }

  private func endInput() {
    guard allowsHalfClosure, !outputHasEnded else {
      return close0(error: ChannelError.eof, mode: .all, promise: nil)
    }
    inputHasEnded = true
    look()
    pipeline.syncOperations.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
  }

  /// What the kernel is to look at.
  private var due: Epoll.Events {
    var events: Epoll.Events = reads ? .input : []
    if pending.hasFlushed { events.insert(.output) }
    return events
  }

  /// Tells the kernel what to look at, where that has changed.
  private func look() {
    guard isActive, due != wanted else { return }
    wanted = due
    do {
      try loop.change(self, to: wanted)
    } catch {
      close0(error: error, mode: .all, promise: nil)
    }
  }

  public func read0() {
    guard !readsItself else { return }
    readIsDue = true
    look()
  }

  // MARK: Writing

  /// Writes the first bytes at once; returns how many the socket has taken: none where it would have to wait,
  /// where others wait before them, and where it is broken, which `flush` finds out.
  public func writeNow(_ bytes: Span<UInt8>) -> Int {
    guard hasWritten, isActive, !outputHasEnded else { return 0 }
    // SAFETY: the bytes are there for the call.
    let result = unsafe bytes.withUnsafeBytes { unsafe SocketCalls.send(descriptor, $0) }
    return if case .done(let count) = result { count } else { 0 }
  }

  public func write0(_ data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard !isClosed else { return promise?.fail(ChannelError.ioOnClosedChannel) ?? () }
    guard !outputHasEnded, !outputEnd.isDue else { return promise?.fail(ChannelError.outputClosed) ?? () }
    pending.append(unwrapData(data, as: ByteBuffer.self), promise)
    hasWritten = false
    guard pending.byteCount > Self.writableBytes.high, isWritable else { return }
    writable.store(false, ordering: .relaxed)
    pipeline.syncOperations.fireChannelWritabilityChanged()
  }

  public func flush0() {
    guard !isClosed else { return }
    pending.markFlushed()
    // Not from within a promise that is kept while others are sent: it goes on by itself.
    if !isSending, !wanted.contains(.output) { sendPending() }
  }

  private func sendPending() {
    isSending = true
    var isBlocked = false
    repeat {
      while pending.hasFlushed, !isBlocked {
        let bytes = pending.next
        // SAFETY: the bytes are there for the call.
        let result = unsafe bytes.withUnsafeReadableBytes {
          unsafe $0.isEmpty ? .done(0) : unsafe SocketCalls.send(descriptor, $0)
        }
        switch result {
        case .done(let count):
          let taken = pending.take(count)
          if taken.isWhole { taken.promise?.succeed() }
          if isClosed { return }
        case .wouldBlock: isBlocked = true
        case .failed(let code): return breakOutput(IOError(errnoCode: code, reason: "send"))
        }
      }
      hasWritten = pending.isEmpty
      // Whoever hears that writes more: here, so that the next round sends it, not a call within this one.
      if !isWritable, pending.byteCount < Self.writableBytes.low {
        writable.store(true, ordering: .relaxed)
        pipeline.syncOperations.fireChannelWritabilityChanged()
        if isClosed { return }
      }
    } while pending.hasFlushed && !isBlocked
    isSending = false
    hasWritten = pending.isEmpty
    look()
    if !isClosed, outputEnd.isDue, pending.isEmpty { endOutput() }
  }

  /// Nothing can be written any more. What has come is still read, in a turn of its own: somebody may be
  /// looking at some of it now.
  private func breakOutput(_ error: IOError) {
    isSending = false
    outputHasEnded = true
    hasWritten = false
    let broken = pending.removeAll()
    for promise in broken { promise.fail(error) }
    outputEnd.promise?.fail(error)
    outputEnd = (false, nil)
    if isClosed { return }
    look()
    loop.execute { if !self.isClosed { self.hangUp() } }
  }

  // MARK: Closing

  public func close0(error: any Error, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    guard !isClosed else { return promise?.fail(ChannelError.alreadyClosed) ?? () }
    switch mode {
    case .all: closeAll(error, promise)
    case .output:
      guard !outputHasEnded, !outputEnd.isDue else { return promise?.fail(ChannelError.outputClosed) ?? () }
      outputEnd = (true, promise)
      if pending.isEmpty { endOutput() }
    case .input: promise?.fail(ChannelError.operationUnsupported)
    }
  }

  private func endOutput() {
    let promise = outputEnd.promise
    outputEnd = (false, nil)
    outputHasEnded = true
    do {
      try SocketCalls.shutDownOutput(descriptor)
    } catch {
      promise?.fail(error)
      return close0(error: error, mode: .all, promise: nil)
    }
    promise?.succeed()
    guard !isClosed else { return }
    if inputHasEnded { return close0(error: ChannelError.eof, mode: .all, promise: nil) }
    pipeline.syncOperations.fireUserInboundEventTriggered(ChannelEvent.outputClosed)
  }

  private func closeAll(_ error: any Error, _ promise: EventLoopPromise<Void>?) {
    isClosed = true
    hasWritten = false
    let wasOpen = opened.exchange(false, ordering: .relaxed)
    loop.remove(self)
    SocketCalls.close(descriptor)
    let broken = pending.removeAll()
    for promise in broken { promise.fail(error) }
    outputEnd.promise?.fail(error)
    outputEnd = (false, nil)
    promise?.succeed()
    if wasOpen {
      pipeline.syncOperations.fireChannelInactive()
      pipeline.syncOperations.fireChannelUnregistered()
    }
    // Later: a handler may be on its way through the pipeline.
    loop.execute {
      self.removeHandlers(pipeline: self.pipeline)
      self.closePromise.succeed()
    }
  }

  override func abandon() { close0(error: ChannelError.ioOnClosedChannel, mode: .all, promise: nil) }

  // MARK: ChannelCore

  public func localAddress0() throws -> SocketAddress {
    guard let localAddress else { throw ChannelError.operationUnsupported }
    return localAddress
  }

  public func remoteAddress0() throws -> SocketAddress {
    guard let remoteAddress else { throw ChannelError.operationUnsupported }
    return remoteAddress
  }

  public func register0(promise: EventLoopPromise<Void>?) { promise?.fail(ChannelError.operationUnsupported) }

  public func bind0(to: SocketAddress, promise: EventLoopPromise<Void>?) {
    promise?.fail(ChannelError.operationUnsupported)
  }

  public func connect0(to: SocketAddress, promise: EventLoopPromise<Void>?) {
    promise?.fail(ChannelError.operationUnsupported)
  }

  public func triggerUserOutboundEvent0(_ event: Any, promise: EventLoopPromise<Void>?) {
    promise?.fail(ChannelError.operationUnsupported)
  }

  /// What no handler has taken.
  public func channelRead0(_ data: NIOAny) {}

  public func errorCaught0(error: any Error) {}

  // MARK: What the kernel knows

  /// Who opened the connection, where it is a unix socket's, as the kernel saw it then (`SO_PEERCRED`,
  /// unix(7)).
  public var peerCredentials: (process: Int32, user: UInt32, group: UInt32)? {
    var peer = postern_credentials()
    // SAFETY: the credentials are ours.
    guard !isClosed, unsafe postern_peer_credentials(descriptor, &peer) == 0 else { return nil }
    return (peer.process, peer.user, peer.group)
  }

  /// How many bytes have been written that the peer has not got, nor its kernel.
  public var unsentByteCount: Int {
    isClosed ? 0 : pending.byteCount + Int(postern_unsent_byte_count(descriptor))
  }

  /// How many nanoseconds ago the kernel had the last bytes of the connection, to the millisecond; `nil`
  /// where it does not say: of a unix socket.
  public var receiveAge: UInt64? {
    guard isActive else { return nil }
    var info = tcp_info()
    var byteCount = socklen_t(MemoryLayout<tcp_info>.size)
    // SAFETY: the call writes no more bytes than it is told there is room for.
    let status = unsafe getsockopt(descriptor, CInt(IPPROTO_TCP), TCP_INFO, &info, &byteCount)
    return status == 0 ? UInt64(info.tcpi_last_data_recv) * 1_000_000 : nil
  }
}
