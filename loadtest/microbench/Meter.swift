import AllocationCounter

/// Runs benchmarks on the calling thread, and keeps what they took.
struct Meter {
  struct Result: Encodable {
    let name: String
    let nanosecondsMedian: Double
    let nanosecondsFastest: Double
    /// Of the medians of several runs; `nil` of one.
    var nanosecondsLowest: Double?
    var nanosecondsHighest: Double?
    /// `nil` where allocations cannot be counted.
    let allocationsPerCall: Double?
    /// Of what the calls returned: the same from run to run, and proof that the work was done.
    let checksum: UInt64
  }

  /// What is measured. With `netOf`, the times of that earlier benchmark are taken off.
  struct Benchmark {
    let name: String
    var netOf: String?
  }

  private struct Taken {
    var nanoseconds: [Double] = []
    var allocations: UInt64 = 0
    var checksum: UInt64 = 0

    /// Times a round of so many calls.
    mutating func add(calls: Int, _ round: () -> UInt64) {
      let allocationsBefore = allocation_count()
      let start = ContinuousClock.now
      checksum = round()
      let elapsed = ContinuousClock.now - start
      allocations = allocation_count() - allocationsBefore
      nanoseconds.append(elapsed / .nanoseconds(1) / Double(calls))
    }
  }

  let rounds: Int
  let filter: String
  private(set) var results: [Result] = []
  /// Nanoseconds a call in each round of those that were measured in turns, by name.
  private var turns: [String: [Double]] = [:]

  init(rounds: Int, filter: String) {
    self.rounds = rounds
    self.filter = filter
  }

  func isWanted(_ name: String) -> Bool { filter.isEmpty || name.contains(filter) }

  /// Measures `body`, which does `callsPerRun` calls of what is measured and returns something of
  /// each result. It is run `runs` times a round with the run's number; one round is dropped as
  /// warm-up.
  mutating func measure(
    _ name: String, runs: Int = 10_000, callsPerRun: Int = 1, netOf part: String? = nil,
    _ body: (_ run: Int) -> UInt64
  ) {
    guard isWanted(name) || name.hasPrefix("put/") else { return }
    var taken = Taken()
    for round in 0...rounds {
      taken.add(calls: runs * callsPerRun) {
        var checksum: UInt64 = 0
        for run in 0..<runs { checksum = (checksum &* 31) &+ body(run) }
        return checksum
      }
      if round == 0 { taken.nanoseconds.removeAll() }
    }
    keep(taken, of: Benchmark(name: name, netOf: part), calls: runs * callsPerRun)
  }

  /// Measures several benchmarks, each once a round: what slows the machine down for a while slows all of
  /// them, and the ratios of a round hold. `body` is told which one, does `runs` of it and returns something
  /// of each. As many go before that are not timed, since the others have had the caches.
  mutating func measureInTurns(
    _ benchmarks: [Benchmark], runs: Int = 10_000, _ body: (_ benchmark: Int, _ runs: Int) -> UInt64
  ) {
    var taken = benchmarks.map { _ in Taken() }
    for round in 0...rounds {
      for index in benchmarks.indices {
        taken[index].checksum = body(index, runs)
        taken[index].add(calls: runs) { body(index, runs) }
        if round == 0 { taken[index].nanoseconds.removeAll() }
      }
    }
    for (index, benchmark) in benchmarks.enumerated() {
      keep(taken[index], of: benchmark, calls: runs)
      let part = results.last { $0.name == benchmark.netOf }?.nanosecondsMedian ?? 0
      turns[benchmark.name] = taken[index].nanoseconds.map { $0 - part }
    }
  }

  /// Takes a time that is said and was not measured, for ratios: it is no result.
  mutating func note(_ name: String, nanoseconds: Double) {
    turns[name] = Array(repeating: nanoseconds, count: rounds)
  }

  /// Of each round; `nil` where one of the two was not measured.
  func ratios(_ ratio: Ratio) -> [Double]? {
    guard let numerator = turns[ratio.numerator], let denominator = turns[ratio.denominator] else {
      return nil
    }
    return zip(numerator, denominator).map { $0 / $1 }
  }

  private mutating func keep(_ taken: Taken, of benchmark: Benchmark, calls: Int) {
    let part = results.last { $0.name == benchmark.netOf }
    let spread = Spread(taken.nanoseconds)
    results.append(
      Result(
        name: benchmark.name, nanosecondsMedian: spread.median - (part?.nanosecondsMedian ?? 0),
        nanosecondsFastest: spread.lowest - (part?.nanosecondsFastest ?? 0),
        allocationsPerCall:
          allocations_are_counted() ? Double(taken.allocations) / Double(calls) : nil,
        checksum: taken.checksum))
  }
}
