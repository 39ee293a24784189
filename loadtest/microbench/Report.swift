import Foundation

/// What one run of all benchmarks found; of several runs, the medians of what each found.
struct Report: Encodable {
  struct Ratio: Encodable {
    let name: String
    let median: Double
    let lowest: Double
    let highest: Double
  }

  let rounds: Int
  let runs: Int
  let results: [Meter.Result]
  /// Of one run, the ratios of its rounds; of several, the medians of each run's.
  let ratios: [Ratio]

  /// Of one run or more of the same benchmarks.
  init(_ meters: [Meter]) {
    rounds = meters[0].rounds
    runs = meters.count
    results =
      meters.count == 1
      ? meters[0].results
      : meters[0].results.indices.map { index in Meter.Result(of: meters.map { $0.results[index] }) }
    ratios = microbench.Ratio.all.compactMap { ratio in
      let found = meters.compactMap { $0.ratios(ratio) }
      guard !found.isEmpty else { return nil }
      let spread = Spread(found.count == 1 ? found[0] : found.map { Spread($0).median })
      return Ratio(
        name: ratio.name, median: spread.median, lowest: spread.lowest, highest: spread.highest)
    }
  }

  func text() -> String {
    let spread = runs > 1 ? "  lowest ns  highest ns" : ""
    var lines = [head("  median ns  fastest ns" + spread + "  allocations")]
    lines += results.map { result in
      let allocations =
        result.allocationsPerCall.map { String(format: "%11.2f", $0) } ?? "          -"
      let times = String(format: "  %9.1f  %10.1f", result.nanosecondsMedian, result.nanosecondsFastest)
      var spread = ""
      if let lowest = result.nanosecondsLowest, let highest = result.nanosecondsHighest {
        spread = String(format: "  %9.1f  %10.1f", lowest, highest)
      }
      return padded(result.name) + times + spread + "  " + allocations
    }
    if !ratios.isEmpty {
      lines += ["", head("     median     lowest     highest")]
      lines += ratios.map {
        padded($0.name) + String(format: "  %9.2f  %9.2f  %10.2f", $0.median, $0.lowest, $0.highest)
      }
    }
    if runs > 1 {
      lines += ["", "medians of \(runs) runs of \(rounds) rounds; lowest and highest are runs' medians"]
    }
    return lines.joined(separator: "\n")
  }

  private var width: Int { (results.map(\.name.count) + ratios.map(\.name.count)).max() ?? 0 }

  private func padded(_ name: String) -> String {
    name.padding(toLength: width, withPad: " ", startingAt: 0)
  }

  private func head(_ columns: String) -> String { padded("") + columns }

  func document() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

extension Meter.Result {
  /// One benchmark in several runs. The checksum is the first run's: which inputs are slowest differs.
  fileprivate init(of runs: [Meter.Result]) {
    let spread = Spread(runs.map(\.nanosecondsMedian))
    self.init(
      name: runs[0].name, nanosecondsMedian: spread.median,
      nanosecondsFastest: Spread(runs.map(\.nanosecondsFastest)).lowest,
      nanosecondsLowest: spread.lowest, nanosecondsHighest: spread.highest,
      allocationsPerCall: runs.compactMap(\.allocationsPerCall).max(), checksum: runs[0].checksum)
  }
}
