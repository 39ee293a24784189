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
    /// Some of the later rules with the same boundary.
    var others: [Int] = []
  }

  /// LIMIT: rules beside the first that an input at a boundary is looked for by. Beyond these, it is looked
  /// for wherever it may be.
  private static let otherRuleCountMax = 16

  /// Its rules in the order in which they decide, the default rule behind them.
  let table: Table
  let space: Space
  /// No table, or one that names each address at an edge by itself: a space of both tells it from others.
  let edgeTable: [Table]
  private(set) var all: [Item] = []

  init(_ table: Table) {
    self.table = table.withDefaultLast
    edgeTable = self.table.edgeTable
    space = RuleBoxes([self.table] + edgeTable).space
    for rule in self.table.rules.indices {
      all.append(Item(kind: .rule, rule: rule, column: nil, cell: .any))
      for column in table.inputs.indices {
        let parts = self.table.rules[rule].cells[column].parts.filter(space.domains[column].canPass)
        all += parts.map { Item(kind: .cell, rule: rule, column: column, cell: $0) }
      }
    }
    for column in table.inputs.indices {
      addBoundaries(of: column)
      addEdges(of: column)
    }
  }

  /// The first and the last address of each network of a column's cells and those next to it, and what
  /// `not(...)` leaves out.
  private mutating func addEdges(of column: Int) {
    var known: [UnaryTest: Int] = [:]
    for rule in table.rules.indices {
      let cell = table.rules[rule].cells[column]
      for test in cell.edges + cell.leftOut {
        let only = UnaryTests(states: [], values: .anyOf([test]))
        guard space.domains[column].canPass(only) else { continue }
        addBoundary(of: rule, column, only, test, &known)
      }
    }
  }

  /// Both sides of every place where a cell of the column parts two numbers.
  private mutating func addBoundaries(of column: Int) {
    let domain = space.domains[column]
    var known: [Int: Int] = [:]
    for rule in table.rules.indices where !table.rules[rule].cells[column].isAny {
      let cell = table.rules[rule].cells[column]
      for range in domain.set(of: cell).intersection(domain.allValues).ranges {
        for cut in [range.lowerBound, range.upperBound] where cut > 0 && cut < domain.valueCount {
          for side in [cut - 1, cut] {
            guard let interval = domain.interval(side) else { continue }
            let only = UnaryTests(states: [], values: .anyOf([.number(interval)]))
            addBoundary(of: rule, column, only, side, &known)
          }
        }
      }
    }
  }

  /// `known` are the items of the column's boundaries so far.
  private mutating func addBoundary<Key: Hashable>(
    of rule: Int, _ column: Int, _ cell: UnaryTests, _ key: Key, _ known: inout [Key: Int]
  ) {
    guard let index = known[key] else {
      known[key] = all.count
      all.append(Item(kind: .boundary, rule: rule, column: column, cell: cell))
      return
    }
    let others = all[index].others
    guard others.count < Self.otherRuleCountMax, (others.last ?? all[index].rule) != rule else { return }
    all[index].others.append(rule)
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

extension UnaryTests {
  /// The addresses, each a test, on both sides of the ends of the networks that a cell names. Two that
  /// touch are one network; beside those of IPv4 there is only IPv4.
  fileprivate var edges: [UnaryTest] {
    var networks: [ClosedRange<UInt128>] = []
    let named = tests.compactMap { if case .addresses(let block) = $0 { block } else { nil } }
    for block in named.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = networks.last, block.lowerBound == 0 || block.lowerBound - 1 <= last.upperBound {
        networks[networks.count - 1] = last.lowerBound...max(last.upperBound, block.upperBound)
      } else {
        networks.append(block)
      }
    }
    return networks.filter { $0.lowerBound < $0.upperBound }.flatMap { network in
      let (first, last) = (network.lowerBound, network.upperBound)
      let before = first > 0 && isIPv4(first - 1) == isIPv4(first) ? [first - 1] : []
      let behind = last < .max && isIPv4(last + 1) == isIPv4(last) ? [last + 1] : []
      return (before + [first, last] + behind).map { UnaryTest.addresses($0...$0) }
    }
  }

  /// What a cell of `not(...)` leaves out, test by test; networks and numbers are left out at their edges.
  fileprivate var leftOut: [UnaryTest] {
    guard case .noneOf(let tests) = values else { return [] }
    return tests.filter { test in
      switch test {
      case .number: false
      case .addresses(let block): block.lowerBound == block.upperBound
      case .text, .boolean, .enumeration, .list: true
      }
    }
  }
}

extension Table {
  fileprivate var edgeTable: [Table] {
    let edges = inputs.indices.map { column in
      var seen: Set<UnaryTest> = []
      return rules.flatMap { $0.cells[column].edges }.filter { seen.insert($0).inserted }
    }
    guard var rule = rules.first, edges.contains(where: { !$0.isEmpty }) else { return [] }
    rule.cells = edges.map { $0.isEmpty ? .any : UnaryTests(states: [], values: .anyOf($0)) }
    var table = self
    table.rules = [rule]
    return [table]
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
