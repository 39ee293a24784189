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

  /// `cells`: `nil` where what has its place in the image is no rule of the table.
  init(_ signal: Signal, cells: some Collection<UnaryTests?>) {
    self.signal = signal
    ruleCount = cells.count
    var indexes: [UnaryTests: Int] = [:]
    for (rule, cell) in cells.enumerated() {
      guard let cell else { continue }
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

  /// The indexes of the groups whose cells name a text by itself.
  var groupsByText: [ExactText: [Int]] {
    var indexes: [ExactText: [Int]] = [:]
    for (index, group) in groups.enumerated() {
      for case .text(let text) in Set(group.cell.tests) { indexes[text, default: []].append(index) }
    }
    return indexes
  }

  /// The lists that cells name, and the indexes of the groups whose cells name each.
  var groupsByList: [(list: NamedList, groups: [Int])] {
    var indexes: [NamedList: [Int]] = [:]
    for (index, group) in groups.enumerated() {
      for case .list(let list) in Set(group.cell.tests) { indexes[list, default: []].append(index) }
    }
    return indexes.sorted { $0.value[0] < $1.value[0] }.map { ($0.key, $0.value) }
  }

  /// A text that is none of these.
  func textBeside(_ texts: Set<ExactText>) -> String {
    var text = "other"
    while texts.contains(ExactText(text)) { text += "-" }
    return text
  }

  /// The texts that a cell names, by themselves or by lists.
  static func texts(of cell: UnaryTests) -> [ExactText] {
    cell.tests.flatMap { test -> [ExactText] in
      switch test {
      case .text(let text): [text]
      case .list(let list): list.texts.map(ExactText.init)
      default: []
      }
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
