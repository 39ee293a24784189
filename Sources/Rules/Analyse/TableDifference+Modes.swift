import Signals

/// How far the rules of two versions of a table count, where that is not the same.
struct ModeChanges {
  /// The rule, of the later version where it has it; what it counts there, and what it did before.
  private(set) var all: [(rule: String, new: String, old: String)] = []
  /// Rules that have no counterpart yet.
  private var old: [Rule]
  private var new: [Rule]

  private struct Row: Hashable {
    /// By signal, the cells that test something.
    let cells: [String: UnaryTests]
    let outcome: RuleOutcome

    init(_ rule: Rule, of table: Table) {
      let named = zip(table.inputs, rule.cells).filter { !$1.isAny }.map { ($0.name, $1) }
      cells = Dictionary(named, uniquingKeysWith: { $1 })
      outcome = rule.outcome
    }
  }

  /// A rule is the one of its name, or else of its cells and answer, wherever it stands. What is left of
  /// rules without a name may have been edited: of those, as many as can be have kept their mode. What only
  /// one version has is compared with a rule that says nothing.
  init(_ before: Table, _ after: Table) {
    (old, new) = (before.rules, after.rules)
    pair { rule, _ in rule.name.isEmpty ? nil : rule.name }
    pair { Row($0, of: $1 ? after : before) }
    pair { rule, _ in rule.name.isEmpty ? rule.modeText : nil }
    pair { rule, _ in rule.name.isEmpty ? true : nil }
    for rule in old { add("\(named(rule)), which is gone,", Rule.tableModeText, rule.modeText) }
    for rule in new { add(named(rule), rule.modeText, Rule.tableModeText) }
    all.sort { $0.rule < $1.rule }
  }

  /// Pairs what is left of both versions by a key, in order; a rule without one waits. `key` is told whether
  /// the rule is of the later version.
  private mutating func pair<Key: Hashable>(_ key: (Rule, Bool) -> Key?) {
    var waiting: [Key: [Int]] = [:]
    for index in old.indices.reversed() {
      if let key = key(old[index], false) { waiting[key, default: []].append(index) }
    }
    var rest: [Rule] = []
    var paired: Set<Int> = []
    for rule in new {
      guard let key = key(rule, true), let index = waiting[key]?.popLast() else {
        rest.append(rule)
        continue
      }
      paired.insert(index)
      add(named(rule), rule.modeText, old[index].modeText)
    }
    new = rest
    old = old.indices.filter { !paired.contains($0) }.map { old[$0] }
  }

  private mutating func add(_ rule: String, _ new: String, _ old: String) {
    if new != old { all.append((rule, new, old)) }
  }

  private func named(_ rule: Rule) -> String { "`\(rule.plainName)`" }
}

extension Rule {
  fileprivate var modeText: String {
    mode.map { ModeText(mode: $0, canary: canary).description } ?? Self.tableModeText
  }

  fileprivate static let tableModeText = "as the table's"
}
