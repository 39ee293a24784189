import Rules

/// A table as two bundles have it.
struct TablePair {
  struct RuleChange {
    var old: BundleRule?
    var new: BundleRule?
    var details: [BundleDiff.Detail]?
  }

  let old: BundledChain
  let oldIndex: Int
  let new: BundledChain
  let newIndex: Int
  /// Rules with a name are matched by it, others by their digest, the rest by their number.
  private(set) var changes: [RuleChange] = []
  /// The rules that are in both, as each has them.
  private var kept: [(old: BundleRule, new: BundleRule)] = []

  init(old: BundledChain, at oldIndex: Int, new: BundledChain, at newIndex: Int) {
    self.old = old
    self.oldIndex = oldIndex
    self.new = new
    self.newIndex = newIndex
    match(old.rules[oldIndex], new.rules[newIndex])
    describe()
  }

  private struct Identity: Hashable {
    var name: String
    var digest: [UInt8]
  }

  /// O(rules).
  private mutating func match(_ before: [BundleRule], _ after: [BundleRule]) {
    // The last of each list is the first of the source.
    var same: [Identity: [Int]] = [:]
    for index in before.indices.reversed() {
      same[Identity(name: before[index].name, digest: before[index].digest), default: []].append(index)
    }
    var isLeft = before.map { _ in true }
    var changed: [BundleRule] = []
    for rule in after {
      if let index = same[Identity(name: rule.name, digest: rule.digest)]?.popLast() {
        isLeft[index] = false
        kept.append((before[index], rule))
      } else {
        changed.append(rule)
      }
    }
    var twins: [String: [Int]] = [:]
    for index in before.indices.reversed() where isLeft[index] {
      twins[Self.twinName(before[index]), default: []].append(index)
    }
    for rule in changed {
      let twin = twins[Self.twinName(rule)]?.popLast()
      if let twin {
        isLeft[twin] = false
        kept.append((before[twin], rule))
      }
      changes.append(RuleChange(old: twin.map { before[$0] }, new: rule))
    }
    for index in before.indices where isLeft[index] { changes.append(RuleChange(old: before[index])) }
  }

  /// No rule has a name that begins with a space.
  private static func twinName(_ rule: BundleRule) -> String {
    rule.name.isEmpty ? " \(rule.number)" : rule.name
  }

  private mutating func describe() {
    let shown = changes.prefix(BundleDiff.detailedRuleCountMax)
    guard let before = old.facts(ofRules: shown.compactMap { $0.old?.number }, ofTable: oldIndex),
      let after = new.facts(ofRules: shown.compactMap { $0.new?.number }, ofTable: newIndex)
    else { return }
    for index in shown.indices {
      let facts = (changes[index].old.map { before[$0.number] ?? [] } ?? [])
      changes[index].details = BundleDiff.Detail.differences(
        facts, changes[index].new.map { after[$0.number] ?? [] } ?? [])
    }
  }

  /// Of the table as a whole.
  var details: [BundleDiff.Detail] {
    BundleDiff.Detail.differences(old.facts(ofTable: oldIndex), new.facts(ofTable: newIndex)) + order
  }

  /// The rules that are in both and stand in another order, from the first to the last of them.
  private var order: [BundleDiff.Detail] {
    let oldRanks = old.ranks(ofTable: oldIndex)
    let newRanks = new.ranks(ofTable: newIndex)
    let both = kept.compactMap { pair in
      oldRanks[pair.old.number].flatMap { old in newRanks[pair.new.number].map { (old, $0, pair) } }
    }
    let before = both.sorted { $0.0 < $1.0 }
    let after = both.sorted { $0.1 < $1.1 }
    let moved = before.indices.filter { before[$0].0 != after[$0].0 }
    guard let first = moved.first, let last = moved.last else { return [] }
    let names = { (rules: [BundleRule]) in
      rules.map { $0.name.isEmpty ? "\($0.number)" : $0.name }.joined(separator: ", ")
    }
    return [
      .init(
        what: "rule order", before: names(before[first...last].map(\.2.old)),
        after: names(after[first...last].map(\.2.old)))
    ]
  }
}
