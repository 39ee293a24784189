import Signals
import Wire

/// Clustered tables: what an evaluation follows without looking.
extension ImageChecker {
  /// Checks the leaves, branches and ranks of a table, each once.
  func checkClusters(of table: TableRecord, at offset: Int) throws(ImageError) {
    guard table.ruleCount > 0, table.columnCount > 0 else { throw .malformed(offset: offset) }
    let clusters = (try record(at: Int(table.detailsOffset)) as TableDetails).clusters
    let leaves = Section(clusters.leavesOffset, count: clusters.leafCount, stride: 64)
    try check(leaves, alignment: 64)
    // LIMIT: a rule's bits. Before anything is computed from it.
    guard clusters.bitCount >= table.ruleCount, clusters.bitCount <= ClusterOrder.bitCountMax,
      Int(clusters.bitCount) <= Int(table.ruleCount) * ClusterOrder.runCountMax,
      table.rowByteCount == table.byteCount(clusters: clusters)
    else { throw .malformed(offset: offset) }
    // Something has to say which words there are.
    let listCount = UInt32(table.columnCount) - UInt32(table.plainColumnCount)
    guard clusters.narrowingListCount <= listCount,
      table.plainColumnCount > 0 || clusters.narrowingListCount > 0,
      clusters.sectionCount <= table.plainColumnCount,
      clusters.fullColumnCount <= (clusters.sectionCount > 0 ? table.plainColumnCount : 0),
      clusters.boundedColumnCount <= min(clusters.fullColumnCount, UInt32(RuleBounds.columnCountMax)),
      clusters.hasFullLists <= (clusters.sectionCount > 0 ? 1 : 0)
    else { throw .malformed(offset: offset) }
    let shape = ClusterShape(bitCount: Int(clusters.bitCount))
    let branches = Section(
      clusters.branchesOffset, count: clusters.branchCount, stride: shape.branchByteCount)
    try check(branches, alignment: 64)
    for index in 0..<branches.count {
      try checkBranch(at: branches.offset(of: index), shape, leaves)
    }
    try checkRanks(clusters, shape, ruleCount: Int(table.ruleCount))
  }

  /// A branch's leaves are leaves, and its summary is what they say.
  private func checkBranch(
    at offset: Int, _ shape: ClusterShape, _ leaves: Section
  ) throws(ImageError) {
    for place in 0..<(ClusterRecord.wordsPerBranch / ClusterRecord.wordsPerLeaf) {
      var summary: UInt8 = 0
      if place < shape.leavesPerBranch {
        let leaf: UInt32 = try record(at: offset + ClusterRecord.summaryByteCount + 4 * place)
        let distance = Int(leaf) - leaves.offset
        guard distance >= 0, distance % leaves.stride == 0, Int(leaf) < leaves.end else {
          throw .malformed(offset: offset)
        }
        for word in 0..<ClusterRecord.wordsPerLeaf {
          let bits: UInt64 = try record(at: Int(leaf) + 8 * word)
          if bits != 0 { summary |= 1 << UInt8(word) }
        }
      }
      let stored: UInt8 = try record(at: offset + place)
      guard stored == summary else { throw .malformed(offset: offset) }
    }
  }

  /// The ranks of bits are the rules, each at least once, and the lowest of each word is stored with it.
  private func checkRanks(
    _ clusters: ClusterRecord, _ shape: ClusterShape, ruleCount: Int
  ) throws(ImageError) {
    let ranks = Section(clusters.ranksOffset, count: UInt32(shape.bitCount), stride: 4)
    let firsts = Section(clusters.firstRanksOffset, count: UInt32(shape.wordCount), stride: 4)
    try check(ranks, alignment: 4)
    try check(firsts, alignment: 4)
    var isTaken = [Bool](repeating: false, count: ruleCount)
    for word in 0..<shape.wordCount {
      var lowest = UInt32.max
      for position in (word * 64)..<min(word * 64 + 64, shape.bitCount) {
        let rank: UInt32 = try record(at: ranks.offset(of: position))
        guard rank < ruleCount else {
          throw .malformed(offset: ranks.offset(of: position))
        }
        isTaken[Int(rank)] = true
        lowest = min(lowest, rank)
      }
      let stored: UInt32 = try record(at: firsts.offset(of: word))
      guard stored == lowest else { throw .malformed(offset: firsts.offset(of: word)) }
    }
    guard isTaken.allSatisfy(\.self) else { throw .malformed(offset: ranks.offset) }
  }

  /// Checks that a column's rows are made of the table's branches, whose bits end with the rules.
  /// `checkClusters` has passed.
  func checkClusteredRows(
    of column: ColumnRecord, _ input: InputRecord, _ table: TableRecord
  ) throws(ImageError) {
    let clusters = (try record(at: Int(table.detailsOffset)) as TableDetails).clusters
    let shape = ClusterShape(bitCount: Int(clusters.bitCount))
    let branches = Section(
      clusters.branchesOffset, count: clusters.branchCount, stride: shape.branchByteCount)
    // Lists have a row more, before the others.
    let extraCount = input.kind == InputRecord.Kind.list.rawValue ? 1 : 0
    let rows = Section(
      offset: Int(column.rowsOffset) - extraCount * shape.rowByteCount,
      count: Int(input.rowCount) + InputRecord.stateRowCount + extraCount, stride: shape.rowByteCount)
    guard rows.offset >= 0 else { throw .malformed(offset: 0) }
    try check(rows, alignment: 4)
    for row in 0..<rows.count {
      for index in 0..<shape.branchesPerRow {
        let offset = rows.offset(of: row) + 4 * index
        let branch: UInt32 = try record(at: offset)
        let distance = Int(branch) - branches.offset
        guard distance >= 0, distance % branches.stride == 0, Int(branch) < branches.end else {
          throw .malformed(offset: offset)
        }
        if index == shape.branchesPerRow - 1 { try checkTail(of: Int(branch), shape) }
      }
    }
  }

  /// INVARIANT (tail-clear) of the last branch of a row.
  private func checkTail(of branch: Int, _ shape: ClusterShape) throws(ImageError) {
    let wordCount = shape.wordCount - (shape.branchesPerRow - 1) * ClusterRecord.wordsPerBranch
    for index in 0..<8 {
      let summary: UInt64 = try record(at: branch + 8 * index)
      let used = max(0, min(64, wordCount - 64 * index))
      guard used == 64 || summary >> UInt64(used) == 0 else { throw .malformed(offset: branch) }
    }
    let last = wordCount - 1
    let leaf: UInt32 = try record(
      at: branch + ClusterRecord.summaryByteCount + 4 * (last / ClusterRecord.wordsPerLeaf))
    let bits: UInt64 = try record(at: Int(leaf) + 8 * (last % ClusterRecord.wordsPerLeaf))
    let used = shape.bitCount % 64
    guard used == 0 || bits >> UInt64(used) == 0 else { throw .malformed(offset: Int(leaf)) }
  }
}
