import EdgeProof
import HTTP2
import NIOCore

/// The connections of one event loop, and the service that answers them.
final class LoopConnections {
  private var service: LoopService
  let metrics: LoopMetrics
  private let eventLoop: any EventLoop
  private let configuration: ServerConfiguration
  private let limit: ConnectionLimit
  private let pool = SessionPool()
  private var handlers: [ObjectIdentifier: ConnectionHandler] = [:]
  private(set) var isDraining = false
  /// Read batches until the next one is timed.
  private var requestCountBefore: UInt64 = 0
  private var untimedCount = Stage.sampledBatchStride

  var count: Int { handlers.count }

  init(
    _ service: consuming LoopService, on eventLoop: any EventLoop, _ configuration: ServerConfiguration,
    _ limit: ConnectionLimit
  ) {
    metrics = service.metrics
    self.service = service
    self.eventLoop = eventLoop
    self.configuration = configuration
    self.limit = limit
    scheduleRounds()
  }

  /// Counts a read of so many bytes. Returns whether its batch is timed stage by stage, up to
  /// `endBatch`.
  func beginBatch(_ byteCount: Int) -> Bool {
    metrics.count(.reads, 1)
    metrics.count(.readBytes, byteCount)
    untimedCount -= 1
    guard untimedCount == 0 else { return false }
    untimedCount = Stage.sampledBatchStride
    requestCountBefore = metrics.activity.value(at: LoopActivity.requests.rawValue)
    service.decider.timer.isOn = true
    return true
  }

  /// Ends a batch that is timed; its replies have been written, its output flushed.
  func endBatch(arrival: UInt64, writeStart: UInt64) {
    let timer = service.decider.timer
    _ = timer.lap(.write, since: writeStart)
    _ = timer.lap(.batch, since: arrival)
    service.decider.timer.isOn = false
    let requests = metrics.activity.value(at: LoopActivity.requests.rawValue)
    metrics.count(.timedReads, 1)
    metrics.count(.timedRequests, Int(requests - requestCountBefore))
  }

  /// Adds what it took to receive the bytes of a batch that is timed, `headers` of it for headers.
  func noteReceived(headers: UInt64, since arrival: UInt64) {
    let all = monotonicNanoseconds() &- arrival
    service.decider.timer.add(headers, to: .headers)
    service.decider.timer.add(all &- min(all, headers), to: .frames)
  }

  /// Answers every complete request of a session.
  func answer(_ session: ServerSession, from peer: ConnectionPeer, arrival: UInt64) {
    service.answer(session, from: peer, arrival: arrival)
  }

  /// Verifies requests by new settings from now on.
  func use(_ settings: EdgeProofSettings, _ replays: ReplayMemory?) throws {
    try service.use(settings, replays)
  }

  func makeSession() throws(HTTP2Error) -> ServerSession {
    try ServerSession(configuration.http2, pool: pool) { Door.handling(of: $0) }
  }

  /// Whether the connection may stay.
  func admit(_ handler: ConnectionHandler) -> Bool {
    guard !isDraining, limit.take() else { return false }
    handlers[ObjectIdentifier(handler)] = handler
    metrics.connectionOpened()
    return true
  }

  func forget(_ handler: ConnectionHandler) {
    guard handlers.removeValue(forKey: ObjectIdentifier(handler)) != nil else { return }
    limit.giveBack()
    metrics.connectionClosed()
  }

  func drain() {
    isDraining = true
    for handler in handlers.values { handler.drain() }
  }

  func abortAll() {
    for handler in handlers.values { handler.abort() }
  }

  /// Looks after connections on which nothing moves, once a second.
  private func scheduleRounds() {
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
      bound.value.makeRounds()
    }
  }

  private func makeRounds() {
    pool.releaseUnneeded(keptByteCount: configuration.http2.keptByteCount)
    let idle = TimeAmount.seconds(Int64(configuration.idleSeconds))
    let patience = TimeAmount.seconds(Int64(configuration.drainSeconds))
    for handler in handlers.values {
      let now = NIODeadline.now()
      if let since = handler.drainingSince {
        // One that does not end by itself after its GOAWAY is ended.
        if now - since >= patience { handler.abort() }
        continue
      }
      handler.endStalledStreams(after: configuration.streamStallSeconds)
      let rest = now - handler.lastActivity
      if configuration.idleSeconds > 0, rest >= idle { handler.drain() }
    }
  }
}
