import Signals
import Tables
import Wire

/// Decisions by a mixed table beside candidates, for their time and for counting instructions.
struct CandidateOperation {
  let ruleCount: Int
  let candidateCount: Int
  /// How many columns of each candidate have other cells than the table's.
  let editedColumnCount: Int

  var name: String {
    let edited = editedColumnCount == 0 ? "" : ", \(editedColumnCount) columns of each edited"
    return "scale/\(ruleCount) rules, \(candidateCount) candidates\(edited)"
  }

  func made() throws -> (chain: CompiledChain, inputs: MixedInputs) {
    let table = MixedTable(ruleCount: ruleCount, seed: UInt64(ruleCount))
    let plan = table.plan(beside: candidateCount, editedColumnCount: editedColumnCount)
    return (try CompiledChain(plan), MixedInputs(table, seed: 1))
  }

  /// Decides `calls` times. Returns something of the results, so that none can be left out.
  func run(calls: Int) throws -> UInt64 {
    let (chain, inputs) = try made()
    var evaluator = Evaluator()
    var sum: UInt64 = 0
    for call in 0..<calls {
      let first = call % MixedInputs.count * MixedTable.columnCount
      for slot in 0..<MixedTable.columnCount { evaluator.vector[slot] = inputs.values[first + slot] }
      let decision = evaluator.evaluate(chain.view, in: inputs.message.span, fallback: .allow)
      sum &+= UInt64(decision.verdict.rawValue) &+ UInt64(evaluator.hits.count)
    }
    return sum
  }
}

extension CandidateOperation {
  /// From `RULES:COUNT:COLUMNS`.
  init?(_ text: String) {
    let numbers = text.split(separator: ":", omittingEmptySubsequences: false).compactMap { Int($0) }
    guard numbers.count == 3, (1...10_000).contains(numbers[0]), (0...8).contains(numbers[1]),
      (0...MixedTable.columnCount).contains(numbers[2])
    else { return nil }
    self.init(ruleCount: numbers[0], candidateCount: numbers[1], editedColumnCount: numbers[2])
  }
}
