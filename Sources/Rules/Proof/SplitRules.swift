/// The rules of one table's image that have several bits.
///
/// Such a rule matches where, for one of its bits, the bits of all columns are set. That equals its cells
/// when its bits are alike in all columns but one, and in that one at least one of them is set exactly where
/// the cell matches.
struct SplitRules {
  /// The bits of each rule that has several.
  private var bits: [Int: [Int]] = [:]
  /// The rule of each bit.
  private let ranks: [Int?]
  /// Rules, however many bits they have.
  let ruleCount: Int
  /// Bits that belong to such rules.
  private(set) var words: [UInt64]
  /// Bits that belong to no rule of the table.
  private(set) var others: [UInt64]
  /// The column in which a rule's bits differ, where they do.
  private var columns: [Int: Int] = [:]

  /// `ranks`: the rule of each bit; `nil` where it is that of another table.
  init(_ ranks: [Int?]) {
    self.ranks = ranks
    words = [UInt64](repeating: 0, count: max(1, (ranks.count + 63) / 64))
    others = words
    var first: [Int: Int] = [:]
    for (bit, rule) in ranks.enumerated() {
      guard let rule else {
        others[bit / 64] |= 1 << UInt64(bit % 64)
        continue
      }
      guard let known = first[rule] else {
        first[rule] = bit
        continue
      }
      bits[rule, default: [known]].append(bit)
    }
    ruleCount = first.count
    for bit in bits.values.joined() { words[bit / 64] |= 1 << UInt64(bit % 64) }
  }

  /// Whether a row says what the interpreter does, rule by rule, though some bits of split rules differ.
  /// `differing` has such bits; `column` tells the column from the others of the table.
  mutating func accept(
    _ found: [UInt64], for expected: RuleBits, differing: [(word: Int, bits: UInt64)], column: Int
  ) -> Bool {
    var rules: Set<Int> = []
    for (word, bits) in differing {
      var rest = bits
      while rest != 0 {
        if let rule = ranks[word * 64 + rest.trailingZeroBitCount] { rules.insert(rule) }
        rest &= rest - 1
      }
    }
    for rule in rules {
      guard let bits = bits[rule], columns[rule, default: column] == column else { return false }
      columns[rule] = column
      let isAnySet = bits.contains { found[$0 / 64] >> UInt64($0 % 64) & 1 != 0 }
      guard isAnySet == expected[bits[0]] else { return false }
    }
    return true
  }
}
