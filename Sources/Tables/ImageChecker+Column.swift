import Signals
import Wire

extension ImageChecker {
  func check(
    _ column: ColumnRecord, at offset: Int, of table: TableRecord, isFull: Bool
  ) throws(ImageError) {
    guard column.input < header.inputEnds.lists else { throw .malformed(offset: offset) }
    let input = try self.input(Int(column.input))
    let isList = input.kind == InputRecord.Kind.list.rawValue
    if table.isClustered, !isFull {
      try checkClusteredRows(of: column, input, table)
      if isList { try checkClusteredListFreeRow(of: column, input, table) }
      return
    }
    var (wordsPerRow, bitCount) = (Int(table.wordsPerRow), Int(table.ruleCount))
    if isFull {
      let clusters = (try record(at: Int(table.detailsOffset)) as TableDetails).clusters
      let shape = ClusterShape(bitCount: Int(clusters.bitCount))
      (wordsPerRow, bitCount) = (shape.fullRowByteCount / 8, shape.bitCount)
    }
    try checkRows(of: column, input, wordsPerRow: wordsPerRow, bitCount: bitCount)
    if isList { try checkListFreeRow(of: column, input, wordsPerRow: wordsPerRow) }
  }

  /// INVARIANT (tail-clear) is checked where it could be broken: an extra bit would be a rule.
  private func checkRows(
    of column: ColumnRecord, _ input: InputRecord, wordsPerRow: Int, bitCount: Int
  ) throws(ImageError) {
    let rows = Section(
      offset: Int(column.rowsOffset), count: Int(input.rowCount) + InputRecord.stateRowCount,
      stride: wordsPerRow * 8)
    try check(rows, alignment: 64)
    let firstPartWord = bitCount / 64
    for row in 0..<rows.count {
      for word in firstPartWord..<max(firstPartWord, wordsPerRow) {
        let offset = rows.offset(of: row) + word * 8
        let bits: UInt64 = try record(at: offset)
        let usedBitCount = word == firstPartWord ? UInt64(bitCount) % 64 : 0
        guard bits >> usedBitCount == 0 else { throw .malformed(offset: offset) }
      }
    }
  }

  /// Checks that a list column's row before the others is what these make it: the rules that all states
  /// and lists without a member are enough for, and that no member rules out. The others have passed.
  private func checkListFreeRow(
    of column: ColumnRecord, _ input: InputRecord, wordsPerRow: Int
  ) throws(ImageError) {
    let start = Int(column.rowsOffset) - 8 * wordsPerRow
    guard start >= 0 else { throw .malformed(offset: Int(column.rowsOffset)) }
    for word in 0..<wordsPerRow {
      func bits(_ row: Int) throws(ImageError) -> UInt64 {
        try record(at: Int(column.rowsOffset) + (row * wordsPerRow + word) * 8)
      }
      var free = ~UInt64(0)
      for row in 0...InputRecord.stateRowCount { free &= try bits(row) }
      for row in stride(from: 2, to: Int(input.rowCount), by: 2) {
        free &= ~(try bits(InputRecord.stateRowCount + row))
      }
      guard try bits(-1) == free else { throw .malformed(offset: start + 8 * word) }
    }
  }
}
