import EdgeProof
import HTTP2
import NIOCore
import Signals
import Wire

/// One connection: its bytes to and from an HTTP/2 session, its requests to the loop's service.
///
/// One read may carry a hundred requests; their replies leave in one write. While the peer does not
/// read, nothing more is read from it.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// LIMIT: response bytes handed to the channel before it has to be writable again.
  private static let outputByteCount = 64 << 10

  /// LIMIT: how long a peer that has been told the end may take to end the connection itself.
  private static let lingering = TimeAmount.seconds(1)

  private let loop: LoopConnections
  private var session: ServerSession?
  private var context: ChannelHandlerContext?
  private var output = ByteBuffer()
  /// Who is at the other end.
  private var peer = ConnectionPeer.unknown
  /// When it was told to end, `nil` while it was not.
  private(set) var drainingSince: NIODeadline?
  /// Nothing more is read or said.
  private var isEnding = false
  /// When bytes last came, by the loop's clock.
  private(set) var lastActivity: NIODeadline = .now()

  init(_ loop: LoopConnections) { self.loop = loop }

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    peer = ConnectionPeer(of: context.channel)
    guard loop.admit(self) else { return context.close(promise: nil) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    loop.forget(self)
    session = nil
    self.context = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isEnding { return }
    let arrival = monotonicNanoseconds()
    let bytes = unwrapInboundIn(data)
    lastActivity = .now()
    if session == nil, HTTP1Hint.applies(to: bytes.readableBytesUInt8Span) {
      context.write(
        wrapOutboundOut(ByteBuffer(staticString: HTTP1Hint.answer)), promise: nil)
      return close(context)
    }
    do {
      let session = try self.session ?? loop.makeSession()
      self.session = session
      if loop.beginBatch(bytes.readableBytes) {
        try answerTimed(session, bytes, context, arrival: arrival)
      } else {
        try session.receive(bytes.readableBytesUInt8Span)
        loop.answer(session, from: peer, arrival: arrival)
        write(context)
      }
      if session.isFinished { close(context) }
    } catch {
      // The GOAWAY that says why, then the end.
      write(context)
      close(context)
    }
  }

  /// As any read, timed stage by stage; flushed at once, so that the socket's part is in it.
  private func answerTimed(
    _ session: ServerSession, _ bytes: ByteBuffer, _ context: ChannelHandlerContext, arrival: UInt64
  ) throws(HTTP2Error) {
    var writeStart = arrival
    defer { loop.endBatch(arrival: arrival, writeStart: writeStart) }
    let headers = try session.receive(
      bytes.readableBytesUInt8Span, timingHeadersBy: monotonicNanoseconds)
    loop.noteReceived(headers: headers, since: arrival)
    loop.answer(session, from: peer, arrival: arrival)
    writeStart = monotonicNanoseconds()
    write(context)
    context.flush()
  }

  func channelReadComplete(context: ChannelHandlerContext) { context.flush() }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable {
      write(context)
      context.flush()
      closeIfDrained(context)
    }
    _ = context.channel.setOption(.autoRead, value: context.channel.isWritable)
    context.fireChannelWritabilityChanged()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  /// Hands the session's output to the channel, as far as the channel takes it.
  private func write(_ context: ChannelHandlerContext) {
    guard let session, !isEnding, context.channel.isWritable else { return }
    var hasMore = true
    while hasMore, context.channel.isWritable {
      output.clear()
      hasMore = session.takeOutput(upTo: Self.outputByteCount) { bytes in
        // SAFETY: the raw view of the bytes is copied before the closure returns.
        unsafe output.writeBytes(bytes.bytes)
      }
      if output.readableBytes > 0 {
        loop.metrics.count(.writtenBytes, output.readableBytes)
        context.write(wrapOutboundOut(output), promise: nil)
      }
      if session.hasRequests {
        // Replies have left, and streams that waited for that go on.
        loop.answer(session, from: peer, arrival: monotonicNanoseconds())
        hasMore = true
      }
    }
    closeIfDrained(context)
  }

  /// Resets streams that have been stuck for so many seconds; to be called every second.
  func endStalledStreams(after seconds: Int) {
    guard let context, let session, session.endStalledStreams(after: seconds) else { return }
    write(context)
    context.flush()
  }

  /// Ends the connection behind what has been written. What the peer still sends is thrown away:
  /// were it left unread, the kernel would throw away what the peer has not received yet.
  private func close(_ context: ChannelHandlerContext) {
    guard !isEnding else { return }
    isEnding = true
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenComplete { _ in self.finishOutput() }
    context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
  }

  private func finishOutput() {
    guard let context else { return }
    context.close(mode: .output, promise: nil)
    context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingering) { self.abort() }
  }

  // MARK: Draining

  /// Tells the peer that no new request will be answered, and ends when the last one is.
  func drain() {
    guard drainingSince == nil else { return }
    drainingSince = .now()
    guard let context else { return }
    guard let session else { return close(context) }
    session.shutDown()
    loop.answer(session, from: peer, arrival: monotonicNanoseconds())
    write(context)
    context.flush()
  }

  private func closeIfDrained(_ context: ChannelHandlerContext) {
    guard drainingSince != nil, let session, session.openStreamCount == 0 else { return }
    close(context)
  }

  /// Ends the connection now.
  func abort() { context?.close(promise: nil) }
}

extension ConnectionPeer {
  /// Who is at the other end of a channel. A peer on a unix socket has no name.
  fileprivate init(of channel: any Channel) {
    if channel.localAddress?.protocol == .unix {
      self = .local
    } else {
      let text = Array((channel.remoteAddress?.ipAddress ?? "").utf8)
      self.init(address: parseAddress(text.span, ByteRange(offset: 0, count: text.count)))
    }
  }
}
