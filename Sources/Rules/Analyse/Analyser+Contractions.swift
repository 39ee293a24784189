import Signals

extension Analyser {
  /// LIMIT: rules of one finding; a cell of more parts is no simpler than they are.
  private static let joinedCountMax = 32

  /// What rules are alike in but one column: their answer and their other cells.
  private struct Likeness: Hashable {
    let answer: Int
    let cells: [Int]
  }

  /// Rules of one answer that differ in one column, and whose cells there are one cell together.
  ///
  /// Where order decides, joining moves the later rule up to the first: no rule between them may
  /// overlap it and answer differently. A rule is in one finding at most for each column.
  mutating func findContractions() {
    guard table.hitPolicy.style != .all else { return }
    let cells = table.columns.map(\.cellIndexes)
    for column in table.inputs.indices {
      var groups: [Likeness: [Int]] = [:]
      var order: [Likeness] = []
      for rule in table.rules.indices {
        var own = cells.map { $0[rule] }
        own[column] = -1
        let likeness = Likeness(answer: answers[rule], cells: own)
        if groups[likeness] == nil { order.append(likeness) }
        groups[likeness, default: []].append(rule)
      }
      for likeness in order { join(groups[likeness]!, in: column) }
    }
  }

  private mutating func join(_ group: [Int], in column: Int) {
    var rest = group
    while rest.count > 1 {
      let first = rest.removeFirst()
      var joined = [first]
      var cell = table.rules[first].cells[column]
      for rule in rest where joined.count < Self.joinedCountMax && canMove(rule, upTo: first) {
        let other = table.rules[rule].cells[column]
        guard other != cell, let both = cell.union(other, in: rules.space.domains[column])
        else { continue }
        cell = both
        joined.append(rule)
      }
      guard joined.count > 1 else { continue }
      rest.removeAll { joined.contains($0) }
      let last = joined[joined.count - 1]
      let boxes = joined.flatMap { rules.boxes[$0] }
      report(
        .contractible, .info, rules: joined, regions: boxes, input: rules.boxes[last].first,
        "\(labels(joined)) differ in `\(table.inputs[column].name)` only; one rule with"
          + " `\(text(cell, column))` there says the same")
    }
  }

  private func canMove(_ rule: Int, upTo first: Int) -> Bool {
    if table.hitPolicy.style != .ordered { return true }
    return !overlapping(rule, in: (first + 1)..<rule).contains { answers[$0] != answers[rule] }
  }

  private func text(_ cell: UnaryTests, _ column: Int) -> String {
    rules.space.domains[column].text(cell)
  }
}

extension UnaryTests {
  /// What either cell matches, where one cell can say it.
  func union(_ other: UnaryTests, in domain: Domain) -> UnaryTests? {
    let states = self.states.union(other.states)
    if case .list = domain.values {
      switch (values, other.values) {
      case (.any, _), (_, .any): return UnaryTests(states: states, values: .any)
      case (.none, let only), (let only, .none):
        if case .noneOf = only, !states.isEmpty { return nil }
        return UnaryTests(states: states, values: only)
      case (.anyOf(let mine), .anyOf(let its)):
        return UnaryTests(states: states, values: .anyOf(mine + its.filter { !mine.contains($0) }))
      default: return nil
      }
    }
    let set = domain.set(of: self).union(domain.set(of: other))
    guard let text = domain.singleText(set) else { return nil }
    return try? CellParser.parse(text, for: domain.signal)
  }
}

extension Domain {
  /// A set of inputs as one cell, `nil` where no one cell says it.
  func singleText(_ set: ClassSet) -> String? {
    let hasStates = PlainSignal.states.indices.contains { set.contains(stateClass($0)) }
    let wanted = set.intersection(allValues)
    if hasStates, wanted != allValues, tests(wanted) == nil { return nil }
    return text(set)
  }

  /// A cell in canonical words.
  func text(_ cell: UnaryTests) -> String {
    guard case .list = values else { return text(set(of: cell)) }
    let states = PlainSignal.states.indices.filter {
      cell.states.contains(UnaryTests.States(PlainSignal.states[$0].state))
    }
    if case .any = cell.values { return text(allValuesAnd: states) }
    let members = cell.tests.compactMap { test -> String? in
      if case .text(let text) = test { quoted(text.string) } else { nil }
    }
    if case .noneOf = cell.values { return "not(\(members.joined(separator: ", ")))" }
    return (members + states.map { PlainSignal.states[$0].state.name }).joined(separator: ", ")
  }
}
