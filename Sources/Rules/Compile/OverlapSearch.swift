import Signals

/// Finds the pairs of a table's rules that match a common input.
///
/// One column is swept class by class, and a rule that comes in is compared with the rules that are
/// there: rules that a selective column keeps apart never meet.
struct OverlapSearch {
  /// What the cells of one column match, by different cell.
  private struct Column {
    let space: ClassSpace
    let cellIndexes: [Int]
    let cells: [CellColumn.Cell]
    let ranges: [[Range<Int>]]

    init(_ column: CellColumn) {
      let space = ClassSpace(column)
      self.space = space
      cells = column.cells
      cellIndexes = column.cellIndexes
      ranges = space.signal.type == .list ? [] : cells.map { space.ranges(of: $0.cell) }
    }

    /// How many pairs of rules a sweep of the column would compare, if its classes were equal parts.
    var pairEstimate: Double {
      guard !ranges.isEmpty else { return .infinity }
      let shares = zip(cells, ranges).map { cell, ranges in
        let classCount = ranges.reduce(0) { $0 + $1.count } + (cell.cell.states.isEmpty ? 0 : 1)
        return Double(classCount) / Double(space.count + 1)
      }
      return cellIndexes.reduce(0) { $0 + shares[$1] }
    }

    /// An input that two rules' cells both match; `nil` where there is none.
    func common(_ first: Int, _ second: Int) -> PlainSignal? {
      let (a, b) = (cellIndexes[first], cellIndexes[second])
      if space.signal.type == .list {
        if let list = cells[a].cell.commonList(with: cells[b].cell) { return .list(list) }
      } else if let index = Self.first(in: ranges[a], and: ranges[b]) {
        return space.sample(of: index)
      }
      let states = cells[a].cell.states.intersection(cells[b].cell.states)
      return PlainSignal.states.first { states.contains(UnaryTests.States($0.state)) }
    }

    func meet(_ first: Int, _ second: Int) -> Bool {
      let (a, b) = (cellIndexes[first], cellIndexes[second])
      if !cells[a].cell.states.isDisjoint(with: cells[b].cell.states) { return true }
      if space.signal.type == .list {
        return cells[a].cell.sharesList(with: cells[b].cell)
      }
      return Self.first(in: ranges[a], and: ranges[b]) != nil
    }

    private static func first(in a: [Range<Int>], and b: [Range<Int>]) -> Int? {
      var (i, j) = (0, 0)
      while i < a.count, j < b.count {
        let start = max(a[i].lowerBound, b[j].lowerBound)
        if start < min(a[i].upperBound, b[j].upperBound) { return start }
        if a[i].upperBound < b[j].upperBound { i += 1 } else { j += 1 }
      }
      return nil
    }
  }

  /// LIMIT: comparisons of two rules in one search; they take some ten seconds. Without a column
  /// that keeps rules apart, that is 30,000 rules.
  static let pairCountMax = 1 << 29

  private let ruleCount: Int
  /// The most selective first.
  private let columns: [Column]
  private let inputOrder: [Int]

  init(_ columns: [CellColumn], ruleCount: Int) {
    self.ruleCount = ruleCount
    let made = columns.map(Column.init)
    let estimates = made.map(\.pairEstimate)
    let order = made.indices.sorted { estimates[$0] < estimates[$1] }
    self.columns = order.map { made[$0] }
    inputOrder = order
  }

  /// For each rule the first later one that it meets and that `isWanted` names, by the first;
  /// `nil` where there are too many rules to tell.
  func pairs(where isWanted: (Int, Int) -> Bool) -> [(first: Int, second: Int)]? {
    var later: [Int: Int] = [:]
    var pairCount = 0
    func compare(_ rule: Int, with others: [Int], in rest: ArraySlice<Column>) -> Bool {
      pairCount += others.count
      guard pairCount <= Self.pairCountMax else { return false }
      for other in others {
        let (first, second) = (min(rule, other), max(rule, other))
        if let known = later[first], known <= second { continue }
        if rest.allSatisfy({ $0.meet(first, second) }), isWanted(first, second) {
          later[first] = second
        }
      }
      return true
    }
    if let pivot = columns.first, !pivot.ranges.isEmpty {
      let isComplete = sweep(pivot) { compare($0, with: $1, in: columns.dropFirst()) }
      guard isComplete else { return nil }
    } else {
      let rules = Array(0..<ruleCount)
      for rule in rules.dropFirst() {
        guard compare(rule, with: Array(rules[..<rule]), in: columns[...]) else { return nil }
      }
    }
    return later.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// An input that both rules match, by input of the table. They meet.
  func input(_ first: Int, _ second: Int) -> [PlainSignal] {
    var input = [PlainSignal](repeating: .absent, count: columns.count)
    for (column, index) in zip(columns, inputOrder) {
      input[index] = column.common(first, second)!
    }
    return input
  }

  /// Calls `enter` with each rule that begins to match a class or state of the column, and the rules
  /// that match it too; ends when `enter` says `false`, and is `false` then.
  private func sweep(_ column: Column, _ enter: (Int, [Int]) -> Bool) -> Bool {
    let stateStart = column.space.count
    var entering = [[Int]](repeating: [], count: stateStart + PlainSignal.states.count)
    var leaving = entering
    for (index, cell) in column.cells.enumerated() {
      for range in column.ranges[index] {
        entering[range.lowerBound].append(index)
        if range.upperBound < stateStart { leaving[range.upperBound].append(index) }
      }
      for (offset, state) in PlainSignal.states.enumerated() where cell.cell.matches(state) {
        entering[stateStart + offset].append(index)
      }
    }
    var alive: [Int] = []
    var places = [Int](repeating: -1, count: ruleCount)
    func leave(_ rule: Int) {
      let place = places[rule]
      guard place >= 0 else { return }
      alive.swapAt(place, alive.count - 1)
      places[alive[place]] = place
      alive.removeLast()
      places[rule] = -1
    }
    for number in entering.indices {
      // A state is a class of its own: no range goes on into it, nor from one to the next.
      if number >= stateStart {
        for rule in alive { places[rule] = -1 }
        alive = []
      }
      for index in leaving[number] { column.cells[index].ruleWords.forEach { leave($0) } }
      var isComplete = true
      for index in entering[number] {
        column.cells[index].ruleWords.forEach { rule in
          isComplete = isComplete && enter(rule, alive)
          places[rule] = alive.count
          alive.append(rule)
        }
      }
      guard isComplete else { return false }
    }
    return true
  }
}

extension UnaryTests {
  /// Whether there is a list that both cells match.
  fileprivate func sharesList(with other: UnaryTests) -> Bool {
    switch (values, other.values) {
    case (.none, _), (_, .none): false
    case (.anyOf(let wanted), .noneOf(let barred)), (.noneOf(let barred), .anyOf(let wanted)):
      wanted.contains { !barred.contains($0) }
    default: true
    }
  }

  /// The smallest list that both cells match; `nil` where there is none.
  fileprivate func commonList(with other: UnaryTests) -> [String]? {
    switch (values, other.values) {
    case (.none, _), (_, .none): return nil
    case (.anyOf(let a), .anyOf(let b)):
      guard let first = a.first?.text, let second = b.first?.text else { return nil }
      if let shared = a.first(where: { b.contains($0) })?.text { return [shared] }
      return first.utf8.lexicographicallyPrecedes(second.utf8) ? [first, second] : [second, first]
    case (.anyOf(let wanted), .noneOf(let barred)), (.noneOf(let barred), .anyOf(let wanted)):
      return wanted.first { !barred.contains($0) }.flatMap { $0.text.map { [$0] } }
    case (.anyOf(let wanted), .any), (.any, .anyOf(let wanted)):
      return wanted.first?.text.map { [$0] }
    case (.any, .any), (.any, .noneOf), (.noneOf, .any), (.noneOf, .noneOf): return []
    }
  }
}

extension UnaryTest {
  fileprivate var text: String? {
    if case .text(let text) = self { text.string } else { nil }
  }
}
