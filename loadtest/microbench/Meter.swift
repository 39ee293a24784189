import AllocationCounter
import Foundation

/// Runs benchmarks, one after the other on the calling thread, and keeps what they took.
struct Meter {
  struct Result: Codable {
    let name: String
    let nanosecondsMedian: Double
    let nanosecondsFastest: Double
    /// `nil` where allocations cannot be counted.
    let allocationsPerCall: Double?
    /// Of what the calls returned: the same from run to run, and proof that the work was done.
    let checksum: UInt64
  }

  let rounds: Int
  let filter: String
  private(set) var results: [Result] = []

  init(rounds: Int, filter: String) {
    self.rounds = rounds
    self.filter = filter
  }

  func isWanted(_ name: String) -> Bool { filter.isEmpty || name.contains(filter) }

  /// Measures `body`, which does `callsPerRun` calls of what is measured and returns something of
  /// each result. It is run `runs` times a round with the run's number; one round is dropped as
  /// warm-up. With `netOf`, the times of that earlier benchmark are taken off.
  mutating func measure(
    _ name: String, runs: Int = 10_000, callsPerRun: Int = 1, netOf part: String? = nil,
    _ body: (_ run: Int) -> UInt64
  ) {
    guard isWanted(name) || name.hasPrefix("put/") else { return }
    let part = results.last { $0.name == part }
    let calls = Double(runs * callsPerRun)
    var nanoseconds: [Double] = []
    nanoseconds.reserveCapacity(rounds)
    var checksum: UInt64 = 0
    var allocations: UInt64 = 0
    for round in 0...rounds {
      checksum = 0
      let allocationsBefore = allocation_count()
      let start = ContinuousClock.now
      for run in 0..<runs { checksum = (checksum &* 31) &+ body(run) }
      let elapsed = ContinuousClock.now - start
      allocations = allocation_count() - allocationsBefore
      if round > 0 { nanoseconds.append(elapsed / .nanoseconds(1) / calls) }
    }
    nanoseconds.sort()
    results.append(
      Result(
        name: name,
        nanosecondsMedian: nanoseconds[rounds / 2] - (part?.nanosecondsMedian ?? 0),
        nanosecondsFastest: nanoseconds[0] - (part?.nanosecondsFastest ?? 0),
        allocationsPerCall: allocations_are_counted() ? Double(allocations) / calls : nil,
        checksum: checksum))
  }

  func text() -> String {
    let width = results.map(\.name.count).max() ?? 0
    let lines = results.map { result in
      let allocations =
        result.allocationsPerCall.map { String(format: "%11.2f", $0) } ?? "          -"
      return result.name.padding(toLength: width, withPad: " ", startingAt: 0)
        + String(
          format: "  %9.1f  %10.1f", result.nanosecondsMedian, result.nanosecondsFastest)
        + "  " + allocations
    }
    let head =
      "".padding(toLength: width, withPad: " ", startingAt: 0)
      + "  median ns  fastest ns  allocations"
    return ([head] + lines).joined(separator: "\n")
  }

  func document() throws -> String {
    struct Document: Codable {
      let rounds: Int
      let results: [Result]
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let bytes = try encoder.encode(Document(rounds: rounds, results: results))
    return String(decoding: bytes, as: UTF8.self)
  }
}
