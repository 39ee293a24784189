import HTTP2
import NIOCore
import NIOSSL
import NIOTLS
import Wire

/// One connection: a socket's bytes into a session and back, its events to the dispatcher.
///
/// Lives on the dispatcher's event loop, as everything it touches.
final class Connection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// LIMIT: bytes written at a time; a socket buffer takes about as much.
  private static let writeByteCount = 64 << 10

  let session: ClientSession
  private let dispatcher: Dispatcher
  private var context: ChannelHandlerContext?
  private var flushIsScheduled = false
  private var isReported = false
  private var isRetired = false
  /// The stream that calls share.
  private var messages: MessageStream?
  private var sharedStreamCount: UInt64 = 0
  /// The server has no door for one.
  private var sharingIsRefused = false
  private var lastByteReceived = NIODeadline.now()
  private var probeIsOut = false
  /// Why it ended, where more is known than that it did.
  private(set) var endReason: String?
  /// It was not the server's good-bye: count it as a failed attempt.
  private(set) var endedBadly = false

  init(dispatcher: Dispatcher) throws {
    session = try ClientSession()
    self.dispatcher = dispatcher
  }

  // MARK: From the dispatcher

  /// Sends a call's message; on the shared stream, where there is one and it `mayShare`. Returns the
  /// call's own stream otherwise. How it ends, the dispatcher hears.
  func send(_ call: Call, mayShare: Bool) -> ClientStream? {
    if mayShare, let messages = sharedStream(), messages.hasRoom(for: call) {
      messages.send(call)
      scheduleFlush()
      return nil
    }
    let stream = session.submit(dispatcher.head, body: call.message, tag: call.id)
    scheduleFlush()
    return stream
  }

  private func sharedStream() -> MessageStream? {
    if let messages { return messages }
    guard let head = dispatcher.streamHead, !sharingIsRefused else { return nil }
    sharedStreamCount += 1
    let made = MessageStream(
      session, head, number: sharedStreamCount, callCountMax: dispatcher.callCountMax)
    messages = made
    return made
  }

  func cancel(_ stream: ClientStream) {
    session.cancel(stream)
    scheduleFlush()
  }

  /// Says good-bye and closes once nothing is under way.
  func retire() {
    guard !isRetired else { return }
    isRetired = true
    messages?.finish()
    session.shutDown()
    scheduleFlush()
  }

  /// Closes the connection unless the server gives a sign of life within `timeout`.
  func probe(timeout: TimeAmount) {
    guard !probeIsOut, let context else { return }
    probeIsOut = true
    let start = NIODeadline.now()
    session.ping()
    scheduleFlush()
    context.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
      self.probeIsOut = false
      guard self.lastByteReceived < start else { return }
      self.end("the server gives no sign of life", badly: true)
    }
  }

  // MARK: From the socket

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func channelActive(context: ChannelHandlerContext) { flush() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    lastByteReceived = .now()
    let bytes = unwrapInboundIn(data)
    do {
      try session.receive(bytes.readableBytesUInt8Span)
    } catch {
      end("\(error)", badly: true)
    }
    report()
  }

  func channelReadComplete(context: ChannelHandlerContext) { flush() }

  func channelInactive(context: ChannelHandlerContext) {
    self.context = nil
    session.drain()
    report()
    dispatcher.ended(self)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // Over TLS, an end that was not announced: as a plain connection that was closed.
    let isEnd = error as? NIOSSLError == .uncleanShutdown
    end(connectionText(of: error), badly: !isEnd)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case TLSUserEvent.handshakeCompleted(let negotiated) = event, negotiated != "h2" else { return }
    end("the server does not speak http/2 over tls", badly: true)
  }

  // MARK: Between them

  private func end(_ reason: String, badly: Bool) {
    if endReason == nil { endReason = reason }
    endedBadly = endedBadly || badly
    context?.close(promise: nil)
  }

  private func report() {
    if session.isEstablished, !isReported {
      isReported = true
      dispatcher.established()
    }
    if session.isDraining {
      messages?.finish()
      dispatcher.drains(self)
    }
    while let event = session.takeEvent() {
      if event.tag >= MessageStream.tagMin { handleShared(event) } else { dispatcher.handle(event) }
    }
  }

  private func handleShared(_ event: ClientEvent) {
    guard let messages, messages.tag == event.tag else { return }
    for (id, response) in messages.receive(event) { dispatcher.answered(id, response) }
    guard let end = messages.end else { return }
    // Calls go to the next stream from here on.
    self.messages = nil
    let unanswered = messages.unansweredCalls
    switch end {
    case .notProcessed: unanswered.forEach(dispatcher.askAgain)
    case .refused:
      sharingIsRefused = true
      unanswered.forEach(dispatcher.askAgain)
    case .broken(let reason): for id in unanswered { dispatcher.lost(id, reason) }
    }
  }

  /// Calls that come in one turn of the loop leave in one write.
  private func scheduleFlush() {
    guard !flushIsScheduled, let context else { return }
    flushIsScheduled = true
    context.eventLoop.assumeIsolated().execute {
      self.flushIsScheduled = false
      self.flush()
    }
  }

  private func flush() {
    guard let context else { return }
    var mayBeMore = true
    while mayBeMore {
      var buffer = context.channel.allocator.buffer(capacity: 1024)
      mayBeMore = session.takeOutput(upTo: Self.writeByteCount) { bytes in
        // SAFETY: the bytes are copied before `writeBytes` returns.
        unsafe buffer.writeBytes(bytes.bytes)
      }
      if buffer.readableBytes > 0 { context.write(wrapOutboundOut(buffer), promise: nil) }
    }
    context.flush()
    report()
    if session.isOutOfMemory {
      end("\(HTTP2Error.outOfMemory)", badly: true)
    } else if session.isBroken {
      end("the server does not speak http/2 as it must", badly: true)
    } else if session.isFinished || (session.isDraining && session.requestCount == 0) {
      context.close(promise: nil)
    }
  }
}
