import Wire

extension ImageBuilder {
  /// Appends a column's rows, each in full. Returns where they start.
  mutating func appendRows(
    of column: ColumnPlan, ruleCount: Int
  ) throws(ImageError) -> UInt32 {
    let wordsPerRow = TableRecord.wordsPerRow(ruleCount: ruleCount)
    try checkRoom(
      for: (column.stateRows.count + column.classes.count) * wordsPerRow * 8)
    align(to: 64)
    let offset = UInt32(bytes.count)
    let padding = wordsPerRow - column.classes.wordCount
    func append(_ row: ColumnPlan.Row) {
      for word in row { bytes.append(word) }
      for _ in 0..<padding { bytes.append(UInt64(0)) }
    }
    for row in column.stateRows { append(row) }
    var row = ColumnPlan.Row(repeating: 0, count: column.classes.wordCount)
    column.classes.forEachRow { changes in
      for change in changes { row[change.word] = change.bits }
      append(row)
    }
    return offset
  }

  /// Appends the row of the rules that allow every list. Returns where it starts.
  mutating func appendListFreeRow(of table: TablePlan) -> UInt32 {
    align(to: 64)
    let offset = UInt32(bytes.count)
    let wordsPerRow = TableRecord.wordsPerRow(ruleCount: table.rules.count)
    var row = ColumnPlan.Row(repeating: 0, count: wordsPerRow)
    for rule in table.rules.indices { row[rule / 64] |= 1 << UInt64(rule % 64) }
    for column in table.columns {
      guard case .list = column.partition else { continue }
      for state in column.stateRows { row.formIntersection(state) }
      for (index, classRow) in column.classRows.enumerated() {
        if index == 0 { row.formIntersection(classRow) }
        if index > 0, index % 2 == 0 { row.formIntersection(classRow.map { ~$0 }) }
      }
    }
    for word in row { bytes.append(word) }
    return offset
  }
}

extension ColumnPlan.Row {
  /// Keeps the bits that `other`, which may be shorter, has too.
  fileprivate mutating func formIntersection(_ other: ColumnPlan.Row) {
    for word in other.indices { self[word] &= other[word] }
  }
}
