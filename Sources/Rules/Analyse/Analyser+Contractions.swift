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
  /// Joining moves the later rule up to the first. Where order decides, no rule between them may
  /// overlap it and answer differently; where all rules answer, none may that comes before it, or
  /// there would be an answer less. A rule is in one finding at most for each column.
  mutating func findContractions() {
    let cells = table.columns.map(\.cellIndexes)
    for column in table.inputs.indices {
      var groups: [Likeness: [Int]] = [:]
      var order: [Likeness] = []
      for rule in rows {
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
    let domain = rules.space.domains[column]
    var rest = group[...]
    while let first = rest.popFirst() {
      if rest.isEmpty { return }
      if budget.isSpent { return leave("which rules could be one by `\(domain.signal.name)`") }
      var joined = [first]
      var cell = JoinedCell(table.rules[first].cells[column], in: domain)
      for rule in rest {
        if joined.count == Self.joinedCountMax { break }
        guard budget.allows(1), canMove(rule, upTo: first),
          let both = cell.union(table.rules[rule].cells[column], in: domain)
        else { continue }
        cell = both
        joined.append(rule)
      }
      guard joined.count > 1 else { continue }
      let others = Set(joined)
      rest.removeAll(where: others.contains)
      let last = joined[joined.count - 1]
      let boxes = joined.flatMap { rules.boxes[$0] }
      report(
        .contractible, .info, rules: joined, regions: boxes, input: rules.boxes[last].first,
        "\(labels(joined)) differ in `\(table.inputs[column].name)` only; one rule with"
          + " `\(cell.text(in: domain))` there says the same")
    }
  }

  private mutating func canMove(_ rule: Int, upTo first: Int) -> Bool {
    let answers = answers
    switch table.hitPolicy.style {
    case .disjoint, .agreeing: return true
    case .ordered: return !overlaps(rule, in: (first + 1)..<rule) { answers[$0] != answers[rule] }
    case .all: return !overlaps(rule, in: first..<rule) { _ in true }
    }
  }
}

/// What some cells match together, where one cell can say it.
private enum JoinedCell {
  /// Of a signal with one value.
  case set(ClassSet)
  /// Of a list.
  case tests(UnaryTests)

  init(_ cell: UnaryTests, in domain: Domain) {
    if case .list = domain.values { self = .tests(cell) } else { self = .set(domain.set(of: cell)) }
  }

  func union(_ cell: UnaryTests, in domain: Domain) -> JoinedCell? {
    switch self {
    case .tests(let tests): return tests.union(ofLists: cell).map(JoinedCell.tests)
    case .set(let set):
      let both = set.union(domain.set(of: cell))
      return domain.isOneCell(both) ? .set(both) : nil
    }
  }

  func text(in domain: Domain) -> String {
    switch self {
    case .set(let set): domain.text(set)
    case .tests(let tests): domain.text(tests)
    }
  }
}

extension UnaryTests {
  /// What either cell of a list matches, where one cell can say it.
  fileprivate func union(ofLists other: UnaryTests) -> UnaryTests? {
    let states = self.states.union(other.states)
    switch (values, other.values) {
    case (.any, _), (_, .any): return UnaryTests(states: states, values: .any)
    case (.none, let only), (let only, .none):
      if case .noneOf = only, !states.isEmpty { return nil }
      return UnaryTests(states: states, values: only)
    case (.anyOf(let mine), .anyOf(let its)):
      let known = Set(mine)
      return UnaryTests(states: states, values: .anyOf(mine + its.filter { !known.contains($0) }))
    default: return nil
    }
  }
}

extension Domain {
  /// Whether one cell says a set of inputs.
  fileprivate func isOneCell(_ set: ClassSet) -> Bool {
    let wanted = set.intersection(allValues)
    if wanted == allValues || hasTests(wanted) { return true }
    let hasStates = PlainSignal.states.indices.contains { set.contains(stateClass($0)) }
    return !hasStates && hasTests(allValues.subtracting(wanted))
  }

  /// A cell in canonical words.
  func text(_ cell: UnaryTests) -> String {
    guard case .list = values else { return text(set(of: cell)) }
    let states = PlainSignal.states.indices.filter {
      cell.states.contains(UnaryTests.States(PlainSignal.states[$0].state))
    }
    if case .any = cell.values { return cellText(allValuesAnd: states) }
    let members = cell.tests.map { $0.text(for: signal) }
    if case .noneOf = cell.values { return "not(\(members.joined(separator: ", ")))" }
    return (members + states.map { PlainSignal.states[$0].state.name }).joined(separator: ", ")
  }
}
