/// Some rules of a table, as the words of a row that hold any of them: small for few rules of many.
struct RuleWords: Sendable {
  private(set) var words: [(index: Int, bits: UInt64)] = []

  /// Rules come in ascending order.
  mutating func append(_ rule: Int) {
    let bit: UInt64 = 1 << UInt64(rule % 64)
    if words.last?.index == rule / 64 {
      words[words.count - 1].bits |= bit
    } else {
      words.append((rule / 64, bit))
    }
  }
}

extension RuleBits {
  mutating func formUnion(_ rules: RuleWords) {
    for (index, bits) in rules.words { insert(bits, at: index) }
  }

  mutating func subtract(_ rules: RuleWords) {
    for (index, bits) in rules.words { remove(bits, at: index) }
  }
}
