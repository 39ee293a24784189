import Signals
import Tables
import Wire

/// Evaluations of tables of 20 mixed columns, from one word of rules to the most there may be, over
/// `MixedInputs.count` inputs in turn and over those that took longest.
func measureScale(_ meter: inout Meter) throws {
  for ruleCount in [64, 128, 256, 512, 1000, 1500, 2000, 2500, 3000, 4000, 5000, 8000, 10_000, 100_000] {
    let name = "scale/\(ruleCount) rules x \(MixedTable.columnCount) columns"
    guard meter.isWanted(name) else { continue }
    let table = MixedTable(ruleCount: ruleCount, seed: UInt64(ruleCount))
    let chain = try CompiledChain(table.plan)
    try measure(chain, MixedInputs(table, seed: 1), name, &meter)
  }
  for ruleCount in [64, 1000] {
    for (candidateCount, editedColumnCount) in [(1, 0), (8, 0), (8, 3), (8, MixedTable.columnCount)] {
      let operation = CandidateOperation(
        ruleCount: ruleCount, candidateCount: candidateCount, editedColumnCount: editedColumnCount)
      guard meter.isWanted(operation.name) else { continue }
      let (chain, inputs) = try operation.made()
      try measure(chain, inputs, operation.name, &meter)
    }
  }
}

/// LIMIT: how many of the slowest inputs stand for the worst case: more than a branch predictor
/// learns at once would be better, but then they are no longer the slowest.
private let slowestCount = 8

private func measure(
  _ chain: CompiledChain, _ inputs: MixedInputs, _ name: String, _ meter: inout Meter
) throws {
  var evaluator = Evaluator()
  let columnCount = MixedTable.columnCount
  func put(_ input: Int) {
    let first = input * columnCount
    for slot in 0..<columnCount { evaluator.vector[slot] = inputs.values[first + slot] }
  }
  func evaluate(_ input: Int) -> UInt64 {
    put(input)
    let decision = evaluator.evaluate(chain.view, in: inputs.message.span, fallback: .allow)
    return UInt64(decision.verdict.rawValue) << 32 | UInt64(evaluator.hits.count)
  }
  let putName = "put/\(columnCount) values of scale"
  if !meter.results.contains(where: { $0.name == putName }) {
    meter.measure(putName) { run in
      put(run % MixedInputs.count)
      return evaluator.vector[0].low
    }
  }
  meter.measure(name, netOf: putName) { run in
    evaluate(run % MixedInputs.count)
  }
  let slowest = (0..<MixedInputs.count).map { input in
    (input: input, time: fastest { for _ in 0..<64 { _ = evaluate(input) } })
  }.sorted { $0.time > $1.time }.prefix(slowestCount).map(\.input)
  meter.measure("\(name), slowest inputs", netOf: putName) { run in
    evaluate(slowest[run % slowestCount])
  }
}

/// The fastest of some runs: what a busy machine added to the others is no part of it.
private func fastest(_ body: () -> Void) -> Duration {
  (0..<5).map { _ in ContinuousClock().measure(body) }.min()!
}
