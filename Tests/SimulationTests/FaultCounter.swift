import Synchronization

/// Refuses one allocation, by its number.
final class FaultCounter: Sendable {
  private let number: Int
  private let asked = Atomic<Int>(0)
  private let refused = Atomic<Int>(0)

  init(refusing number: Int) { self.number = number }

  /// How many were refused.
  var count: Int { refused.load(ordering: .relaxed) }

  func isDue() -> Bool {
    guard asked.wrappingAdd(1, ordering: .relaxed).oldValue == number else { return false }
    refused.wrappingAdd(1, ordering: .relaxed)
    return true
  }
}
