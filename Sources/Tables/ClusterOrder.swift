/// The order of a clustered table's bits: rules that the same values single out lie side by side.
///
/// A value's row then has its bits in few words. Each rule is keyed by its most selective cells, the
/// most selective first; a cell's key is its column and the first class that it allows.
struct ClusterOrder {
  /// The index of each bit's rule.
  let ranks: [UInt32]

  /// LIMIT: cells of a rule's key. Rules whose first four are alike have more in common than a word
  /// has room for.
  private static let cellCountMax = 4

  private struct Key: Comparable {
    var cells: [UInt64]
    var rank: UInt32

    static func < (a: Key, b: Key) -> Bool {
      for (a, b) in zip(a.cells, b.cells) where a != b { return a < b }
      // A rule with fewer cells is behind those that share them: it matches more.
      return (b.cells.count, a.rank) < (a.cells.count, b.rank)
    }
  }

  /// O(changes of the columns' rows + rules × (columns + log rules)).
  init(_ table: TablePlan) {
    let columns = table.columns.map { ColumnUse($0, ruleCount: table.rules.count) }
    var keys = table.rules.indices.map { rank in
      let cells = columns.indices.compactMap { index -> (share: Float, key: UInt64)? in
        columns[index].cell(of: rank).map { ($0.share, UInt64(index) << 56 | $0.key) }
      }
      let chosen = cells.sorted { $0 < $1 }.prefix(Self.cellCountMax)
      return Key(cells: chosen.map(\.key), rank: UInt32(rank))
    }
    // Rules without a cell to tell them by come last.
    keys.sort { a, b in
      a.cells.isEmpty == b.cells.isEmpty ? a < b : b.cells.isEmpty
    }
    ranks = keys.map(\.rank)
  }

  /// The bit of each rule.
  var positions: [UInt32] {
    var positions = [UInt32](repeating: 0, count: ranks.count)
    for (position, rank) in ranks.enumerated() { positions[Int(rank)] = UInt32(position) }
    return positions
  }
}

/// Which classes of one column each rule allows: the first of them and how many.
private struct ColumnUse {
  private var firsts: [UInt32]
  private var counts: [UInt32]
  private let classCount: Int

  init(_ column: ColumnPlan, ruleCount: Int) {
    var firsts = [UInt32](repeating: .max, count: ruleCount)
    var counts = [UInt32](repeating: 0, count: ruleCount)
    var row = [UInt64](repeating: 0, count: column.classes.wordCount)
    var isList = false
    if case .list = column.partition { isList = true }
    var index = 0
    var needsNone = row
    column.classes.forEachRow { changes in
      defer { index += 1 }
      for change in changes {
        var toggled = row[change.word] ^ change.bits
        row[change.word] = change.bits
        while toggled != 0 {
          let bit = toggled & (0 &- toggled)
          let rule = change.word * 64 + toggled.trailingZeroBitCount
          toggled ^= bit
          guard rule < ruleCount else { continue }
          // The count grows by where it ends and shrinks by where it begins.
          if change.bits & bit != 0 {
            firsts[rule] = min(firsts[rule], UInt32(index))
            counts[rule] &-= UInt32(index)
          } else {
            counts[rule] &+= UInt32(index)
          }
        }
      }
      if isList, index == 0 { needsNone = row }
    }
    for word in row.indices {
      var rest = row[word]
      while rest != 0 {
        let rule = word * 64 + rest.trailingZeroBitCount
        if rule < ruleCount { counts[rule] &+= UInt32(index) }
        rest &= rest - 1
      }
    }
    // A rule that a list needs no member for says little about lists.
    if isList {
      for rule in 0..<ruleCount where needsNone[rule / 64] >> UInt64(rule % 64) & 1 != 0 {
        counts[rule] = UInt32(index)
      }
    }
    self.firsts = firsts
    self.counts = counts
    classCount = index
  }

  /// What share of the classes a rule's cell allows, and a key by which cells alike sort side by
  /// side; `nil` where it allows all of them.
  func cell(of rule: Int) -> (share: Float, key: UInt64)? {
    guard Int(counts[rule]) < classCount else { return nil }
    return (
      Float(counts[rule]) / Float(classCount),
      UInt64(firsts[rule] & 0xFF_FFFF) << 24 | UInt64(counts[rule] & 0xFF_FFFF)
    )
  }
}
