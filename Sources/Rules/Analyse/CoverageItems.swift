import Signals

/// Everything of a table that an example can touch.
struct CoverageItems {
  struct Item {
    let kind: Coverage.Kind
    /// The rule, or the first one with the boundary.
    let rule: Int
    let column: Int?
    /// What the signal of the column must be.
    let cell: UnaryTests
  }

  /// Its rules in the order in which they decide, the default rule behind them.
  let table: Table
  let space: Space
  private(set) var all: [Item] = []

  init(_ table: Table) {
    self.table = table.withDefaultLast
    space = RuleBoxes([self.table]).space
    for rule in self.table.rules.indices {
      all.append(Item(kind: .rule, rule: rule, column: nil, cell: .any))
      for column in table.inputs.indices {
        let parts = self.table.rules[rule].cells[column].parts.filter(space.domains[column].canPass)
        all += parts.map { Item(kind: .cell, rule: rule, column: column, cell: $0) }
      }
    }
    for column in table.inputs.indices { addBoundaries(of: column) }
  }

  /// Both sides of every place where a cell of the column parts two numbers.
  private mutating func addBoundaries(of column: Int) {
    let domain = space.domains[column]
    var seen: Set<Int> = []
    for rule in table.rules.indices where !table.rules[rule].cells[column].isAny {
      let cell = table.rules[rule].cells[column]
      for range in domain.set(of: cell).intersection(domain.allValues).ranges {
        for cut in [range.lowerBound, range.upperBound] where cut > 0 && cut < domain.valueCount {
          for side in [cut - 1, cut] {
            guard let interval = domain.interval(side), seen.insert(side).inserted else { continue }
            let only = UnaryTests(states: [], values: .anyOf([.number(interval)]))
            all.append(Item(kind: .boundary, rule: rule, column: column, cell: only))
          }
        }
      }
    }
  }

  /// By item, whether one of some inputs touches it.
  func touched(by inputs: [[PlainSignal]]) -> [Bool] {
    let deciding = inputs.map { input in Set(table.deciding(input)) }
    return all.map { item in
      zip(inputs, deciding).contains { input, rules in
        if item.kind != .boundary, !rules.contains(item.rule) { return false }
        return item.column.map { item.cell.matches(input[$0]) } ?? true
      }
    }
  }
}

extension UnaryTests {
  /// The tests and states of a cell, each as a cell of its own; none for `-`.
  fileprivate var parts: [UnaryTests] {
    if isAny { return [] }
    let named = PlainSignal.states.map { States($0.state) }.filter(states.contains)
      .map { UnaryTests(states: $0, values: .none) }
    switch values {
    case .none: return named
    case .any, .noneOf: return [UnaryTests(states: [], values: values)] + named
    case .anyOf(let tests):
      return tests.map { UnaryTests(states: [], values: .anyOf([$0])) } + named
    }
  }
}

extension Domain {
  /// Whether some input passes a test: of the cases of an enumeration, `not(...)` may name all.
  fileprivate func canPass(_ cell: UnaryTests) -> Bool {
    if case .list = values { true } else { !set(of: cell).isEmpty }
  }

  /// The numbers of a class, `nil` where it is not one of numbers.
  fileprivate func interval(_ number: Int) -> NumberInterval? {
    switch values {
    case .wholes: NumberInterval(Double(number))
    case .numbers(let intervals): intervals[number]
    default: nil
    }
  }
}

extension Table {
  /// The rules that answer an input: one at most, where the hit policy has one answer. By the meaning
  /// of cells themselves.
  ///
  /// The rules stand in the order in which they decide; a default rule among them is the last.
  func deciding(_ input: [PlainSignal]) -> [Int] {
    let matching = rules.indices.lazy.filter { rule in
      zip(rules[rule].cells, input).allSatisfy { $0.matches($1) }
    }
    guard hitPolicy.style == .all else { return Array(matching.prefix(1)) }
    let hits = Array(matching)
    return hits.count > 1 && rules[hits[hits.count - 1]].number == 0 ? hits.dropLast() : hits
  }
}
