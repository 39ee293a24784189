import Synchronization

/// How many connections all loops together may hold.
final class ConnectionLimit: Sendable {
  private let count = Atomic(0)
  private let maximum: Atomic<Int>

  init(_ maximum: Int) { self.maximum = Atomic(maximum) }

  /// Whether there was room for one more.
  func take() -> Bool {
    let taken = count.wrappingAdd(1, ordering: .relaxed).newValue
    if taken <= maximum.load(ordering: .relaxed) { return true }
    giveBack()
    return false
  }

  /// Connections that are open, or are about to be.
  var openCount: Int { count.load(ordering: .relaxed) }

  func giveBack() { count.wrappingSubtract(1, ordering: .relaxed) }

  /// Connections beyond a smaller limit stay; no new ones come until they have left.
  func change(to maximum: Int) { self.maximum.store(maximum, ordering: .relaxed) }
}
