import Dispatch
import NIOCore
import Synchronization
import Testing

@testable import Sockets

private final class Counter: Sendable {
  private let count = Atomic(0)
  var value: Int { count.load(ordering: .relaxed) }
  func up() { count.add(1, ordering: .relaxed) }
}

@Suite struct SocketLoopTests {
  private static func withLoop(_ body: (SocketLoop) async throws -> Void) async throws {
    let loop = try SocketLoop.start(name: "test loop")
    do {
      try await body(loop)
    } catch {
      try await loop.shutdownGracefully()
      throw error
    }
    try await loop.shutdownGracefully()
  }

  @Test func `tasks of others run on the loop, in their order`() async throws {
    try await Self.withLoop { loop in
      #expect(!loop.inEventLoop)
      let order = Mutex<[Int]>([])
      for number in 0..<10_000 {
        loop.execute { order.withLock { $0.append(loop.inEventLoop ? number : -1) } }
      }
      let seven = try await loop.submit { 7 }.get()
      #expect(seven == 7)
      #expect(order.withLock(\.self) == Array(0..<10_000))
    }
  }

  @Test func `tasks of many threads all run, and wake a loop that sleeps`() async throws {
    try await Self.withLoop { loop in
      let count = Counter()
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<8 {
          group.addTask {
            for round in 0..<2000 {
              loop.execute { count.up() }
              if round % 500 == 0 { _ = try? await loop.submit {}.get() }
            }
          }
        }
      }
      try await loop.submit {}.get()
      #expect(count.value == 16_000)
    }
  }

  @Test func `a task that makes tasks without end lets timers run`() async throws {
    try await Self.withLoop { loop in
      let isOver = Atomic(false)
      @Sendable func again() {
        if !isOver.load(ordering: .relaxed) { loop.execute { again() } }
      }
      again()
      try await loop.scheduleTask(in: .milliseconds(5)) { isOver.store(true, ordering: .relaxed) }
        .futureResult.get()
    }
  }

  @Test func `timers run by their deadlines, those of one in their order, none early`() async throws {
    try await Self.withLoop { loop in
      let start = NIODeadline.now()
      let order = Mutex<[Int]>([])
      var last: EventLoopFuture<Void>?
      // 20 ms down to 1, and three of each.
      for number in 0..<60 {
        let deadline = start + .milliseconds(Int64(20 - number / 3))
        let timer = loop.scheduleTask(deadline: deadline) {
          order.withLock { $0.append(NIODeadline.now() >= deadline ? number : -1) }
        }
        if number == 2 { last = timer.futureResult }
      }
      try await last!.get()
      let expected: [Int] = (0..<60).map { 3 * (19 - $0 / 3) + $0 % 3 }
      #expect(order.withLock(\.self) == expected)
    }
  }

  @Test func `a timer that was cancelled does not run, and keeps none of the others`() async throws {
    try await Self.withLoop { loop in
      let ran = Atomic(0)
      let far: [Scheduled<Void>] = (0..<1000).map { _ in
        loop.scheduleTask(in: .hours(1)) { _ = ran.add(1, ordering: .relaxed) }
      }
      let near: [Scheduled<Void>] = (0..<100).map { _ in
        loop.scheduleTask(in: .milliseconds(200)) { _ = ran.add(1, ordering: .relaxed) }
      }
      for timer in far { timer.cancel() }
      for timer in near.prefix(40) { timer.cancel() }
      await #expect(throws: EventLoopError.self) { try await far[0].futureResult.get() }
      for timer in near.dropFirst(40) { try await timer.futureResult.get() }
      #expect(ran.load(ordering: .relaxed) == 60)
      let left = try await loop.submit { loop.timerCount }.get()
      #expect(left <= 64)
    }
  }

  @Test func `who schedules a timer in one learns of both`() async throws {
    try await Self.withLoop { loop in
      let inner = try await loop.scheduleTask(in: .milliseconds(1)) {
        loop.scheduleTask(in: .nanoseconds(0)) { 3 }
      }.futureResult.get()
      let three = try await inner.futureResult.get()
      #expect(three == 3)
      let repeated = Atomic(0)
      let done = loop.makePromise(of: Void.self)
      loop.scheduleRepeatedTask(initialDelay: .milliseconds(1), delay: .milliseconds(1)) { task in
        guard repeated.add(1, ordering: .relaxed).newValue == 5 else { return }
        task.cancel()
        done.succeed()
      }
      try await done.futureResult.get()
    }
  }

  @Test func `what waits when a loop ends is told, and nothing runs after that`() async throws {
    let loop = try SocketLoop.start(name: "test loop")
    let failures = Counter()
    loop.scheduleTask(in: .hours(1)) {}.futureResult.whenFailure { _ in failures.up() }
    let ran = Atomic(0)
    try await loop.submit {
      // From within the last turn.
      loop.execute { loop.execute { _ = ran.add(1, ordering: .relaxed) } }
    }.get()
    try await loop.shutdownGracefully()
    #expect(ran.load(ordering: .relaxed) == 1)
    #expect(failures.value == 1)
    loop.execute { Issue.record("a loop that has ended runs a task") }
    try await loop.shutdownGracefully()
  }

  @Test func `a turn's end is noted where that was asked for, behind its reads`() async throws {
    try await Self.withLoop { loop in
      let (turn, start) = try await loop.submit { () -> (UInt64, UInt64) in
        #expect(loop.notedEnd == 0)
        loop.noteEnd()
        return (loop.turn, NIODeadline.now().uptimeNanoseconds)
      }.get()
      let (nextTurn, end) = try await loop.scheduleTask(in: .milliseconds(1)) { (loop.turn, loop.notedEnd) }
        .futureResult.get()
      #expect(nextTurn > turn)
      #expect(end > start)
      // Once.
      let later = try await loop.scheduleTask(in: .milliseconds(1)) { loop.notedEnd }.futureResult.get()
      #expect(later == end)
    }
  }
}
