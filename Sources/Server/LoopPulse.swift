import NIOCore
import Synchronization

/// Whether every event loop moves: each is asked to answer, and one that has not by the next time is
/// stuck. May be asked from several threads at once.
final class LoopPulse: Sendable {
  private let loops: [any EventLoop]
  /// The last question that each loop has answered. Written by that loop only.
  private let answered: Counters
  /// The number of the last question to all.
  private let asked = Atomic<UInt64>(0)

  init(_ loops: [any EventLoop]) {
    self.loops = loops
    answered = Counters(count: loops.count)
  }

  /// The loops, by number, that have not answered the last time. A loop that is stuck is not asked
  /// again, so that nothing piles up on it.
  func stuckLoops() -> [Int] {
    let last = asked.load(ordering: .relaxed)
    let stuck = silentLoops(since: last)
    // Somebody else's question is as good.
    guard stuck.isEmpty,
      asked.compareExchange(expected: last, desired: last + 1, ordering: .relaxed).exchanged
    else { return stuck }
    for (index, loop) in loops.enumerated() {
      loop.execute { self.answered.set(last + 1, at: index) }
    }
    return []
  }

  /// Those that have not answered this question.
  private func silentLoops(since question: UInt64) -> [Int] {
    loops.indices.filter { answered.value(at: $0) < question }
  }

  /// Asks all loops, and waits up to `patience` for each to answer. Returns those that have not.
  func hungLoops(patience: Duration) async -> [Int] {
    _ = stuckLoops()
    let question = asked.load(ordering: .relaxed)
    let end = ContinuousClock.now + patience
    var silent = silentLoops(since: question)
    while !silent.isEmpty, ContinuousClock.now < end {
      guard (try? await Task.sleep(for: .milliseconds(2))) != nil else { break }
      silent = silentLoops(since: question)
    }
    return silent
  }
}
