import Foundation
import Tables

/// Compiles and publishes chains at a steady rate.
struct Publisher {
  struct Outcome {
    var publications = 0
    var seconds = 0.0
    /// The median of the memory in use in the first and in the last quarter, in bytes.
    var residentFirst = 0
    var residentLast = 0
  }

  private let store: TableStore
  private var version: UInt64 = 0

  /// Publishes a first version of every key.
  init(_ store: TableStore) throws {
    self.store = store
    for key in SelfCheckingChain.keys { try publish(key) }
  }

  /// Publishes for a while, on a thread of its own.
  mutating func run(rate: Int, seconds: Double) async throws -> Outcome {
    let publisher = self
    let (outcome, last) = try await withCheckedThrowingContinuation { continuation in
      Thread {
        var publisher = publisher
        continuation.resume(
          with: Result { (try publisher.storm(rate: rate, seconds: seconds), publisher.version) })
      }.start()
    }
    version = last
    return outcome
  }

  private mutating func storm(rate: Int, seconds: Double) throws -> Outcome {
    var outcome = Outcome()
    var resident: [Int] = []
    let start = ContinuousClock.now
    let end = start + .seconds(seconds)
    while ContinuousClock.now < end {
      let due = start + .seconds(Double(outcome.publications) / Double(rate))
      let wait = due - ContinuousClock.now
      if wait > .zero {
        Thread.sleep(forTimeInterval: wait / .seconds(1))
        continue
      }
      try publish(SelfCheckingChain.keys[outcome.publications % SelfCheckingChain.keys.count])
      outcome.publications += 1
      if outcome.publications % max(1, rate / 20) == 0 { resident.append(Self.residentByteCount()) }
    }
    outcome.seconds = (ContinuousClock.now - start) / .seconds(1)
    let quarter = max(1, resident.count / 4)
    outcome.residentFirst = Self.median(resident.prefix(quarter))
    outcome.residentLast = Self.median(resident.suffix(quarter))
    return outcome
  }

  private mutating func publish(_ key: TableKey) throws {
    version += 1
    try store.publish([key: try SelfCheckingChain.make(version: version)])
  }

  private static func median(_ values: ArraySlice<Int>) -> Int {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
  }

  /// Memory of the process that is in use, in bytes; 0 where the system does not tell.
  private static func residentByteCount() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else {
      return 0
    }
    return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
  }
}
