import Tables

/// One bit a rule, in the layout of a plan's rows: bit `r % 64` of word `r / 64`.
struct RuleBits: Hashable, Sendable {
  private(set) var words: ColumnPlan.Row

  /// No rule of that many.
  init(count: Int) { words = ColumnPlan.Row(repeating: 0, count: max(1, (count + 63) / 64)) }

  /// The first `end` rules of `count`.
  init(below end: Int, count: Int) {
    self.init(count: count)
    for word in 0..<(end / 64) { words[word] = ~0 }
    if end % 64 != 0 { words[end / 64] = (1 << UInt64(end % 64)) - 1 }
  }

  subscript(rule: Int) -> Bool { words[rule / 64] >> UInt64(rule % 64) & 1 != 0 }

  mutating func insert(_ rule: Int) { words[rule / 64] |= 1 << UInt64(rule % 64) }

  mutating func remove(_ rule: Int) { words[rule / 64] &= ~(1 << UInt64(rule % 64)) }

  /// Inserts the rules of one word.
  mutating func insert(_ bits: UInt64, at word: Int) { words[word] |= bits }

  /// Removes the rules of one word.
  mutating func remove(_ bits: UInt64, at word: Int) { words[word] &= ~bits }

  var isEmpty: Bool { words.allSatisfy { $0 == 0 } }
}
