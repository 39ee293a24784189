/// The words of a table's rows, for who proves that they are right.
extension ChainView {
  /// How many words a row of a column has; those past the last bit of a rule have to be zero.
  public func wordCount(of column: ColumnContent) -> Int {
    let table = column.table
    guard table.isClustered else { return Int(table.wordsPerRow) }
    let shape = ClusterShape(bitCount: Int(details(of: table).clusters.bitCount))
    return column.isFull
      ? shape.fullRowByteCount / 8
      : shape.branchesPerRow * shape.leavesPerBranch * ClusterRecord.wordsPerLeaf
  }

  /// Calls `body` with the words of a row, in order. Bit `b % 64` of word `b / 64`; `ranks(ofTable:)` says
  /// which rule it is.
  public func forEachWord(
    ofRow index: Int, of column: ColumnContent, _ body: (_ word: Int, _ bits: UInt64) -> Void
  ) {
    let table = column.table
    guard table.isClustered, !column.isFull else {
      let wordCount = self.wordCount(of: column)
      let (rowByteCount, wordByteCount) =
        column.isFull ? (wordCount * 8, 8) : (Int(table.rowByteCount), table.wordByteCount)
      let start = Int(column.record.rowsOffset) + index * rowByteCount
      for word in 0..<wordCount { body(word, load(at: start + wordByteCount * word)) }
      return
    }
    let start = Int(column.record.rowsOffset) + index * Int(table.rowByteCount)
    let shape = ClusterShape(bitCount: Int(details(of: table).clusters.bitCount))
    for branch in 0..<shape.branchesPerRow {
      let offset: UInt32 = load(at: start + 4 * branch)
      for place in 0..<shape.leavesPerBranch {
        let leaf: UInt32 = load(at: Int(offset) + ClusterRecord.summaryByteCount + 4 * place)
        let first = branch * ClusterRecord.wordsPerBranch + place * ClusterRecord.wordsPerLeaf
        for word in 0..<ClusterRecord.wordsPerLeaf {
          body(first + word, load(at: Int(leaf) + 8 * word))
        }
      }
    }
  }
}
