import Synchronization

/// How many connections all loops together may hold.
final class ConnectionLimit: Sendable {
  private let remaining: Atomic<Int>

  init(_ count: Int) { remaining = Atomic(count) }

  /// Whether there was room for one more.
  func take() -> Bool {
    if remaining.wrappingSubtract(1, ordering: .relaxed).newValue >= 0 { return true }
    giveBack()
    return false
  }

  func giveBack() { remaining.wrappingAdd(1, ordering: .relaxed) }
}
