import Wire

/// Clustered tables: which words an evaluation leaves out.
extension ImageChecker {
  /// Checks that a table's sections share its bits out, in order, and that the ranges of each lead to all
  /// blocks in which a row of its column has bits of it: what matches has bits in all rows, so the range of
  /// its section leads to it. The table's columns have passed.
  func checkSections(of table: TableRecord, at offset: Int) throws(ImageError) {
    let clusters = (try record(at: Int(table.detailsOffset)) as TableDetails).clusters
    if clusters.sectionCount == 0 { return }
    let shape = ClusterShape(bitCount: Int(clusters.bitCount))
    let sections = Section(
      clusters.sectionsOffset, count: clusters.sectionCount, of: ClusterSection.self)
    var end: UInt32 = 0
    for index in 0..<sections.count {
      let section: ClusterSection = try record(at: sections.offset(of: index))
      guard section.start == end, section.end > end, section.end <= clusters.bitCount,
        section.column < table.plainColumnCount
      else { throw .malformed(offset: sections.offset(of: index)) }
      end = section.end
      let isFull = section.column < clusters.fullColumnCount
      let column: ColumnRecord = try record(
        at: Int(table.columnsOffset) + Int(section.column) * MemoryLayout<ColumnRecord>.stride)
      let rows = Section(
        offset: Int(column.rowsOffset),
        count: InputRecord.stateRowCount + Int(try input(Int(column.input)).rowCount),
        stride: isFull ? shape.fullRowByteCount : shape.rowByteCount)
      for row in 0..<rows.count {
        let range: BlockRange = try record(at: Int(section.rangesOffset) + 4 * row)
        try check(range, ofRow: rows.offset(of: row), isFull: isFull, section)
      }
    }
    guard end == clusters.bitCount else { throw .malformed(offset: offset) }
  }

  private func check(
    _ range: BlockRange, ofRow offset: Int, isFull: Bool, _ section: ClusterSection
  ) throws(ImageError) {
    let blocks = range.blocks
    let all = section.blocks
    guard blocks.isEmpty || all.lowerBound <= blocks.lowerBound && blocks.upperBound <= all.upperBound
    else { throw .malformed(offset: offset) }
    for block in all where !blocks.contains(block) {
      var start = offset + 64 * block
      if !isFull {
        let place = block % (ClusterRecord.wordsPerBranch / ClusterRecord.wordsPerLeaf)
        let branch: UInt32 = try record(
          at: offset + 4 * (block * ClusterRecord.wordsPerLeaf / ClusterRecord.wordsPerBranch))
        // Most are empty.
        if try record(at: Int(branch) + place) as UInt8 == 0 { continue }
        start = Int(try record(at: Int(branch) + ClusterRecord.summaryByteCount + 4 * place) as UInt32)
      }
      for place in 0..<ClusterRecord.wordsPerLeaf {
        let word = block * ClusterRecord.wordsPerLeaf + place
        guard section.words.contains(word) else { continue }
        guard try record(at: start + 8 * place) & section.mask(ofWord: word) == 0 else {
          throw .malformed(offset: offset)
        }
      }
    }
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
