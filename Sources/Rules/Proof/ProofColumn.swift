import Signals

/// One input of a source table as the interpreter sees it: each different cell once, with the rules
/// that have it.
struct ProofColumn {
  struct Group {
    let cell: UnaryTests
    var rules: [Int]

    init(_ cell: UnaryTests, rules: [Int]) {
      self.cell = cell
      self.rules = rules
    }
  }

  let signal: Signal
  let ruleCount: Int
  private(set) var groups: [Group] = []

  init(_ signal: Signal, cells: some Collection<UnaryTests>) {
    self.signal = signal
    ruleCount = cells.count
    var indexes: [UnaryTests: Int] = [:]
    for (rule, cell) in cells.enumerated() {
      if let index = indexes[cell] {
        groups[index].rules.append(rule)
      } else {
        indexes[cell] = groups.count
        groups.append(Group(cell, rules: [rule]))
      }
    }
  }

  /// The row that the interpreter gives for one input, cell by cell.
  func row(_ matches: (UnaryTests) -> Bool) -> RuleBits {
    var row = RuleBits(count: ruleCount)
    for group in groups where matches(group.cell) { row.set(group.rules, to: true) }
    return row
  }

  /// The indexes of the groups whose cells name a text.
  var groupsByText: [ExactText: [Int]] {
    var indexes: [ExactText: [Int]] = [:]
    for (index, group) in groups.enumerated() {
      for text in Set(Self.texts(of: group.cell)) { indexes[text, default: []].append(index) }
    }
    return indexes
  }

  /// A text that is none of these.
  func textBeside(_ texts: Set<ExactText>) -> String {
    var text = "other"
    while texts.contains(ExactText(text)) { text += "-" }
    return text
  }

  /// The texts that a cell names.
  static func texts(of cell: UnaryTests) -> [ExactText] {
    cell.tests.compactMap { test in
      if case .text(let text) = test { text } else { nil as ExactText? }
    }
  }
}

extension RuleBits {
  mutating func set(_ rules: [Int], to isSet: Bool) {
    for rule in rules {
      if isSet { insert(rule) } else { remove(rule) }
    }
  }
}
