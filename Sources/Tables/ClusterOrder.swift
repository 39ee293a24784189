/// The order of a clustered table's bits: rules that the same values single out lie side by side.
///
/// A value's row then has its bits in few words. Each rule is keyed by its most selective cells, the
/// most selective column first; a cell's key is its column and the first class that it allows. A rule
/// whose first cell allows a few runs of classes has a bit, and a key, for each.
struct ClusterOrder {
  /// The index of each bit's rule.
  let ranks: [UInt32]
  /// By rule: the bits of its runs, in the order of the classes; of most rules, one.
  let positions: [[UInt32]]
  /// By rule: the index of the column whose runs have bits of their own; -1 where there is none.
  let splitColumns: [Int]
  /// Of the table's columns by their index in the plan; they have no ranges yet. None where all hold lists.
  let sections: [ClusterSection]

  /// LIMIT: cells of a rule's key. Rules whose first four are alike have more in common than a word
  /// has room for.
  private static let cellCountMax = 4

  /// LIMIT: runs of a cell that have bits of their own. Cells of more are not selective.
  static let runCountMax = 4

  /// LIMIT: bits of a table: what the rules of the largest need, if each has as many as it may.
  static let bitCountMax = TablePlan.ruleCountMax * runCountMax

  /// LIMIT: the last keys, which have no sections of their own: a block is enough for them.
  private static let restBitCountMax = 512

  private struct Key: Comparable {
    var cells: [UInt64]
    var rank: UInt32
    var run = 0

    /// The place of the column of the first cell; `nil` without cells.
    var place: Int? { cells.first.map { Int($0 >> 56) } }

    static func < (a: Key, b: Key) -> Bool {
      for (a, b) in zip(a.cells, b.cells) where a != b { return a < b }
      // A rule with fewer cells is behind those that share them: it matches more.
      return (b.cells.count, a.rank, a.run) < (a.cells.count, b.rank, b.run)
    }
  }

  /// O(changes of the columns' rows + rules × (columns + log rules)).
  init(_ table: TablePlan) {
    let columns = table.columns.map { ColumnUse($0, ruleCount: table.rules.count) }
    let places = Self.places(of: columns, ruleCount: table.rules.count)
    var keys: [Key] = []
    keys.reserveCapacity(table.rules.count)
    var splitColumns = [Int](repeating: -1, count: table.rules.count)
    for rank in table.rules.indices {
      let cells = columns.indices.compactMap { index -> (column: Int, key: UInt64)? in
        columns[index].cell(of: rank).map { (index, UInt64(places[index]) << 56 | $0.key) }
      }
      let chosen = cells.sorted { places[$0.column] < places[$1.column] }.prefix(Self.cellCountMax)
      var key = Key(cells: chosen.map(\.key), rank: UInt32(rank))
      let runs = chosen.first.map { columns[$0.column].runs(of: rank) } ?? []
      guard let first = chosen.first, runs.count > 1 else {
        keys.append(key)
        continue
      }
      splitColumns[rank] = first.column
      for (run, start) in runs.enumerated() {
        key.run = run
        key.cells[0] = UInt64(places[first.column]) << 56 | ColumnUse.key(first: start, count: 1)
        keys.append(key)
      }
    }
    // Rules without a cell to tell them by come last, in the last section.
    keys.sort { a, b in
      a.cells.isEmpty == b.cells.isEmpty ? a < b : b.cells.isEmpty
    }
    var sections = Self.sections(keys, places: places, columns)
    Self.putLastFirst(&sections, &keys)
    ranks = keys.map(\.rank)
    self.sections = sections
    self.splitColumns = splitColumns
    var positions = [[UInt32]](repeating: [], count: table.rules.count)
    // The runs of a rule have keys that ascend with their classes.
    for (position, rank) in ranks.enumerated() { positions[Int(rank)].append(UInt32(position)) }
    self.positions = positions
  }
}

extension ClusterOrder {
  /// The sections of keys that are in order: each column's are those whose first cell is its own. The last
  /// column has the rest: few keys, those that lists tell apart, and those that nothing does.
  private static func sections(
    _ keys: [Key], places: [Int], _ columns: [ColumnUse]
  ) -> [ClusterSection] {
    let order = columns.indices.filter { !columns[$0].isList }.sorted { places[$0] < places[$1] }
    guard let last = order.last else { return [] }
    var sections: [ClusterSection] = []
    var end = 0
    for column in order {
      let start = end
      while end < keys.count, keys[end].place == places[column] { end += 1 }
      if start < end {
        sections.append(
          ClusterSection(column: UInt32(column), start: UInt32(start), end: UInt32(end)))
      }
      if keys.count - end <= restBitCountMax { break }
    }
    if end < keys.count {
      let start = sections.last?.column == UInt32(last) ? Int(sections.removeLast().start) : end
      sections.append(
        ClusterSection(column: UInt32(last), start: UInt32(start), end: UInt32(keys.count)))
    }
    return sections
  }

  /// Puts the last section before the others: any value leads to most of it, and from the first bit on it is
  /// in as few blocks as it has room in.
  private static func putLastFirst(_ sections: inout [ClusterSection], _ keys: inout [Key]) {
    guard sections.count > 1, var last = sections.popLast() else { return }
    let count = last.end - last.start
    keys = Array(keys[Int(last.start)...] + keys[..<Int(last.start)])
    for index in sections.indices {
      sections[index].start += count
      sections[index].end += count
    }
    (last.start, last.end) = (0, count)
    sections.insert(last, at: 0)
  }

  /// The place of each column among all, the one whose cells are the most selective first: a rule's key has
  /// its cells in this order, so that the same columns part all rules.
  private static func places(of columns: [ColumnUse], ruleCount: Int) -> [Int] {
    let shares = columns.map { column in
      let cells = (0..<ruleCount).compactMap { column.cell(of: $0)?.share }
      let share = cells.isEmpty ? 1 : cells.reduce(0, +) / Float(cells.count)
      // A list has several members, each of which may be what a rule asks for.
      return column.isList ? share + 1 : share
    }
    var places = [Int](repeating: 0, count: columns.count)
    let order = columns.indices.sorted { (shares[$0], $0) < (shares[$1], $1) }
    for (place, column) in order.enumerated() { places[column] = place }
    return places
  }
}

/// Which classes of one column each rule allows: the first of them and how many.
private struct ColumnUse {
  private var firsts: [UInt32]
  private var counts: [UInt32]
  private var runCounts: [UInt8]
  /// `ClusterOrder.runCountMax` a rule.
  private var runStarts: [UInt32]
  let isList: Bool
  private let classCount: Int

  init(_ column: ColumnPlan, ruleCount: Int) {
    var firsts = [UInt32](repeating: .max, count: ruleCount)
    var counts = [UInt32](repeating: 0, count: ruleCount)
    var runCounts = [UInt8](repeating: 0, count: ruleCount)
    var runStarts = [UInt32](repeating: 0, count: ruleCount * ClusterOrder.runCountMax)
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
            if runCounts[rule] < ClusterOrder.runCountMax {
              runStarts[rule * ClusterOrder.runCountMax + Int(runCounts[rule])] = UInt32(index)
            }
            runCounts[rule] = min(runCounts[rule] + 1, .max - 1)
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
    self.runCounts = runCounts
    self.runStarts = runStarts
    self.isList = isList
    classCount = index
  }

  /// What share of the classes a rule's cell allows, and a key by which cells alike sort side by
  /// side; `nil` where it allows all of them.
  func cell(of rule: Int) -> (share: Float, key: UInt64)? {
    guard Int(counts[rule]) < classCount else { return nil }
    return (
      Float(counts[rule]) / Float(classCount), Self.key(first: firsts[rule], count: counts[rule])
    )
  }

  static func key(first: UInt32, count: UInt32) -> UInt64 {
    UInt64(first & 0xFF_FFFF) << 24 | UInt64(count & 0xFF_FFFF)
  }

  /// Where the runs of classes that a rule's cell allows begin, in order; none where there are too many
  /// to have bits of their own, or in a column of lists, whose rows are no classes.
  func runs(of rule: Int) -> ArraySlice<UInt32> {
    let count = Int(runCounts[rule])
    guard !isList, count <= ClusterOrder.runCountMax else { return [] }
    let start = rule * ClusterOrder.runCountMax
    return runStarts[start..<(start + count)]
  }
}
