import Signals
import Tables

/// One input column of a table: its cells by rule, equal cells once.
struct CellColumn {
  let signal: Signal
  let ruleCount: Int
  /// Each different cell with the rules that have it.
  private(set) var cells: [(cell: UnaryTests, rules: RuleBits)] = []
  /// The index in `cells` of each rule's cell.
  private(set) var cellIndexes: [Int] = []

  init(_ signal: Signal, _ cells: [UnaryTests]) {
    self.signal = signal
    ruleCount = cells.count
    var indexes: [UnaryTests: Int] = [:]
    for (rule, cell) in cells.enumerated() {
      let index = indexes[cell] ?? self.cells.count
      if index == self.cells.count {
        indexes[cell] = index
        self.cells.append((cell, RuleBits(count: ruleCount)))
      }
      self.cells[index].rules.insert(rule)
      cellIndexes.append(index)
    }
  }

  /// The rules whose cells match a signal.
  func rules(matching sample: PlainSignal) -> RuleBits {
    var bits = RuleBits(count: ruleCount)
    for (cell, rules) in cells where cell.matches(sample) { bits.formUnion(rules) }
    return bits
  }

  /// Every test of every cell.
  var tests: [UnaryTest] { cells.flatMap(\.cell.tests) }

  /// The texts that tests name, each once, in the order of their bytes.
  var members: [String] {
    let texts = tests.compactMap { test in
      if case .text(let text) = test { text } else { nil as ExactText? }
    }
    return Set(texts).map(\.string).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
