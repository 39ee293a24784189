import Signals
import Wire

extension TablePlan {
  /// LIMIT: rules from which a table may be clustered. Below, looking at every word of every row is faster
  /// than finding out which to look at, however many rows there are.
  public static let clusteredRuleCountMin = 2048
  /// LIMIT: rules behind which every table is clustered: those of 2,500 rules and 20 columns are faster if
  /// not, those of 4,000 if they are.
  public static let unclusteredRuleCountMax = 3584
  /// LIMIT: bytes of rows, each in full, from which a table that may be clustered is: what the tables that
  /// were measured need, of 8,192 rules and 20 columns. A list of 100,000 members would need a hundred times
  /// as much.
  private static let unclusteredByteCountMax = 16 << 20

  /// LIMIT: blocks that a value leads to, on average over the classes, up to which a clustered table has
  /// sections, whatever share of all blocks they are.
  public static let sectionBlockCountMax = 16.0

  /// Whether a table is clustered where those of `ruleCount` rules may be.
  func isClustered(from ruleCount: Int) -> Bool {
    guard rules.count >= max(1, ruleCount), !columns.isEmpty else { return false }
    if ruleCount < Self.clusteredRuleCountMin || rules.count > Self.unclusteredRuleCountMax { return true }
    let rowCount = columns.reduce(0) { $0 + $1.stateRows.count + $1.classes.count }
    return rowCount * TableRecord.wordsPerRow(ruleCount: rules.count) * 8 > Self.unclusteredByteCountMax
  }
}

extension ImageBuilder {
  /// One column of a clustered table while it is laid out.
  struct ClusteredColumn {
    /// States first, then classes: the numbers of their branches; empty where they are in full.
    var numbers: [UInt32] = []
    /// The rows in full, or nothing.
    var words: [UInt64] = []
    /// Of lists: the row before the others.
    var freeNumbers: [UInt32] = []
    /// As in full, whether it is stored so or not.
    var freeWords: [UInt64] = []
    /// Of rows in full, where they are useful.
    var bounds: ColumnBounds?
  }

  /// Appends the rows of a clustered table's columns. Returns where those of each column start, and
  /// the column's place among all; the leaves, branches and ranks are then as `details` says.
  mutating func appendClusters(
    of table: TablePlan, _ details: inout TableDetails
  ) throws(ImageError) -> [(rowsOffset: UInt32, place: Int)] {
    let order = ClusterOrder(table)
    let shape = ClusterShape(bitCount: order.ranks.count)
    let sections = try self.sections(of: table, order)
    var rows = ClusterRows(shape)
    var columns: [ClusteredColumn] = []
    let isFull =
      sections.isEmpty
      ? table.columns.map { _ in false } : fullColumns(of: table, shape)
    for index in table.columns.indices {
      columns.append(try laidOut(index, of: table, order, isFull: isFull[index], &rows))
    }
    try checkRoom(
      for: columns.reduce(rows.byteCount + (8 + RuleBounds.byteCount) * order.ranks.count) {
        $0 + 4 * $1.numbers.count + 8 * $1.words.count
      })

    align(to: 64)
    details.clusters.leavesOffset = UInt32(bytes.count)
    details.clusters.leafCount = UInt32(rows.leaves.count / ClusterRecord.wordsPerLeaf)
    for word in rows.leaves { bytes.append(word) }
    details.clusters.branchesOffset = UInt32(bytes.count)
    details.clusters.branchCount = UInt32(rows.branches.count / rows.wordsPerBranch)
    appendBranches(rows, leavesOffset: details.clusters.leavesOffset)
    details.clusters.bitCount = UInt32(order.ranks.count)
    details.clusters.ranksOffset = UInt32(bytes.count)
    for rank in order.ranks { bytes.append(rank) }
    details.clusters.firstRanksOffset = UInt32(bytes.count)
    for start in stride(from: 0, to: order.ranks.count, by: 64) {
      bytes.append(order.ranks[start..<min(start + 64, order.ranks.count)].min()!)
    }
    let counts = rows.branchCounts()
    let uses = table.columns.indices.map { index in
      columns[index].words.isEmpty
        ? rows.use(ofRows: columns[index].numbers, isList: table.columns[index].isList, counts)
        : ClusterUse(
          ofFullRows: columns[index].words,
          rowCount: columns[index].words.count * 8 / shape.fullRowByteCount,
          isList: table.columns[index].isList, isBounded: columns[index].bounds != nil)
    }
    details.clusters.narrowingListCount = ClusterUse.narrowingListCount(uses)
    details.clusters.fullColumnCount = UInt32(uses.count { !$0.isList && $0.fullRowCount > 0 })
    details.clusters.hasFullLists = uses.contains { $0.isList && $0.fullRowCount > 0 } ? 1 : 0
    let places = ClusterUse.places(uses)
    appendSections(sections, of: table, order, places: places, &details.clusters)
    if !sections.isEmpty { appendBounds(columns, ranks: order.ranks, places: places, &details.clusters) }
    let branchesOffset = details.clusters.branchesOffset
    return columns.enumerated().map { index, column in
      func append(_ numbers: [UInt32]) {
        for number in numbers { bytes.append(branchesOffset + number * UInt32(shape.branchByteCount)) }
      }
      if !column.words.isEmpty { align(to: 64) }
      append(column.freeNumbers)
      if column.freeNumbers.isEmpty { for word in column.freeWords { bytes.append(word) } }
      let offset = UInt32(bytes.count)
      append(column.numbers)
      for word in column.words { bytes.append(word) }
      return (offset, places[index])
    }
  }

  private mutating func appendBranches(_ rows: ClusterRows, leavesOffset: UInt32) {
    for start in stride(from: 0, to: rows.branches.count, by: rows.wordsPerBranch) {
      for word in rows.branches[start..<(start + 8)] { bytes.append(word) }
      for pair in rows.branches[(start + 8)..<(start + rows.wordsPerBranch)] {
        bytes.append(leavesOffset + UInt32(truncatingIfNeeded: pair) * 64)
        bytes.append(leavesOffset + UInt32(truncatingIfNeeded: pair >> 32) * 64)
      }
    }
  }

  /// The rows of a column: in full, or the numbers of their branches.
  private func laidOut(
    _ index: Int, of table: TablePlan, _ order: ClusterOrder, isFull: Bool, _ rows: inout ClusterRows
  ) throws(ImageError) -> ClusteredColumn {
    var result = ClusteredColumn()
    let fullWordCount = rows.shape.fullRowByteCount / 8
    try forEachRow(ofColumn: index, of: table, order) { cursor throws(ImageError) in
      if isFull {
        result.words += cursor.words[..<fullWordCount]
      } else {
        rows.store(&cursor)
        result.numbers += cursor.numbers
      }
      try checkRoom(for: rows.byteCount + 8 * result.words.count + 4 * result.numbers.count)
    }
    if table.columns[index].isList {
      var cursor = ClusterCursor(order, column: index)
      let row = table.columns[index].listFreeRow()
      for word in row.indices { _ = cursor.set(word, to: row[word]) }
      result.freeWords = Array(cursor.words[..<fullWordCount])
      if !isFull {
        rows.store(&cursor)
        result.freeNumbers = cursor.numbers
      }
    } else if isFull {
      let words = result.words
      let bounds = ColumnBounds(
        rowCount: words.count / fullWordCount, bitCount: order.ranks.count
      ) { words[$0 * fullWordCount + $1] }
      if bounds.areUseful { result.bounds = bounds }
    }
    return result
  }

  /// Calls `body` with each row of a column: states, then classes.
  func forEachRow(
    ofColumn index: Int, of table: TablePlan, _ order: ClusterOrder,
    _ body: (inout ClusterCursor) throws(ImageError) -> Void
  ) throws(ImageError) {
    let column = table.columns[index]
    var cursor = ClusterCursor(order, column: index)
    func use(_ isWhole: Bool) throws(ImageError) {
      guard isWhole else {
        throw .inconsistent("table `\(table.name)`, column of slot \(column.slot)")
      }
      try body(&cursor)
    }
    for row in column.stateRows {
      var isWhole = true
      for word in row.indices { isWhole = cursor.set(word, to: row[word]) && isWhole }
      try use(isWhole)
    }
    // The first row of the classes differs from zeros in what it says, and from the last state's
    // in all words that neither says.
    var isFirst = true
    try column.classes.forEachRow { changes throws(ImageError) in
      var isWhole = true
      if isFirst {
        for word in 0..<column.classes.wordCount { _ = cursor.set(word, to: 0) }
        cursor.beginRuns()
        isFirst = false
      }
      for change in changes {
        isWhole = cursor.set(change.word, to: change.bits) && isWhole
      }
      try use(isWhole)
    }
  }
}
