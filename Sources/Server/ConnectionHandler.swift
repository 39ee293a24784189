import EdgeProof
import HTTP2
import NIOCore
import Signals
import Sockets
import TLS
import Wire

/// One connection: its bytes to and from an HTTP/2 session, its requests to the loop's service.
///
/// One read may carry a hundred requests; their replies leave in one write. While the peer does not
/// read, nothing more is read from it.
final class ConnectionHandler: ChannelInboundHandler, SocketReader {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// LIMIT: response bytes handed to the channel before it has to be writable again.
  static let outputByteCount = 64 << 10

  let loop: LoopConnections
  /// Where it is among its loop's connections.
  var place: Int?
  var session: ServerSession?
  private(set) var context: ChannelHandlerContext?
  /// Takes bytes without the pipeline. `nil` where the channel is no socket.
  var socket: SocketChannel?
  /// The channel has bytes that it has not been told to send.
  var hasUnflushed = false
  /// Whether the channel takes more bytes, as it says itself.
  var isWritable = true
  /// Whether the channel reads.
  private var isReading = true
  /// The loop's buffer that was handed to the channel last, until the channel has done with it.
  var output: ByteBuffer?
  /// Who is at the other end.
  private var peer = ConnectionPeer.unknown
  /// What TLS knows of the peer; `nil` on a door without it.
  var admitted: PeerAdmitted?
  /// When the peer is to be told to connect anew; `nil` for never.
  var ends: NIODeadline? { admitted?.ends }
  /// When it was told to end, `nil` while it was not.
  var drainingSince: NIODeadline?
  /// Nothing more is read or said.
  var isEnding = false
  /// How long it lingers then.
  var lingering = Lingering()
  /// The peer has ended its side: nothing more comes, and no window is opened any more.
  private var inputHasEnded = false
  /// The peer was told that the end comes.
  var hasAnnouncedEnd = false
  /// The peer knows which of its requests is the last to be answered.
  var hasNamedLastRequest = false
  /// When the loop's turn began in which the bytes were read whose requests are being answered.
  private var queuedSince: UInt64 = 0
  /// Requests are complete, or bytes are unread, that wait for the connection's next part of a turn.
  private var isWaiting = false
  /// What has come and is yet to be read, where reading it all would have kept others waiting.
  private var unread: ByteBuffer?
  /// When the last of it came, in nanoseconds.
  private var unreadArrival: UInt64 = 0
  /// Requests are complete that wait for the peer to take earlier replies.
  private var isHeldBack = false
  /// When bytes last came, in nanoseconds of the monotonic clock.
  private(set) var lastActivity = monotonicNanoseconds()
  /// Nothing is under way: until bytes come, there is nothing to look after but how long that takes.
  private(set) var isResting = false
  /// When it began, in nanoseconds of the monotonic clock.
  let start = monotonicNanoseconds()
  /// Since when has been read what the peer sends, in nanoseconds: nothing is while the channel is
  /// not writable.
  private(set) var readingSince: UInt64 = 0
  /// How the peer gets on with what it has to take.
  var progress = OutputProgress()

  init(_ loop: LoopConnections) { self.loop = loop }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let admitted = event as? PeerAdmitted { self.admitted = admitted }
    if case ChannelEvent.inputClosed = event {
      inputHasEnded = true
      closeIfAnswered(context)
    }
    context.fireUserInboundEventTriggered(event)
  }

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    isWritable = context.channel.isWritable
    peer = ConnectionPeer(of: context.channel)
    peer.mayForward = admitted?.hasCertificate ?? false || loop.believesForwarded(by: peer)
    guard loop.admit(self, from: context.channel.remoteAddress) else { return context.close(promise: nil) }
    socket = context.channel as? SocketChannel
    if admitted == nil { socket?.hand(to: self) }
    // Else the channel would close at once, with what waits for another turn unread and unanswered.
    try? context.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
    // It was waiting to be accepted when the end came: what it has sent is answered.
    if loop.isDraining { drain() }
  }

  /// Takes the peer's word for proof where its certificate has one of the names.
  func recognize(_ trustedNames: [PeerNamePattern]) {
    peer.hasTrustedName = trustedNames.match(admitted?.names ?? [])
  }

  func channelInactive(context: ChannelHandlerContext) {
    loop.forget(self)
    socket?.hand(to: nil)
    socket = nil
    self.context = nil
    // What is unread is still read, by `goOn`: an offence counts where nobody is there to be told as well.
    if unread != nil, session != nil, !isEnding { return }
    _ = takeUnread()
    session = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    receive(context, bytes.readableBytesUInt8Span)
  }

  func receive(_ bytes: Span<UInt8>) {
    guard let context else { return }
    receive(context, bytes)
    flush(context)
  }

  private func receive(_ context: ChannelHandlerContext, _ bytes: Span<UInt8>) {
    if isEnding { return lingering.hear(bytes.count) }
    let now = monotonicNanoseconds()
    lastActivity = now
    isResting = false
    if session == nil, !isOfHTTP2(context, bytes) { return }
    let turnStart = loop.turns.start(now: now, only: loop.count == 1)
    let arrival = loop.turns.arrival(in: turnStart, now: now) { socket?.receiveAge }
    // TLS gives what one read has brought in parts, and who is gone is read to the end.
    guard unread == nil else {
      unreadArrival = arrival
      return putOff(bytes)
    }
    // What is read while requests wait has come after them, and is answered after them.
    if !isWaiting, !isHeldBack { queuedSince = turnStart }
    read(context, bytes, from: arrival, at: now, isRest: false)
  }

  /// Whether the first bytes may be HTTP/2's; else the peer is told what speaks here.
  private func isOfHTTP2(_ context: ChannelHandlerContext, _ bytes: Span<UInt8>) -> Bool {
    if admitted == nil, TLSHello.applies(to: bytes) { loop.refuseTLS(context.channel.remoteAddress) }
    guard HTTP1Hint.applies(to: bytes) else { return true }
    context.write(wrapOutboundOut(ByteBuffer(staticString: HTTP1Hint.answer)), promise: nil)
    close(context)
    return false
  }

  /// Reads bytes as far as the connection's part of a turn allows, and answers what is complete.
  /// They came at `arrival`; `isRest` says that it was before, with others that have been read.
  private func read(
    _ context: ChannelHandlerContext, _ bytes: Span<UInt8>, from arrival: UInt64, at now: UInt64, isRest: Bool
  ) {
    do {
      let session = try self.session ?? loop.makeSession(at: now)
      self.session = session
      let isTimed = loop.beginBatch(isRest ? 0 : bytes.count, at: now)
      defer { if isTimed { loop.endBatch() } }
      session.arrival = arrival
      var isWritten = false
      try session.lend(bytes) { lent throws(HTTP2Error) in
        var count = try loop.receive(lent, session, at: now, isTimed: isTimed)
        while count < lent.count, !loop.mayPutOff {
          loop.answerAll(session, from: peer, queuedSince: queuedSince, now: now)
          write(context)
          count += try loop.receive(lent.extracting(count...), session, at: now, isTimed: isTimed)
        }
        if count < lent.count {
          unreadArrival = arrival
          putOff(lent.extracting(count...))
        }
        if !isWaiting {
          serve(context, session, now: now)
          isWritten = true
        }
      }
      if unread != nil, !isWaiting { wait(context) }
      if drainingSince != nil {
        goOnDraining(context, session)
        isWritten = false
      }
      if !isWritten { write(context) }
      // At once, so that the socket's part is in it.
      if isTimed { flushTimed(context) }
      if session.isFinished { close(context) }
      if session.isExhausted { drain() }
    } catch {
      // The GOAWAY that says why, then the end.
      write(context)
      close(context)
    }
  }

  /// Flushes what was written, as a part of the batch that is timed.
  private func flushTimed(_ context: ChannelHandlerContext) {
    let start = loop.timer.start()
    flush(context)
    _ = loop.timer.lap(.write, since: start)
  }

  func channelReadComplete(context: ChannelHandlerContext) { flush(context) }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    isWritable = context.channel.isWritable
    if isWritable {
      readingSince = monotonicNanoseconds()
      write(context)
      if let session, isHeldBack || session.hasRequest, !isWaiting, !isEnding {
        // Before, the loop could not have answered.
        queuedSince = readingSince
        serve(context, session, now: readingSince)
      }
      flush(context)
      if let session, session.isFinished { close(context) }
      closeIfDrained(context)
      closeIfAnswered(context)
    }
    setReading(context)
    context.fireChannelWritabilityChanged()
  }

  // MARK: Turns

  /// Answers what has come: as much as the connection's part of a turn allows, and as fast as the peer
  /// takes the answers. Replies beyond what may wait for it are not made before it has taken others.
  private func serve(_ context: ChannelHandlerContext, _ session: ServerSession, now: UInt64) {
    var time = now
    while true {
      isWaiting = loop.answer(
        session, from: peer, queuedSince: queuedSince, turnStart: now, now: time)
      write(context)
      guard !isWaiting, session.hasRequest, isWritable else { break }
      // The peer has taken replies just now: before, the loop could not have answered.
      time = monotonicNanoseconds()
      queuedSince = time
      isWaiting = loop.turnIsOver(since: now, at: time)
      if isWaiting { break }
    }
    isHeldBack = session.isWaiting
    if isWaiting { wait(context) }
  }

  /// Reads nothing more before the connection has had another part of a turn.
  private func wait(_ context: ChannelHandlerContext) {
    isWaiting = true
    setReading(context)
    loop.wait(self)
  }

  /// Answers streams that were handed out again though nothing has come on them.
  func goOnWithStreams(_ context: ChannelHandlerContext, _ session: ServerSession) {
    guard session.hasRequest, !isWaiting, !isEnding else { return }
    let now = monotonicNanoseconds()
    if !isHeldBack { queuedSince = now }
    serve(context, session, now: now)
  }

  /// Keeps what has not been read, behind what is kept already.
  private func putOff(_ bytes: Span<UInt8>) {
    // Only theirs meanwhile, so that it is not copied. By `take()` each look at it would be guarded.
    let kept = unread
    unread = nil
    unread = loop.putOff(bytes, behind: consume kept)
  }

  /// Takes what is kept, to be read.
  func takeUnread() -> ByteBuffer? {
    guard let kept = unread else { return nil }
    unread = nil
    loop.tookUnread(kept.readableBytes)
    return kept
  }

  /// Answers more of what has waited while others had their turn.
  func goOn() {
    isWaiting = false
    let rest = takeUnread()
    guard let session, !isEnding else {
      // It has ended meanwhile. What its peer still sends is read, to be thrown away.
      if let context { setReading(context) }
      return
    }
    guard let context else { return readLast(rest, session) }
    let now = monotonicNanoseconds()
    if let rest {
      read(context, rest.readableBytesUInt8Span, from: unreadArrival, at: now, isRest: true)
    } else {
      serve(context, session, now: now)
    }
    setReading(context)
    write(context)
    flush(context)
    if session.isFinished { close(context) }
    closeIfAnswered(context)
  }

  /// Reads what a peer has left that is gone, some of it in each turn. Nobody is answered.
  private func readLast(_ rest: ByteBuffer?, _ session: ServerSession) {
    self.session = nil
    guard let rest else { return }
    do {
      let count = try session.receive(
        rest.readableBytesUInt8Span, at: monotonicNanoseconds(), upTo: ReadingPace.frameCountMax)
      guard count < rest.readableBytes else { return }
      self.session = session
      putOff(rest.readableBytesUInt8Span.extracting(count...))
      loop.wait(self)
    } catch {
      if let offence = session.offence { loop.metrics.countOffence(offence) }
    }
  }

  /// Ends the connection of a peer that has ended its side, once all it asked for is answered or, for want
  /// of windows, never will be.
  private func closeIfAnswered(_ context: ChannelHandlerContext) {
    guard inputHasEnded, !isEnding else { return }
    if let session {
      // Those whose replies have left meanwhile.
      goOnWithStreams(context, session)
      flush(context)
    }
    if !isWaiting, !isEnding, isWritable { close(context) }
  }

  /// Reads nothing more while the peer does not read, or while what it has sent waits.
  private func setReading(_ context: ChannelHandlerContext) {
    let reads = isWritable && !isWaiting
    guard reads != isReading else { return }
    isReading = reads
    try? context.channel.syncOptions?.setOption(.autoRead, value: reads)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  /// Gives back what only a connection at work needs. For one that has not sent anything for a while.
  func rest() {
    returnOutput()
    guard context != nil, let session else { return }
    session.rest()
    isResting = session.isIdle && isWritable
  }

  /// Resets streams that have been stuck for so many seconds; to be called every second.
  func endStalledStreams(after seconds: Int) {
    // While nothing can be written nothing is read, and no stream can move: `OutputProgress` judges that.
    guard let context, isWritable, let session else { return }
    let ended = session.endStalledStreams(after: seconds)
    if ended.isEmpty { return }
    loop.metrics.countOffence(.slowBody, UInt64(ended.unfinishedCount))
    loop.metrics.countOffence(.stalledOutput, UInt64(ended.unreadCount))
    write(context)
    goOnWithStreams(context, session)
    flush(context)
  }
}
