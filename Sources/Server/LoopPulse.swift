import NIOCore
import Synchronization

/// Whether every event loop moves: each is asked to answer, and one that has not by the next time is
/// stuck.
final class LoopPulse: Sendable {
  private let loops: [any EventLoop]
  /// How often each loop has answered. Written by that loop only.
  private let answered: Counters
  /// How often all were asked.
  private let asked = Atomic<UInt64>(0)

  init(_ loops: [any EventLoop]) {
    self.loops = loops
    answered = Counters(count: loops.count)
  }

  /// The loops, by number, that have not answered the last time. A loop that is stuck is not asked
  /// again, so that nothing piles up on it.
  func stuckLoops() -> [Int] {
    let last = asked.load(ordering: .relaxed)
    let stuck = loops.indices.filter { answered.value(at: $0) < last }
    guard stuck.isEmpty else { return stuck }
    asked.store(last + 1, ordering: .relaxed)
    for (index, loop) in loops.enumerated() {
      loop.execute { self.answered.add(1, at: index) }
    }
    return []
  }

  /// Those that have not answered so far what they were asked last.
  func silentLoops() -> [Int] {
    let last = asked.load(ordering: .relaxed)
    return loops.indices.filter { answered.value(at: $0) < last }
  }

  /// Asks all loops, and waits up to `patience` for each to answer. Returns those that have not.
  func hungLoops(patience: Duration) async -> [Int] {
    _ = stuckLoops()
    let end = ContinuousClock.now + patience
    var silent = silentLoops()
    while !silent.isEmpty, ContinuousClock.now < end {
      guard (try? await Task.sleep(for: .milliseconds(2))) != nil else { break }
      silent = silentLoops()
    }
    return silent
  }
}
