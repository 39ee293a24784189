import Signals
import Wire

extension ImageChecker {
  func check(
    _ column: ColumnRecord, at offset: Int, of table: TableRecord
  ) throws(ImageError) {
    guard column.input < header.inputEnds.lists else { throw .malformed(offset: offset) }
    let input = try self.input(Int(column.input))
    if table.isClustered {
      try checkClusteredRows(of: column, input, table)
    } else {
      try checkRows(of: column, input, table)
    }
  }

  /// INVARIANT (tail-clear) is checked where it could be broken: an extra bit would be a rule.
  private func checkRows(
    of column: ColumnRecord, _ input: InputRecord, _ table: TableRecord
  ) throws(ImageError) {
    let wordsPerRow = Int(table.wordsPerRow)
    let rows = Section(
      offset: Int(column.rowsOffset), count: Int(input.rowCount) + InputRecord.stateRowCount,
      stride: wordsPerRow * 8)
    try check(rows, alignment: 64)
    let firstPartWord = Int(table.ruleCount) / 64
    for row in 0..<rows.count {
      for word in firstPartWord..<max(firstPartWord, wordsPerRow) {
        let offset = rows.offset(of: row) + word * 8
        let bits: UInt64 = try record(at: offset)
        let usedBitCount = word == firstPartWord ? UInt64(table.ruleCount) % 64 : 0
        guard bits >> usedBitCount == 0 else { throw .malformed(offset: offset) }
      }
    }
  }

  /// Checks that the row of the rules that allow every list is what the lists' rows make it. The table's
  /// columns have passed.
  func checkListFreeRow(of table: TableRecord, at offset: Int) throws(ImageError) {
    let wordCount = Int(table.wordsPerRow)
    let row = Section(table.listFreeRowOffset, count: UInt32(wordCount), stride: 8)
    try check(row, alignment: 8)
    for word in 0..<wordCount {
      let rest = Int(table.ruleCount) - word * 64
      var allowed: UInt64 = rest >= 64 ? ~0 : rest > 0 ? (1 << UInt64(rest)) - 1 : 0
      for index in Int(table.plainColumnCount)..<Int(table.columnCount) {
        let column: ColumnRecord = try record(
          at: Int(table.columnsOffset) + index * MemoryLayout<ColumnRecord>.stride)
        func bits(_ row: Int) throws(ImageError) -> UInt64 {
          try record(at: Int(column.rowsOffset) + (row * wordCount + word) * 8)
        }
        // States, and the rules that need no member.
        for row in 0...InputRecord.stateRowCount { allowed &= try bits(row) }
        let rowCount = Int(try input(Int(column.input)).rowCount)
        for row in stride(from: 2, to: rowCount, by: 2) {
          allowed &= ~(try bits(InputRecord.stateRowCount + row))
        }
      }
      guard try record(at: row.offset(of: word)) == allowed else {
        throw .malformed(offset: row.offset(of: word))
      }
    }
  }
}
