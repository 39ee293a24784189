import ArgumentParser

@main
struct Microbench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "microbench",
    abstract: "Nanoseconds and allocations of each step of a decision, on one thread.",
    discussion: """
      Build it with -c release and let the machine rest. A time is the median over the rounds; the \
      fastest round is the better guide on a machine that others share. Compare only numbers that \
      were taken on one machine, back to back.
      """)

  @Flag(help: "Print one JSON document.")
  var json = false

  @Option(help: "Run only the benchmarks whose name contains this.")
  var filter = ""

  @Option(help: "Rounds after a warm-up.")
  var rounds = 31

  func validate() throws {
    guard (1...10_000).contains(rounds) else {
      throw ValidationError("--rounds must be from 1 to 10,000")
    }
  }

  func run() throws {
    var meter = Meter(rounds: rounds, filter: filter)
    measureControl(&meter)
    measureScans(&meter)
    try measureEvaluations(&meter)
    try measureCycles(&meter)
    try measureProofs(&meter)
    guard !meter.results.isEmpty else {
      throw ValidationError("no benchmark's name contains `\(filter)`")
    }
    print(json ? try meter.document() : meter.text())
  }
}
