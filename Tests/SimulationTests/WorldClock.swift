import Synchronization

/// The clock that the simulated server reads: each look moves it by `step`.
final class WorldClock: Sendable {
  private static let start: UInt64 = 1_000_000_000
  private let time = Atomic<UInt64>(start)
  private let stepPerLook = Atomic<UInt64>(0)
  private let largestStep = Atomic<UInt64>(0)

  /// In nanoseconds.
  var now: UInt64 { time.load(ordering: .relaxed) }

  /// By how many nanoseconds a look moves the clock.
  var step: UInt64 {
    get { stepPerLook.load(ordering: .relaxed) }
    set {
      stepPerLook.store(newValue, ordering: .relaxed)
      largestStep.store(max(newValue, stepMax), ordering: .relaxed)
    }
  }

  /// The largest step so far: what the server measures, a few looks lie in.
  var stepMax: UInt64 { largestStep.load(ordering: .relaxed) }

  /// How long the world has been there, in nanoseconds.
  var age: UInt64 { now - Self.start }

  func advance(by nanoseconds: UInt64) { time.wrappingAdd(nanoseconds, ordering: .relaxed) }

  /// What the server sees when it looks.
  func look() -> UInt64 { time.wrappingAdd(step, ordering: .relaxed).newValue }
}
