import ArgumentParser
import Foundation
import RulesOracle
import Synchronization
import Tables

/// Random chains, compiled, against the interpreter of their sources: verdict, rule, flags and outputs
/// of each reply. `AgreementTests` does some 200,000 of these; in a release build millions are cheap.
@main
struct Comparisons: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "comparisons", abstract: "Compare compiled tables with their interpreter.")

  @Option(help: "How many inputs to decide both ways.")
  var count = 5_000_000

  @Option(help: "Where the random numbers begin; another seed, other tables.")
  var seed: UInt64 = 0xC0_47A5

  /// LIMIT: so many that making a chain costs less than deciding by it, so few that there are
  /// thousands of chains.
  private static let inputsPerChain = 2_000

  func run() throws {
    let workerCount = ProcessInfo.processInfo.activeProcessorCount
    let share = (count + workerCount - 1) / workerCount
    let results = Mutex<[Result]>([])
    DispatchQueue.concurrentPerform(iterations: workerCount) { worker in
      let result = Self.compare(share, seed: seed &+ UInt64(worker) &* 0x1_0000_0001)
      results.withLock { $0.append(result) }
    }
    let all = results.withLock { $0 }
    let compared = all.reduce(0) { $0 + $1.count }
    let chains = all.reduce(0) { $0 + $1.chainCount }
    let differences = all.compactMap(\.difference)
    print("comparisons: \(compared) inputs, \(chains) chains, \(differences.count) differences")
    for difference in differences { print(difference) }
    if !differences.isEmpty || compared < count { throw ExitCode(1) }
  }

  private struct Result {
    var count = 0
    var chainCount = 0
    var difference: String?
  }

  /// Stops at the first difference.
  private static func compare(_ count: Int, seed: UInt64) -> Result {
    var random = SeededGenerator(seed: seed)
    var evaluator = Evaluator()
    var result = Result()
    do {
      while result.count < count, result.difference == nil {
        guard let comparison = try ChainComparison(using: &random) else { continue }
        result.difference = try comparison.difference(
          in: inputsPerChain, of: &evaluator, using: &random)
        result.count += inputsPerChain
        result.chainCount += 1
      }
    } catch {
      result.difference = "\(error)"
    }
    if let difference = result.difference { result.difference = "seed \(seed): \(difference)" }
    return result
  }
}
