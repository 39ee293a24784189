import Wire

/// Clustered tables: which words an evaluation leaves out.
extension ImageChecker {
  /// Checks that a table's sections share its bits out, in order, that the ranges of each lead to all bits of
  /// it that a row of its column has, and that a column which an evaluation leaves out says nothing more. The
  /// table's columns have passed.
  func checkSections(of table: TableRecord, at offset: Int) throws(ImageError) {
    let clusters = (try record(at: Int(table.detailsOffset)) as TableDetails).clusters
    if clusters.sectionCount == 0 { return }
    let shape = ClusterShape(bitCount: Int(clusters.bitCount))
    let sections = Section(
      clusters.sectionsOffset, count: clusters.sectionCount, of: ClusterSection.self)
    let plainCount = Int(table.plainColumnCount)
    var end: UInt32 = 0
    for index in 0..<sections.count {
      let section: ClusterSection = try record(at: sections.offset(of: index))
      guard section.start == end, section.end > end, section.end <= clusters.bitCount,
        section.column < plainCount, section.others >> UInt64(plainCount - 1) <= 1,
        section.firsts == .max || section.hasFirsts(below: clusters.fullColumnCount)
      else { throw .malformed(offset: sections.offset(of: index)) }
      end = section.end
      for column in 0..<plainCount {
        let isOwn = column == section.column
        let hasSay = section.columns >> UInt64(column) & 1 != 0
        if hasSay, !isOwn { continue }
        var reader = try rows(ofColumn: column, of: table, clusters, shape)
        for row in 0..<reader.rowCount {
          let range: BitRange =
            isOwn
            ? try record(at: Int(section.rangesOffset) + MemoryLayout<BitRange>.stride * row)
            : BitRange(first: section.start, count: section.end - section.start)
          try check(range, ofRow: row, of: &reader, section, isExact: !hasSay)
        }
      }
    }
    guard end == clusters.bitCount else { throw .malformed(offset: offset) }
    try checkBounds(of: table, clusters, shape)
  }

  /// Checks that a row has no bits of a section out of a range, and where `isExact`, all that are in it.
  private func check(
    _ range: BitRange, ofRow row: Int, of reader: inout RowReader, _ section: ClusterSection, isExact: Bool
  ) throws(ImageError) {
    guard range == BitRange()
      || section.start <= range.first && range.bits.upperBound <= Int(section.end) && range.count > 0
    else { throw .malformed(offset: Int(section.rangesOffset)) }
    let words = section.words
    for block in section.blocks {
      let start = try self.block(block, ofRow: row, of: reader)
      if reader.isKnown(start, range.clamped(toBlock: block), ofBlock: block) { continue }
      let first = block * ClusterRecord.wordsPerLeaf
      for word in max(first, words.lowerBound)..<min(first + ClusterRecord.wordsPerLeaf, words.upperBound) {
        let bits = try record(at: start + 8 * (word - first)) & section.mask(ofWord: word)
        let allowed = range.mask(ofWord: word)
        guard bits & ~allowed == 0, !isExact || bits == allowed else { throw .malformed(offset: start) }
      }
    }
  }

  /// Checks that the bounds of each bit are what the rows of bounded columns and lists say, and that its rule
  /// is the one of its rank.
  private func checkBounds(
    of table: TableRecord, _ clusters: ClusterRecord, _ shape: ClusterShape
  ) throws(ImageError) {
    let bounds = Section(clusters.boundsOffset, count: clusters.bitCount, stride: RuleBounds.byteCount)
    try check(bounds, alignment: RuleBounds.byteCount)
    let fullCount = Int(clusters.fullColumnCount)
    var columns: [ColumnBounds] = []
    for column in (fullCount - Int(clusters.boundedColumnCount))..<fullCount {
      let reader = try rows(ofColumn: column, of: table, clusters, shape)
      guard reader.rowCount <= UInt16.max else { throw .malformed(offset: bounds.offset) }
      columns.append(
        try ColumnBounds(rowCount: reader.rowCount, bitCount: shape.bitCount) {
          row, word throws(ImageError) in
          try record(at: reader.start + row * reader.rowByteCount + 8 * word)
        })
    }
    var freeRows: [[UInt64]] = []
    for column in Int(table.plainColumnCount)..<Int(table.columnCount) {
      let reader = try rows(ofColumn: column, of: table, clusters, shape)
      var row: [UInt64] = []
      for word in 0..<shape.wordCount {
        let start = try block(word / ClusterRecord.wordsPerLeaf, ofRow: -1, of: reader)
        row.append(try record(at: start + 8 * (word % ClusterRecord.wordsPerLeaf)))
      }
      freeRows.append(row)
    }
    for bit in 0..<bounds.count {
      let offset = bounds.offset(of: bit)
      let rank: UInt32 = try record(at: Int(clusters.ranksOffset) + 4 * bit)
      let expected = RuleBounds(ofBit: bit, rule: rank, columns, listFreeRows: freeRows)
      guard try self.bounds(at: offset) == expected else { throw .malformed(offset: offset) }
    }
  }

  private func bounds(at offset: Int) throws(ImageError) -> RuleBounds {
    var bounds = RuleBounds()
    for lane in 0..<RuleBounds.columnCountMax {
      bounds.lowest[lane] = try record(at: offset + 2 * lane)
      bounds.highest[lane] = try record(at: offset + RuleBounds.highestOffset + 2 * lane)
    }
    bounds.rule = try record(at: offset + RuleBounds.ruleOffset)
    bounds.flags = try record(at: offset + RuleBounds.flagsOffset)
    return bounds
  }

  /// The rows of a column of a table with sections.
  struct RowReader {
    var start: Int
    var rowCount: Int
    var rowByteCount: Int
    var isFull: Bool
    /// By block: what of it was checked last. Neighbouring rows of branches are made of the same leaves.
    private var known: [(start: Int, range: BitRange)]

    init(start: Int, rowCount: Int, rowByteCount: Int, isFull: Bool, blockCount: Int) {
      self.start = start
      self.rowCount = rowCount
      self.rowByteCount = rowByteCount
      self.isFull = isFull
      known = Array(repeating: (-1, BitRange()), count: blockCount)
    }

    /// Whether what is asked for of a block was so at the last call, too.
    mutating func isKnown(_ start: Int, _ range: BitRange, ofBlock block: Int) -> Bool {
      defer { known[block] = (start, range) }
      return known[block] == (start, range)
    }
  }

  func rows(
    ofColumn index: Int, of table: TableRecord, _ clusters: ClusterRecord, _ shape: ClusterShape
  ) throws(ImageError) -> RowReader {
    let column: ColumnRecord = try record(
      at: Int(table.columnsOffset) + index * MemoryLayout<ColumnRecord>.stride)
    let isFull = clusters.isFull(index, plainCount: Int(table.plainColumnCount))
    return RowReader(
      start: Int(column.rowsOffset),
      rowCount: InputRecord.stateRowCount + Int(try input(Int(column.input)).rowCount),
      rowByteCount: isFull ? shape.fullRowByteCount : shape.rowByteCount, isFull: isFull,
      blockCount: shape.blockCount)
  }

  /// Where the words of a block of a row lie.
  func block(_ block: Int, ofRow row: Int, of reader: RowReader) throws(ImageError) -> Int {
    let start = reader.start + row * reader.rowByteCount
    if reader.isFull { return start + 64 * block }
    let leavesPerBranch = ClusterRecord.wordsPerBranch / ClusterRecord.wordsPerLeaf
    let branch: UInt32 = try record(at: start + 4 * (block / leavesPerBranch))
    let place = block % leavesPerBranch
    return Int(try record(at: Int(branch) + ClusterRecord.summaryByteCount + 4 * place) as UInt32)
  }

  /// A word of a branch that `checkClusters` has passed. `word` is one of the row's.
  private func bits(ofWord word: Int, ofBranch branch: Int) throws(ImageError) -> UInt64 {
    let place = word % ClusterRecord.wordsPerBranch
    let leaf: UInt32 = try record(
      at: branch + ClusterRecord.summaryByteCount + 4 * (place / ClusterRecord.wordsPerLeaf))
    return try record(at: Int(leaf) + 8 * (place % ClusterRecord.wordsPerLeaf))
  }

  /// As `checkListFreeRow`, of rows that are made of branches. What several rows share is read once.
  func checkClusteredListFreeRow(
    of column: ColumnRecord, _ input: InputRecord, _ table: TableRecord
  ) throws(ImageError) {
    let start = Int(column.rowsOffset) - Int(table.rowByteCount)
    let clusters = (try record(at: Int(table.detailsOffset)) as TableDetails).clusters
    let shape = ClusterShape(bitCount: Int(clusters.bitCount))
    let wordCount = shape.leavesPerBranch * ClusterRecord.wordsPerLeaf
    for branch in 0..<shape.branchesPerRow {
      /// Row 0 is the one to check.
      func offset(_ row: Int) throws(ImageError) -> Int {
        Int(try record(at: start + row * shape.rowByteCount + 4 * branch) as UInt32)
      }
      var free = [UInt64](repeating: ~0, count: wordCount)
      for row in 1...InputRecord.stateRowCount + 1 {
        let offset = try offset(row)
        for word in 0..<wordCount { free[word] &= try bits(ofWord: word, ofBranch: offset) }
      }
      var known: Set<Int> = []
      for row in stride(from: 2, to: Int(input.rowCount), by: 2) {
        let offset = try offset(1 + InputRecord.stateRowCount + row)
        guard known.insert(offset).inserted else { continue }
        for word in 0..<wordCount { free[word] &= ~(try bits(ofWord: word, ofBranch: offset)) }
      }
      let found = try offset(0)
      for word in 0..<wordCount {
        guard try bits(ofWord: word, ofBranch: found) == free[word] else { throw .malformed(offset: start) }
      }
    }
  }
}

extension ClusterSection {
  /// Whether all columns of `firsts` are some of the first so many.
  fileprivate func hasFirsts(below count: UInt32) -> Bool {
    (0..<UInt64(Self.firstCount)).allSatisfy { firsts >> (8 * $0) & 0xFF < UInt64(count) }
  }
}
