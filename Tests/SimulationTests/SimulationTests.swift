import Foundation
import Testing

/// Whole worlds in memory, from one seed each: the invariants are in `World`.
///
/// `POSTERN_SIMULATION_SEEDS` says how many seeds (1,000 unless told otherwise), and
/// `POSTERN_SIMULATION_FIRST` which is the first.
@Suite struct SimulationTests {
  private static func setting(_ name: String) -> UInt64? {
    ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
  }

  private static let seedCount = setting("POSTERN_SIMULATION_SEEDS") ?? 1_000
  private static let firstSeed = setting("POSTERN_SIMULATION_FIRST") ?? 1
  /// Each is lived through some 300 times.
  private static let seedsOfFaults = UInt64(3)...(setting("POSTERN_THOROUGH") == 1 ? 8 : 4)

  @Test func `whatever happens, every request is answered once and by the table of its moment`() throws {
    var sum = Outcome()
    var failureCount = 0
    for seed in Self.firstSeed..<(Self.firstSeed + Self.seedCount) {
      do {
        sum = try sum + World.run(seed: seed)
      } catch {
        failureCount += 1
        Issue.record(
          """
          seed \(seed): \(error)
          replay it: POSTERN_SIMULATION_FIRST=\(seed) POSTERN_SIMULATION_SEEDS=1 swift test \
          --filter SimulationTests
          """)
        if failureCount == 5 { break }
      }
    }
    print(
      "simulation: seeds \(Self.firstSeed)..<\(Self.firstSeed + Self.seedCount), "
        + "\(sum.requestCount) requests, \(sum.verdictCount) verdicts, \(sum.lateCount) late, "
        + "\(sum.missingCount) missing, \(sum.refusalCount) refused, \(sum.overloadCount) for overload, "
        + "\(sum.unprovenCount) unproven, \(sum.tooSlowCount) too slow, "
        + "\(sum.streamedCount) messages of streams, \(sum.publicationCount) publications")
    // Worlds in which nothing happens would prove nothing.
    guard Self.seedCount >= 1_000 else { return }
    let seeds = Int(Self.seedCount)
    #expect(sum.requestCount > 5 * seeds)
    #expect(sum.verdictCount > 5 * seeds)
    #expect(sum.lateCount > seeds / 10)
    #expect(sum.missingCount > seeds / 2)
    #expect(sum.refusalCount > seeds / 10)
    // A twentieth, where time leaps; a loop that refused what it could answer would refuse far more.
    #expect((seeds / 10..<sum.requestCount / 8).contains(sum.overloadCount))
    #expect(sum.publicationCount > seeds)
    #expect(sum.unprovenCount > seeds / 10)
    #expect(sum.streamedCount > seeds)
    #expect(sum.tooSlowCount > seeds / 100)
  }

  /// In each a request is late because what the loop read before it, in the same turn, took longer than its
  /// budget.
  @Test(arguments: [UInt64(1803), 3757, 4521, 5629, 5943])
  func `a request waits from the beginning of the turn that it is read in`(seed: UInt64) throws {
    _ = try World.run(seed: seed)
  }

  @Test(arguments: UInt64(1)...20)
  func `a seed is lived through the same way twice`(seed: UInt64) throws {
    #expect(try World.run(seed: seed) == World.run(seed: seed))
  }

  @Test func `another seed is another world`() throws {
    let transcripts = Set(try (UInt64(1)...20).map { try World.run(seed: $0).transcript })
    #expect(transcripts.count == 20)
  }

  /// For want of memory a connection may end. It is the only one, and no answer is wrong or lost on
  /// one that goes on.
  @Test(arguments: seedsOfFaults)
  func `an allocation of libnghttp2 fails, whichever it is, and costs one connection at most`(
    seed: UInt64
  ) {
    for number in 0..<2_000 {
      let faults = FaultCounter(refusing: number)
      do {
        _ = try World.run(seed: seed, faults: faults)
      } catch {
        Issue.record("allocation \(number) fails in seed \(seed): \(error)")
      }
      // Past the last one.
      if faults.count == 0 {
        print("simulation: seed \(seed), each of \(number) allocations has failed")
        #expect(number > 20)
        break
      }
    }
  }

  /// The oracle sees what it should: a world whose tables are changed behind its back.
  @Test func `a wrong verdict is noticed`() throws {
    var noticedCount = 0
    for seed in UInt64(1)...40 {
      do {
        _ = try World.run(seed: seed, lying: true)
      } catch is Violation {
        noticedCount += 1
      }
    }
    #expect(noticedCount > 20)
  }
}
