import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import PosternClient
import Synchronization

/// Carries a plan out: connects, warms up, measures, waits for the last replies.
public struct LoadRun {
  /// LIMIT: a server that is there answers a connection at once.
  private static let connectSeconds: Int64 = 5
  /// Connections that are opened at the same time: a listen queue holds 128 and more.
  private static let connectCount = 100

  private let plan: LoadPlan
  private let pool: MessagePool
  private let scenario: Scenario
  private let server: Int32?

  /// `server` is the process whose CPU time is measured.
  public init(_ plan: LoadPlan, _ scenario: Scenario, pool: MessagePool, server: Int32?) {
    self.plan = plan
    self.scenario = scenario
    self.pool = pool
    self.server = server
  }

  /// Blocks until it is over. `progress` is called now and then with the share that has passed and
  /// the replies so far; `tick` with the seconds since the load began, for what happens besides.
  public func run(
    progress: (Double, Int) -> Void = { _, _ in }, tick: (Double) throws -> Void = { _ in }
  ) throws -> LoadResult {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: plan.loops)
    defer { try? group.syncShutdownGracefully() }
    let workers = try makeWorkers(group)
    try connect(plan.connections, to: workers, isActive: true)
    let idleByteCount = try connectIdle(to: workers)
    // Time for all loops to begin together.
    let start = NIODeadline.now().uptimeNanoseconds + 5_000_000
    let measureStart = start + UInt64(plan.warmUpSeconds * 1e9)
    let measureEnd = measureStart + UInt64(plan.seconds * 1e9)
    let outcomes = workers.enumerated().map { number, worker in
      let arrivals = arrivals(from: start, number: number)
      return worker.eventLoop.flatSubmit {
        worker.value.run(arrivals: arrivals, measureStart: measureStart, measureEnd: measureEnd)
        return worker.value.outcome
      }
    }
    let total = EventLoopFuture.whenAllSucceed(outcomes, on: group.any())
    let over = Over()
    total.whenComplete { _ in over.flag.store(true, ordering: .sequentiallyConsistent) }
    let clock = Clock(start: start, measureStart: measureStart, measureEnd: measureEnd)
    let usage = try watch(workers, clock, over, progress, tick)
    var tally = Tally()
    for part in try total.wait() { tally.add(part) }
    guard tally.missing.count == 0 else {
      throw LoadFailure.missing(tally.missing, waitedSeconds: plan.drainSeconds)
    }
    return LoadResult(
      plan: plan, batch: pool.batch, tally: tally, usage: usage,
      idleByteCount: idleByteCount)
  }

  /// Returns by how many bytes the server has grown, once its new connections rest.
  private func connectIdle(to workers: [Worker]) throws -> Int? {
    guard plan.idleConnections > 0 else { return nil }
    let before = server.flatMap { ServerUsage(of: $0) }?.residentByteCount
    try connect(plan.idleConnections, to: workers, isActive: false)
    Thread.sleep(forTimeInterval: plan.restSeconds)
    let after = server.flatMap { ServerUsage(of: $0) }?.residentByteCount
    return before.flatMap { before in after.map { $0 - before } }
  }

  private struct Clock {
    var start, measureStart, measureEnd: UInt64
  }

  private final class Over: Sendable {
    let flag = Atomic(false)
  }

  private func arrivals(from start: UInt64, number: Int) -> Arrivals? {
    guard case .rate(let perSecond, let kind) = plan.pace else { return nil }
    return Arrivals(
      kind, perSecond: perSecond / Double(plan.loops), start: start,
      phase: Double(number) / Double(plan.loops), seed: plan.seed &+ UInt64(number))
  }

  /// Waits, and reads what the server has used at both ends of the measured time.
  private func watch(
    _ workers: [Worker], _ clock: Clock, _ over: Over, _ progress: (Double, Int) -> Void,
    _ tick: (Double) throws -> Void
  ) throws -> LoadResult.Usage? {
    var before: LoadResult.Instant?
    var after: LoadResult.Instant?
    var shownAt: UInt64 = 0
    while !over.flag.load(ordering: .sequentiallyConsistent) {
      let now = NIODeadline.now().uptimeNanoseconds
      if now >= clock.measureStart, before == nil { before = LoadResult.Instant(server) }
      if now >= clock.measureEnd, after == nil { after = LoadResult.Instant(server) }
      if now >= clock.start, now < clock.measureEnd { try tick(Double(now - clock.start) / 1e9) }
      if now > shownAt + 500_000_000 {
        shownAt = now
        let share = Double(now - min(now, clock.start)) / Double(clock.measureEnd - clock.start)
        let replies = try workers.reduce(0) { sum, worker in
          sum + (try worker.eventLoop.submit { worker.value.progress }.wait())
        }
        progress(min(1, share), replies)
      }
      // To the next end of the measured time, and not far beyond it.
      let target = now < clock.measureStart ? clock.measureStart : clock.measureEnd
      let wait = now < target ? min(target - now, 20_000_000) : 5_000_000
      Thread.sleep(forTimeInterval: Double(wait) / 1e9)
    }
    // It may have been over before this thread looked.
    return before.map { LoadResult.Usage(from: $0, to: after ?? LoadResult.Instant(server)) }
  }

  // MARK: Connecting

  private typealias Worker = NIOLoopBound<LoadWorker>

  private func makeWorkers(_ group: MultiThreadedEventLoopGroup) throws -> [Worker] {
    let (plan, pool, templates) = (plan, pool, scenario.templates)
    return try (0..<plan.loops).map { number in
      let loop = group.next()
      let worker = try loop.submit {
        NIOLoopBound(
          LoadWorker(plan, pool: pool, templates: templates, number: number, loop: loop),
          eventLoop: loop)
      }.wait()
      if case .rate = plan.pace { try loop.flatSubmit { worker.value.openNextLook() }.wait() }
      return worker
    }
  }

  /// Connects so many, a hundred at a time, and waits until the server has greeted each.
  private func connect(_ count: Int, to workers: [Worker], isActive: Bool) throws {
    let tls = try tlsContext()
    for start in stride(from: 0, to: count, by: Self.connectCount) {
      let batch = (start..<min(count, start + Self.connectCount)).map { number in
        connect(workers[number % workers.count], tls, isActive: isActive)
      }
      for future in batch { try future.wait() }
    }
  }

  /// What every connection of an `https://` plan speaks by; `nil` for others.
  private func tlsContext() throws -> NIOSSLContext? {
    guard case .tls = plan.endpoint else { return nil }
    do {
      return try ClientTLS(plan.tls).context()
    } catch {
      throw LoadFailure.unreachable("\(error)")
    }
  }

  private func connect(
    _ worker: Worker, _ tls: NIOSSLContext?, isActive: Bool
  ) -> EventLoopFuture<Void> {
    let plan = plan
    let loop = worker.eventLoop
    let ready = loop.makePromise(of: Void.self)
    let bootstrap = ClientBootstrap(group: loop)
      .connectTimeout(.seconds(Self.connectSeconds))
      .channelOption(.socketOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls, case .tls(let host, _) = plan.endpoint {
            let handler = try ClientTLS.makeHandler(tls, host: host)
            try channel.pipeline.syncOperations.addHandler(handler)
          }
          let block = RequestBlock(
            authority: plan.endpoint.authority, path: plan.path, contentType: LoadPlan.contentType,
            isSecure: tls != nil)
          let session = LoadSession(
            block, streamCount: isActive ? plan.streams : 1, sharesStream: plan.sharesStream,
            compresses: plan.compresses, allocator: channel.allocator)
          let connection = LoadConnection(
            session, worker: worker.value, isIdle: !isActive, ready: ready)
          if isActive { worker.value.add(connection) }
          try channel.pipeline.syncOperations.addHandler(connection)
        }
      }
    let connected =
      switch plan.endpoint {
      case .tcp(let host, let port), .tls(let host, let port):
        bootstrap.connect(host: host, port: port)
      case .unixSocket(let path): bootstrap.connect(unixDomainSocketPath: path)
      }
    connected.whenFailure { ready.fail(LoadFailure.unreachable("cannot connect: \($0)")) }
    let timeout = loop.scheduleTask(in: .seconds(Self.connectSeconds)) {
      ready.fail(LoadFailure.unreachable("the server does not greet as HTTP/2 servers do"))
    }
    ready.futureResult.whenComplete { _ in timeout.cancel() }
    return ready.futureResult
  }
}
