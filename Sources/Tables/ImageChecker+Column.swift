import Signals
import Wire

extension ImageChecker {
  func check(
    _ column: ColumnRecord, at offset: Int, of table: TableRecord, isFull: Bool, lane: Int
  ) throws(ImageError) {
    guard column.input < header.inputEnds.lists else { throw .malformed(offset: offset) }
    let input = try self.input(Int(column.input))
    let isList = input.kind == InputRecord.Kind.list.rawValue
    if table.isClustered, !isFull {
      try checkClusteredRows(of: column, input, table)
      if isList { try checkClusteredListFreeRow(of: column, input, table) }
      return
    }
    var rows = RowShape(
      wordCount: Int(table.wordsPerRow), byteCount: Int(table.rowByteCount),
      wordByteCount: table.wordByteCount, bitCount: Int(table.ruleCount), lane: lane)
    if isFull {
      let clusters = (try record(at: Int(table.detailsOffset)) as TableDetails).clusters
      let shape = ClusterShape(bitCount: Int(clusters.bitCount))
      rows = RowShape(
        wordCount: shape.fullRowByteCount / 8, byteCount: shape.fullRowByteCount, wordByteCount: 8,
        bitCount: shape.bitCount, lane: 0)
    }
    try checkRows(of: column, input, rows)
    if isList { try checkListFreeRow(of: column, input, rows) }
  }

  /// How the rows of a column that are not made of branches lie.
  private struct RowShape {
    var wordCount: Int
    /// From a row to the next.
    var byteCount: Int
    /// From a word of a row to the next.
    var wordByteCount: Int
    var bitCount: Int
    /// Which words of its blocks a row is.
    var lane: Int
  }

  /// INVARIANT (tail-clear) is checked where it could be broken: an extra bit would be a rule.
  private func checkRows(
    of column: ColumnRecord, _ input: InputRecord, _ shape: RowShape
  ) throws(ImageError) {
    let start = Int(column.rowsOffset) - 8 * shape.lane
    guard start >= 0 else { throw .malformed(offset: Int(column.rowsOffset)) }
    let rows = Section(
      offset: start, count: Int(input.rowCount) + InputRecord.stateRowCount, stride: shape.byteCount)
    try check(rows, alignment: 64)
    let firstPartWord = shape.bitCount / 64
    for row in 0..<rows.count {
      for word in firstPartWord..<max(firstPartWord, shape.wordCount) {
        let offset = rows.offset(of: row) + shape.lane * 8 + word * shape.wordByteCount
        let bits: UInt64 = try record(at: offset)
        let usedBitCount = word == firstPartWord ? UInt64(shape.bitCount) % 64 : 0
        guard bits >> usedBitCount == 0 else { throw .malformed(offset: offset) }
      }
    }
  }

  /// Checks that a list column's row before the others is what these make it: the rules that all states
  /// and lists without a member are enough for, and that no member rules out. The others have passed.
  private func checkListFreeRow(
    of column: ColumnRecord, _ input: InputRecord, _ shape: RowShape
  ) throws(ImageError) {
    let start = Int(column.rowsOffset) - shape.byteCount
    guard start >= 0 else { throw .malformed(offset: Int(column.rowsOffset)) }
    for word in 0..<shape.wordCount {
      func bits(_ row: Int) throws(ImageError) -> UInt64 {
        try record(at: Int(column.rowsOffset) + row * shape.byteCount + word * shape.wordByteCount)
      }
      var free = ~UInt64(0)
      for row in 0...InputRecord.stateRowCount { free &= try bits(row) }
      for row in stride(from: 2, to: Int(input.rowCount), by: 2) {
        free &= ~(try bits(InputRecord.stateRowCount + row))
      }
      guard try bits(-1) == free else { throw .malformed(offset: start + shape.wordByteCount * word) }
    }
  }
}
