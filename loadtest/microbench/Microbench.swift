import ArgumentParser
import Foundation
import UsageStatus

extension FixedOperation: ExpressibleByArgument {}

extension CandidateOperation: ExpressibleByArgument {
  init?(argument: String) { self.init(argument) }
}

@main
struct Microbench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "microbench",
    abstract: "Nanoseconds and allocations of each step of a decision, on one thread.",
    discussion: """
      Build it with -c release and let the machine rest. A time is the median over the rounds; the \
      fastest round is the better guide on a machine that others share. Compare only numbers that \
      were taken on one machine, back to back. Benchmarks of `scale` take turns within each round, and \
      their ratios stand below the times. With --runs a number is the median of what each run found.
      """)

  @Flag(help: "Print one JSON document.")
  var json = false

  @Option(help: "Run only the benchmarks whose name contains this.")
  var filter = ""

  @Option(help: "Rounds after a warm-up.")
  var rounds = 31

  @Option(help: "Do all of that so many times, all tables made anew, and print the medians over the runs.")
  var runs = 1

  @Option(help: "Do one step --calls times, for counting instructions.")
  var operation: FixedOperation?

  @Option(
    help: ArgumentHelp(
      "Decide --calls times by a table of RULES rules beside COUNT candidates, in COLUMNS of whose 20"
        + " columns are other cells than the table's.",
      valueName: "RULES:COUNT:COLUMNS"))
  var candidates: CandidateOperation?

  @Option(help: "How often --operation or --candidates is done.")
  var calls = 1000

  @Option(help: "Measure only this table, over logins that --logins writes for another program.")
  var table: String?

  @Flag(help: "Print what LZ4 saves and costs by decisions in a message, and on which links it pays.")
  var compression = false

  @Option(help: "Write the logins of --table with the rules that were found, as JSON.")
  var logins: String?

  func validate() throws {
    guard (1...100_000_000).contains(calls) else {
      throw ValidationError("--calls must be from 1 to 100,000,000")
    }
    guard (1...10_000).contains(rounds) else {
      throw ValidationError("--rounds must be from 1 to 10,000")
    }
    guard (1...100).contains(runs) else { throw ValidationError("--runs must be from 1 to 100") }
  }

  func run() throws {
    if let candidates { return print(try candidates.run(calls: calls)) }
    if let operation { return print(try operation.run(calls: calls)) }
    if let table {
      let comparison = try TableComparison(table: table)
      let report = report(filter: filter, of: comparison.measure)
      if let logins { try comparison.writeLogins(to: logins) }
      return print(json ? try report.document() : report.text())
    }
    if compression {
      let benchmarks = try CompressionBenchmarks()
      let report = report(filter: "lz4/", of: benchmarks.measure)
      return print(json ? try report.document() : benchmarks.text(report))
    }
    let report = try report(filter: filter, of: measureAll)
    print(json ? try report.document() : report.text())
  }

  private func report(filter: String, of measure: (inout Meter) throws -> Void) rethrows -> Report {
    Report(
      try (0..<runs).map { _ in
        var meter = Meter(rounds: rounds, filter: filter)
        try measure(&meter)
        return meter
      })
  }

  private func measureAll(_ meter: inout Meter) throws {
    measureControl(&meter)
    try measureScans(&meter)
    try measureEvaluations(&meter)
    try measureLists(&meter)
    try measureCycles(&meter)
    try measureScale(&meter)
    try measureProofs(&meter)
    try CompressionBenchmarks().measure(&meter)
    // Those that the times of others are taken off are measured for any filter.
    guard meter.results.contains(where: { meter.isWanted($0.name) }) else {
      throw ValidationError("no benchmark has `\(filter)` in its name; without --filter all are listed")
    }
  }

  static func main() {
    do {
      let command = try parse()
      try command.run()
    } catch {
      exit(after: error)
    }
  }
}
