import Signals
import Tables

/// One input column of a table: its cells by rule, equal cells once.
struct CellColumn {
  /// A cell, and the rules that have it.
  struct Cell {
    let cell: UnaryTests
    fileprivate(set) var ruleWords = RuleWords()
    fileprivate let ruleCount: Int

    var rules: RuleBits {
      var bits = RuleBits(count: ruleCount)
      bits.formUnion(ruleWords)
      return bits
    }
  }

  let signal: Signal
  let ruleCount: Int
  /// Each different cell.
  private(set) var cells: [Cell] = []
  /// The index in `cells` of each rule's cell.
  private(set) var cellIndexes: [Int] = []

  init(_ signal: Signal, _ cells: [UnaryTests]) {
    self.signal = signal
    ruleCount = cells.count
    cellIndexes.reserveCapacity(cells.count)
    var indexes: [UnaryTests: Int] = [:]
    for (rule, cell) in cells.enumerated() {
      let index = indexes[cell] ?? self.cells.count
      if index == self.cells.count {
        indexes[cell] = index
        self.cells.append(Cell(cell: cell, ruleCount: ruleCount))
      }
      self.cells[index].ruleWords.append(rule)
      cellIndexes.append(index)
    }
  }

  /// The rules whose cells match a signal.
  func rules(matching sample: PlainSignal) -> RuleBits {
    var bits = RuleBits(count: ruleCount)
    for cell in cells where cell.cell.matches(sample) { bits.formUnion(cell.ruleWords) }
    return bits
  }

  /// Every test of every cell.
  var tests: [UnaryTest] { cells.flatMap(\.cell.tests) }

  /// The lists that tests name, each once, in the order of the cells.
  var lists: [NamedList] {
    var seen: Set<NamedList> = []
    return tests.compactMap { test in
      if case .list(let list) = test, seen.insert(list).inserted { list } else { nil }
    }
  }

  /// The texts that tests name by themselves, each once, in the order of their bytes.
  var members: [String] {
    let texts = tests.compactMap { test in
      if case .text(let text) = test { text } else { nil as ExactText? }
    }
    return Set(texts).map(\.string).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
