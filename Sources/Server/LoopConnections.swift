import EdgeProof
import HTTP2
import NIOCore
import Sockets
import TLS

/// The connections of one event loop, and the service that answers them.
final class LoopConnections {
  /// It calls sessions, which call nothing.
  private let service: Pinned<LoopService>
  let metrics: LoopMetrics
  let timer: StageTimer
  private let eventLoop: any EventLoop
  private let http2: HTTP2Settings
  private let streamStallSeconds: Int
  private(set) var settings: RunningSettings
  private let limit: ConnectionLimit
  private let pool: SessionPool
  /// When sockets were asked for bytes.
  let readClock = ReadClock()
  /// What is read of TLS: BoringSSL keeps what has come of a record in part.
  let sealedReads = ReadBuffers(byteCount: sealedByteCount)
  /// LIMIT: about one of TLS's largest records. With half of it busy connections take a fifth more time.
  private static let sealedByteCount = 16 << 10
  /// LIMIT: connections beyond which half is read: many are not to keep much each, and few do not matter.
  private static let sealedCountMax = 64
  let outputs = OutputBuffers()
  /// Bytes that have come and wait for their connections' next parts of a turn.
  private(set) var unreadByteCount = 0
  /// LIMIT: of these bytes. What comes when there are more is read to its end, and answered as it is read:
  /// that takes others' time, but no memory.
  static let unreadByteCountMax = 4 << 20
  var mayPutOff: Bool { unreadByteCount < Self.unreadByteCountMax }
  let turns: LoopTurns
  private let counts: TLSCounts
  /// Whose `x-forwarded-*` headers are believed.
  private let forwardedFrom: [AddressBlock]
  /// Names in certificates of peers whose word is proof.
  private var trustedNames: [PeerNamePattern] = []
  private var handlers = ConnectionList()
  private var roundIsUnderWay = false
  private(set) var isDraining = false
  /// Requests that had been answered when the batch that is timed began.
  private var requestCountBefore: UInt64 = 0
  /// Read batches until the next one is timed.
  private var untimedCount = Stage.sampledBatchStride
  /// When the batch that is timed began.
  private var batchStart: UInt64 = 0

  /// As the list says: asked at each read, which a list that changes has to be kept from.
  private(set) var count = 0
  /// How long connections that have more to be answered may be answered before others are.
  private var turnNanoseconds = UInt64.max
  /// Streams of all connections, answered or not.
  var streamsInUse: Int { pool.streamsInUse }

  init(
    _ service: consuming LoopService, on eventLoop: any EventLoop, _ configuration: ServerConfiguration,
    _ limit: ConnectionLimit, _ counts: TLSCounts
  ) {
    metrics = service.metrics
    timer = service.decider.timer
    self.service = Pinned(service)
    self.eventLoop = eventLoop
    http2 = configuration.http2
    streamStallSeconds = configuration.streamStallSeconds
    settings = configuration.running
    forwardedFrom = configuration.forwardedFrom
    turns = LoopTurns(eventLoop)
    pool = SessionPool(byteCountMax: configuration.heldByteCountMax / configuration.loopCount)
    self.service.value.use(configuration.running)
    turnNanoseconds = configuration.running.turnNanoseconds
    self.limit = limit
    self.counts = counts
    scheduleRounds()
  }

  /// By where it comes from. O(blocks).
  func believesForwarded(by peer: ConnectionPeer) -> Bool {
    guard !peer.isLocal, let address = peer.address else { return peer.isLocal }
    return forwardedFrom.contains { $0.contains(address) }
  }

  /// Feeds a session. Returns how many bytes it has taken: all, or as many as others can wait for, or as are
  /// to be answered first.
  func receive(
    _ bytes: Span<UInt8>, _ session: ServerSession, at now: UInt64, isTimed: Bool
  ) throws(HTTP2Error) -> Int {
    let isShared = count > 1 && mayPutOff
    let turn = isShared ? turnNanoseconds : .max
    let pace = ReadingPace(since: now, turnNanoseconds: turn)
    var taken = 0
    var headers: UInt64 = 0
    repeat {
      let rest = bytes.extracting(taken...)
      taken += try isTimed
        ? session.receive(
          rest, at: now, upTo: pace.frameCount, headers: &headers, timedBy: monotonicNanoseconds)
        : session.receive(rest, at: now, upTo: pace.frameCount)
    } while taken < bytes.count && pace.goesOn(session)
    if isTimed { noteReceived(headers: headers, since: now) }
    return taken
  }

  /// Counts what a connection keeps that has not been read: these bytes behind `unread`. Returns all of it.
  func putOff(
    _ bytes: Span<UInt8>, behind unread: consuming ByteBuffer?
  ) -> ByteBuffer {
    unreadByteCount += bytes.count
    // Of its own size: the memory of a read is larger, and the loop's.
    var all = unread ?? ByteBufferAllocator().buffer(capacity: bytes.count)
    unread = nil
    // SAFETY: the raw view of the bytes is copied before the function returns.
    unsafe all.writeBytes(bytes.bytes)
    return all
  }

  /// Counts bytes that are kept no more.
  func tookUnread(_ byteCount: Int) { unreadByteCount -= byteCount }

  /// Counts a read of so many bytes, none where they were read before, that came `now`. Returns whether its
  /// batch is timed stage by stage, up to `endBatch`.
  func beginBatch(_ byteCount: Int, at now: UInt64) -> Bool {
    metrics.count(.reads, 1)
    metrics.count(.readBytes, byteCount)
    untimedCount -= 1
    guard untimedCount <= 1 else { return false }
    let isTimed = untimedCount == 0
    let asked = readClock.askedAt
    // The batch before has the next one's socket noted.
    readClock.turn(on: !isTimed)
    guard isTimed else { return false }
    untimedCount = Stage.sampledBatchStride
    requestCountBefore = metrics.activity.value(at: LoopActivity.requests.rawValue)
    timer.isOn = true
    batchStart = byteCount > 0 ? asked ?? now : now
    timer.add(now &- batchStart, to: .read)
    return true
  }

  /// Ends the batch that is timed; its replies have been written, its output flushed.
  func endBatch() {
    _ = timer.lap(.batch, since: batchStart)
    timer.isOn = false
    let requests = metrics.activity.value(at: LoopActivity.requests.rawValue)
    metrics.count(.timedReads, 1)
    metrics.count(.timedRequests, Int(requests - requestCountBefore))
  }

  /// Adds what it took to receive the bytes of a batch that is timed, `headers` of it for headers.
  private func noteReceived(headers: UInt64, since arrival: UInt64) {
    let all = monotonicNanoseconds() &- arrival
    timer.add(headers, to: .headers)
    timer.add(all &- min(all, headers), to: .frames)
  }

  /// Answers complete requests of a session, as many as its part of the loop's turn allows. Returns
  /// whether more are complete: `wait` for another turn then.
  func answer(
    _ session: ServerSession, from peer: ConnectionPeer, queuedSince: UInt64, turnStart: UInt64, now: UInt64
  ) -> Bool {
    service.value.answer(
      session, from: peer, queuedSince: queuedSince, turnStart: turnStart,
      turnNanoseconds: part(from: turnStart), now: now)
  }

  /// Answers all complete requests of a session, however long others wait.
  func answerAll(_ session: ServerSession, from peer: ConnectionPeer, queuedSince: UInt64, now: UInt64) {
    _ = service.value.answer(
      session, from: peer, queuedSince: queuedSince, turnStart: now, turnNanoseconds: .max, now: now)
  }

  /// Counts the requests whose replies have been written just now.
  func countWritten() { service.value.countWritten() }

  /// Whether a connection that has been answered since `start` has had its part of the loop's turn.
  func turnIsOver(since start: UInt64, at now: UInt64) -> Bool { now &- start > part(from: start) }

  /// How long a connection may be answered that begins at `start`; all of a turn where it is the only one.
  private func part(from start: UInt64) -> UInt64 {
    count > 1 ? turns.part(of: turnNanoseconds, from: start) : turnNanoseconds
  }

  /// Gives a connection another turn, after all that have bytes to read now.
  func wait(_ handler: ConnectionHandler) {
    metrics.overload.add(1, at: OverloadEvent.turnEnded.rawValue)
    turns.wait(handler)
  }

  /// Verifies requests by new settings from now on.
  func use(_ settings: EdgeProofSettings, _ replays: ReplayMemory?) throws {
    try service.value.use(settings, replays)
    trustedNames = settings.trustedPeerNames
    for handler in handlers.all { handler.recognize(trustedNames) }
  }

  func use(_ settings: RunningSettings) {
    self.settings = settings
    service.value.use(settings)
    turnNanoseconds = settings.turnNanoseconds
  }

  /// Refuses all requests from now on, or none for that: the process has no memory to spare.
  func refuseAll(_ refuses: Bool) {
    pool.refusesAll = refuses
    if refuses { pool.releaseUnneeded(keptByteCount: http2.keptByteCount) }
  }

  /// Counts a client that spoke TLS to a door without it.
  func refuseTLS(_ peer: SocketAddress?) { counts.refuse(.tlsOnPlainDoor, peer) }

  func makeSession(at now: UInt64) throws(HTTP2Error) -> ServerSession {
    try ServerSession(http2, pool: pool, at: now) { Door.handling(of: $0) }
  }

  /// Whether the connection may stay.
  func admit(_ handler: ConnectionHandler, from peer: SocketAddress?) -> Bool {
    guard limit.take() else {
      counts.refuse(.connectionLimit, peer)
      return false
    }
    handlers.add(handler)
    noteCount()
    handler.recognize(trustedNames)
    metrics.connectionOpened()
    return true
  }

  func forget(_ handler: ConnectionHandler) {
    guard handlers.remove(handler) else { return }
    noteCount()
    limit.giveBack()
    metrics.connectionClosed()
  }

  private func noteCount() {
    count = handlers.count
    sealedReads.byteCount = Self.sealedByteCount / (count > Self.sealedCountMax ? 2 : 1)
  }

  func drain() {
    isDraining = true
    for handler in handlers.all { handler.drain() }
  }

  func abortAll() {
    for handler in handlers.all { handler.abort() }
  }

  /// Looks after connections on which nothing moves, once a second.
  private func scheduleRounds() {
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
      bound.value.makeRounds()
    }
  }

  private func makeRounds() {
    metrics.load.set(service.value.admission.decisionNanoseconds, at: 0)
    metrics.load.set(UInt64(pool.heldByteCount), at: 1)
    pool.releaseUnneeded(keptByteCount: http2.keptByteCount)
    guard !roundIsUnderWay else { return }
    handlers.beginRound()
    makePortion()
  }

  /// LIMIT: connections that are looked after at a time. Each takes up to a microsecond, and requests
  /// wait meanwhile: ten thousand in one go are what the slowest hundredth of requests would see.
  private static let portion = 64
  private static let pause = TimeAmount.milliseconds(2)

  private func makePortion() {
    roundIsUnderWay = false
    // All in half a second, however many there are.
    for _ in 0..<max(Self.portion, count / 256) {
      guard let handler = handlers.takeNext() else { return }
      handler.makeRound(
        settings, http2, streamStallSeconds: streamStallSeconds, isDraining: isDraining)
    }
    roundIsUnderWay = true
    eventLoop.assumeIsolated().scheduleTask(in: Self.pause) { self.makePortion() }
  }
}
