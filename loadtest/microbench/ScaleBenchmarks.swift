import Signals
import Tables
import Wire

/// From one word of rules to the most there may be.
let scaleRuleCounts = [
  64, 128, 256, 512, 1000, 1500, 2000, 2500, 3000, 4000, 5000, 8000, 10_000, 100_000,
]

/// Candidates of up to 3,584 rules go through in one pass, larger ones are one table.
let candidateOperations = [64, 1000, 4000, 10_000].flatMap { ruleCount in
  [(1, 0), (8, 0), (8, 3), (8, MixedTable.columnCount)].map { candidateCount, editedColumnCount in
    CandidateOperation(
      ruleCount: ruleCount, candidateCount: candidateCount, editedColumnCount: editedColumnCount)
  }
}

func scaleName(_ ruleCount: Int) -> String {
  "scale/\(ruleCount) rules x \(MixedTable.columnCount) columns"
}

func slowestName(_ name: String) -> String { "\(name), slowest inputs" }

/// The sizes whose worst cases, as `postern compile` prints them, are compared with what was measured.
let printedRuleCounts = [64, 1000, 10_000, 100_000]

func printedName(_ name: String) -> String { "\(name), worst case as printed" }

/// Evaluations of tables of 20 mixed columns, alone and beside candidates, over `MixedInputs.count` inputs
/// in turn and over inputs that are made to take long.
func measureScale(_ meter: inout Meter) throws {
  var tables: [ScaleTable] = []
  for ruleCount in scaleRuleCounts where meter.isWanted(slowestName(scaleName(ruleCount))) {
    let table = MixedTable(ruleCount: ruleCount, seed: UInt64(ruleCount))
    let chain = try CompiledChain(table.plan)
    tables.append(ScaleTable(scaleName(ruleCount), chain, MixedInputs(table, seed: 1)))
  }
  for operation in candidateOperations where meter.isWanted(slowestName(operation.name)) {
    let (chain, inputs) = try operation.made()
    tables.append(ScaleTable(operation.name, chain, inputs))
  }
  if tables.isEmpty { return }
  measure(tables, &meter)
  let printed = printedRuleCounts.map(scaleName)
  for table in tables where printed.contains(table.name) {
    meter.note(printedName(table.name), nanoseconds: table.chain.tableCosts[0].work.nanoseconds)
  }
}

private struct ScaleTable {
  /// LIMIT: how many of the slowest inputs stand for the worst case: more than a branch predictor
  /// learns at once would be better, but then they are no longer the slowest. Their rows stay in the cache,
  /// those of the typical inputs do not all.
  private static let slowestCount = 8

  let name: String
  let chain: CompiledChain
  /// `MixedInputs.count` typical ones, and those that are made to be slow behind them.
  private(set) var inputs: MixedInputs
  /// Of `MixedInputs.count` runs, the input of each.
  private(set) var slowest: [Int] = []

  init(_ name: String, _ chain: CompiledChain, _ inputs: MixedInputs) {
    self.name = name
    self.chain = chain
    self.inputs = inputs
    var evaluator = Evaluator()
    let ordered = (0..<MixedInputs.count).map { input in
      (input: input, time: time(of: input, &evaluator))
    }.sorted { $0.time > $1.time }
    let made = ordered.prefix(Self.slowestCount).map { makeSlower($0.input, &evaluator) }
    slowest = (0..<MixedInputs.count).map { made[$0 % made.count] }
  }

  /// The fastest of some runs: what a busy machine added to the others is no part of it.
  private func time(of input: Int, _ evaluator: inout Evaluator) -> Duration {
    (0..<5).map { _ in
      ContinuousClock().measure { for _ in 0..<64 { _ = evaluate(input, &evaluator) } }
    }.min()!
  }

  /// An attacker chooses every value: column by column, twice over, the one of some other inputs' that takes
  /// longest beside the rest. Ascent finds a peak, not the highest one; there are several starts.
  private mutating func makeSlower(_ input: Int, _ evaluator: inout Evaluator) -> Int {
    var random = SplitMix64(seed: UInt64(input))
    let made = inputs.append(copyOf: input)
    for column in (0..<2 * MixedTable.columnCount).map({ $0 % MixedTable.columnCount }) {
      for _ in 0..<16 {
        let kept = inputs[made, column]
        // Anew each time: one that was slow by chance would keep out all others.
        let before = time(of: made, &evaluator)
        inputs[made, column] = inputs[random.below(MixedInputs.count), column]
        if time(of: made, &evaluator) <= before { inputs[made, column] = kept }
      }
    }
    for (column, list) in inputs.longLists {
      let kept = inputs[made, column]
      let before = time(of: made, &evaluator)
      inputs[made, column] = list
      if time(of: made, &evaluator) <= before { inputs[made, column] = kept }
    }
    return made
  }

  func put(_ input: Int, into evaluator: inout Evaluator) {
    let first = input * MixedTable.columnCount
    for slot in 0..<MixedTable.columnCount { evaluator.vector[slot] = inputs.values[first + slot] }
  }

  func evaluate(_ input: Int, _ evaluator: inout Evaluator) -> UInt64 {
    put(input, into: &evaluator)
    let decision = evaluator.evaluate(chain.view, in: inputs.message.span, fallback: .allow)
    return UInt64(decision.verdict.rawValue) << 32 | UInt64(evaluator.hits.count)
  }
}

private func measure(_ tables: [ScaleTable], _ meter: inout Meter) {
  let put = "put/\(MixedTable.columnCount) values of scale"
  let benchmarks =
    [Meter.Benchmark(name: put)]
    + tables.flatMap { table in
      [table.name, slowestName(table.name)].map { Meter.Benchmark(name: $0, netOf: put) }
    }
  let typical = Array(0..<MixedInputs.count)
  var evaluator = Evaluator()
  // Of each benchmark its table and the order of its inputs: all look them up in the same way.
  let work = [(tables[0], typical)] + tables.flatMap { [($0, typical), ($0, $0.slowest)] }
  meter.measureInTurns(benchmarks) { benchmark, runs in
    let (table, order) = work[benchmark]
    var checksum: UInt64 = 0
    for run in 0..<runs {
      let input = order[run % MixedInputs.count]
      if benchmark == 0 {
        table.put(input, into: &evaluator)
        checksum = (checksum &* 31) &+ evaluator.vector[0].low
      } else {
        checksum = (checksum &* 31) &+ table.evaluate(input, &evaluator)
      }
    }
    return checksum
  }
}
