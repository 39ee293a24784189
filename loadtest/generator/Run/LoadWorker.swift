import NIOCore
import NIOPosix
import Wire

/// One thread of the generator: its connections, what it sends next, what it has counted.
///
/// Not thread-safe: it lives on its event loop.
final class LoadWorker {
  /// Sooner than this a timer's wake-up is too late: the loop looks at the clock instead.
  private static let spinNanoseconds: UInt64 = 200_000

  private let loop: any EventLoop
  private let plan: LoadPlan
  private let pool: MessagePool
  private var checker: ReplyChecker
  private var connections: [LoadConnection] = []
  private var nextMessage: Int
  private var nextConnection = 0
  private var arrivals: Arrivals?
  private var isPumping = false
  /// Of an open loop.
  private var nextLook: NextLook?

  private var tally = Tally()
  private var measureStart: UInt64 = 0
  private var measureEnd: UInt64 = .max
  private var lastSend: UInt64 = 0
  private var isOver = false
  private let done: EventLoopPromise<Tally>

  init(
    _ plan: LoadPlan, pool: MessagePool, templates: [Scenario.Template], number: Int,
    loop: any EventLoop
  ) {
    self.plan = plan
    self.pool = pool
    self.loop = loop
    checker = ReplyChecker(templates)
    nextMessage = number * pool.messages.count / max(1, plan.loops)
    done = loop.makePromise()
  }

  /// Ends when all is answered, or with the first failure.
  var outcome: EventLoopFuture<Tally> { done.futureResult }

  /// The replies that came in the measured time so far.
  var progress: Int { tally.replies }

  func add(_ connection: LoadConnection) { connections.append(connection) }

  /// What an open loop needs to look at the clock and at its sockets in turns.
  func openNextLook() -> EventLoopFuture<Void> {
    NextLook.open(on: loop) { [weak self] in self?.pumpAgain() }.map { self.nextLook = $0.value }
  }

  // MARK: Time

  /// Sends from `start` on; measures from `measureStart` to `measureEnd`, in nanoseconds of uptime.
  func run(arrivals: Arrivals?, measureStart: UInt64, measureEnd: UInt64) {
    self.arrivals = arrivals
    self.measureStart = measureStart
    self.measureEnd = measureEnd
    let scheduled = loop.assumeIsolated()
    scheduled.scheduleTask(deadline: .uptimeNanoseconds(measureEnd)) { self.finishIfIdle() }
    let last = NIODeadline.uptimeNanoseconds(measureEnd + drainNanoseconds)
    scheduled.scheduleTask(deadline: last) { self.stopSending() }
    if arrivals == nil {
      for connection in connections {
        refill(connection)
        connection.flush()
      }
    } else {
      pump()
    }
  }

  func fail(_ failure: LoadFailure) {
    guard !isOver else { return }
    isOver = true
    letGo()
    done.fail(failure)
  }

  private func finishIfIdle() {
    let now = NIODeadline.now().uptimeNanoseconds
    guard !isOver, now >= measureEnd, (arrivals?.next ?? .max) >= measureEnd,
      connections.allSatisfy({ $0.session.openCount == 0 })
    else { return }
    finish()
  }

  private var drainNanoseconds: UInt64 { UInt64(plan.drainSeconds * 1e9) }

  /// What could not be sent by now counts with its age: it took at least so long. What was sent late has
  /// as long for its reply as what was sent in time.
  private func stopSending() {
    guard !isOver else { return }
    let now = NIODeadline.now().uptimeNanoseconds
    while let next = arrivals?.next, next < measureEnd {
      if next >= measureStart {
        tally.unsent += 1
        tally.record(now - min(now, next))
      }
      arrivals?.advance()
    }
    finishIfIdle()
    let last = NIODeadline.uptimeNanoseconds(max(measureEnd, lastSend) + drainNanoseconds)
    loop.assumeIsolated().scheduleTask(deadline: last) { self.finish() }
  }

  /// What has no reply by now never gets one, whenever it was asked.
  private func finish() {
    guard !isOver else { return }
    isOver = true
    let now = NIODeadline.now().uptimeNanoseconds
    for connection in connections {
      let open = connection.session.exchanges.filter { $0.stream != 0 }
      tally.missing.add(open.map(\.intended), now)
    }
    tally.streams = connections.map(\.session.streamCountMax).min()
    tally.versions = checker.versions
    letGo()
    done.succeed(tally)
  }

  /// Of those who know it.
  private func letGo() {
    connections = []
    nextLook = nil
  }

  // MARK: Sending

  /// Closed loop: as many as fit. Open loop: what has become due.
  func refill(_ connection: LoadConnection) {
    guard !isOver, measureStart > 0 else { return }
    guard arrivals == nil else { return pump() }
    guard connection.session.freeCount > 0 else { return }
    let now = NIODeadline.now().uptimeNanoseconds
    guard now < measureEnd else { return finishIfIdle() }
    lastSend = now
    while connection.session.freeCount > 0, !isOver { send(on: connection, intended: now) }
  }

  /// Sends all requests that are due and for which a stream is free, then waits for the next one's
  /// time. Where no stream is free the next reply calls again; latency goes on counting meanwhile.
  private func pump() {
    guard !isOver, var next = arrivals?.next else { return }
    var now = NIODeadline.now().uptimeNanoseconds
    while next < measureEnd, next <= now, !isOver {
      guard let connection = nextFree() else { return flushAll() }
      lastSend = now
      send(on: connection, intended: next)
      arrivals?.advance()
      next = arrivals?.next ?? .max
    }
    flushAll()
    guard next < measureEnd else { return finishIfIdle() }
    guard !isPumping else { return }
    isPumping = true
    now = NIODeadline.now().uptimeNanoseconds
    if next <= now + Self.spinNanoseconds, let nextLook {
      nextLook.ask()
    } else {
      let wake = NIODeadline.uptimeNanoseconds(next - Self.spinNanoseconds / 2)
      loop.assumeIsolated().scheduleTask(deadline: wake) { self.pumpAgain() }
    }
  }

  private func pumpAgain() {
    isPumping = false
    pump()
  }

  /// Sends one request, before the load begins.
  func ask(_ connection: LoadConnection) {
    send(on: connection, intended: NIODeadline.now().uptimeNanoseconds)
  }

  private func nextFree() -> LoadConnection? {
    for _ in connections.indices {
      nextConnection = (nextConnection + 1) % connections.count
      if connections[nextConnection].session.freeCount > 0 { return connections[nextConnection] }
    }
    return nil
  }

  private func send(on connection: LoadConnection, intended: UInt64) {
    let index = nextMessage
    nextMessage = nextMessage + 1 == pool.messages.count ? 0 : nextMessage + 1
    do throws(LoadSession.Fault) {
      try connection.session.send(pool.messages[index], index: index, intended: intended)
    } catch {
      fail(.broken(error.description))
    }
  }

  private func flushAll() {
    for connection in connections { connection.flush() }
  }

  // MARK: Replies

  /// Counts the replies that a read has ended; `now` is when it was made.
  func take(_ connection: LoadConnection, at now: UInt64) {
    let session = connection.session
    if let reset = session.resets.first {
      return fail(.broken("the server reset a stream, HTTP/2 error \(reset.code)"))
    }
    for place in session.ended {
      let replyByteCount = session.exchanges[place].reply.count
      let unreadable = decompressReply(at: place, of: session)
      let exchange = session.exchanges[place]
      if let complaint = unreadable ?? complaint(about: exchange) {
        var sent = exchange.body
        try? session.compressor.decompress(&sent, .request)
        return fail(.wrong(complaint, sent: sent, got: exchange.reply))
      }
      let isInTime = measureStart > 0 && now >= measureStart && now < measureEnd
      if isInTime { tally.count(requestByteCount: exchange.body.count, replyByteCount: replyByteCount) }
      // A closed loop measures replies that come in time, an open one requests that are due in time.
      let isMeasured =
        arrivals == nil
        ? isInTime : exchange.intended >= measureStart && exchange.intended < measureEnd
      if isMeasured { tally.record(now - min(now, exchange.intended)) }
      session.release(place)
    }
    session.ended.removeAll(keepingCapacity: true)
    if session.isGoingAway { return fail(.broken("the server says that it stops")) }
    if now >= measureEnd { finishIfIdle() }
  }

  /// What is wrong with a reply's compression. There may be none where messages are plain.
  private func decompressReply(at place: Int, of session: LoadSession) -> String? {
    guard plan.compresses, plan.check == .verdicts else { return nil }
    do throws(WireError) {
      try session.compressor.decompress(&session.exchanges[place].reply, .reply)
      return nil
    } catch {
      return "no readable reply: \(error.code) at byte \(error.offset)"
    }
  }

  private func complaint(about exchange: Exchange) -> String? {
    guard plan.check == .verdicts else {
      return exchange.isOK ? nil : "the status was not 200"
    }
    return checker.complaint(about: exchange, to: pool.messages[exchange.message])
  }
}
