import Signals
import Wire

extension TablePlan {
  /// LIMIT: rules from which a table may be clustered. Below, looking at every word of every row is faster
  /// than finding out which to look at, however many rows there are.
  public static let clusteredRuleCountMin = 2048
  /// LIMIT: rules behind which every table is clustered: up to 14,000 either way takes as long, and shared
  /// rows take half the memory.
  public static let unclusteredRuleCountMax = 8192
  /// LIMIT: bytes of rows, each in full, from which a table that may be clustered is: what the tables that
  /// were measured need, of 8,192 rules and 20 columns. A list of 100,000 members would need a hundred times
  /// as much.
  private static let unclusteredByteCountMax = 16 << 20

  /// Whether a table is clustered where those of `ruleCount` rules may be.
  func isClustered(from ruleCount: Int) -> Bool {
    guard rules.count >= max(1, ruleCount), !columns.isEmpty else { return false }
    if ruleCount < Self.clusteredRuleCountMin || rules.count > Self.unclusteredRuleCountMax { return true }
    let rowCount = columns.reduce(0) { $0 + $1.stateRows.count + $1.classes.count }
    return rowCount * TableRecord.wordsPerRow(ruleCount: rules.count) * 8 > Self.unclusteredByteCountMax
  }
}

extension ImageBuilder {
  /// Appends the rows of a clustered table's columns. Returns where those of each column start, and
  /// the column's place among all; the leaves, branches and ranks are then as `details` says.
  mutating func appendClusters(
    of table: TablePlan, _ details: inout TableDetails
  ) throws(ImageError) -> [(rowsOffset: UInt32, place: Int)] {
    let order = ClusterOrder(table)
    var rows = ClusterRows(order)
    var branchNumbers: [[UInt32]] = []
    for index in table.columns.indices {
      branchNumbers.append(try numbers(ofColumn: index, in: table, &rows))
    }
    try checkRoom(
      for: rows.byteCount + branchNumbers.reduce(8 * order.ranks.count) { $0 + 4 * $1.count })

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
    let branchesOffset = details.clusters.branchesOffset
    let counts = rows.branchCounts()
    let uses = table.columns.indices.map { index in
      rows.use(ofRows: branchNumbers[index], isList: table.columns[index].isList, counts)
    }
    details.clusters.narrowingListCount = ClusterUse.narrowingListCount(uses)
    let places = ClusterUse.places(uses)
    return branchNumbers.enumerated().map { index, numbers in
      let offset = UInt32(bytes.count)
      for number in numbers {
        bytes.append(branchesOffset + number * UInt32(rows.shape.branchByteCount))
      }
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

  /// The numbers of the branches of each row of a column: states, then classes.
  private func numbers(
    ofColumn index: Int, in table: TablePlan, _ rows: inout ClusterRows
  ) throws(ImageError) -> [UInt32] {
    let column = table.columns[index]
    var cursor = rows.makeCursor(ofColumn: index)
    var numbers: [UInt32] = []
    func append(_ isWhole: Bool) throws(ImageError) {
      guard isWhole else {
        throw .inconsistent("table `\(table.name)`, column of slot \(column.slot)")
      }
      rows.store(&cursor)
      numbers += cursor.numbers
      try checkRoom(for: rows.byteCount + 4 * numbers.count)
    }
    for row in column.stateRows {
      var isWhole = true
      for word in row.indices { isWhole = rows.set(word, to: row[word], &cursor) && isWhole }
      try append(isWhole)
    }
    // The first row of the classes differs from zeros in what it says, and from the last state's
    // in all words that neither says.
    var isFirst = true
    try column.classes.forEachRow { changes throws(ImageError) in
      var isWhole = true
      if isFirst {
        for word in 0..<column.classes.wordCount { _ = rows.set(word, to: 0, &cursor) }
        rows.beginRuns(&cursor)
        isFirst = false
      }
      for change in changes {
        isWhole = rows.set(change.word, to: change.bits, &cursor) && isWhole
      }
      try append(isWhole)
    }
    return numbers
  }
}
