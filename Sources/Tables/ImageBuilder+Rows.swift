import Wire

extension ImageBuilder {
  /// Appends a column's rows, each in full. Returns where they start.
  mutating func appendRows(
    of column: ColumnPlan, ruleCount: Int
  ) throws(ImageError) -> UInt32 {
    let wordsPerRow = TableRecord.wordsPerRow(ruleCount: ruleCount)
    try checkRoom(
      for: (column.stateRows.count + column.classes.count + 1) * wordsPerRow * 8 + 64)
    align(to: 64)
    let padding = wordsPerRow - column.classes.wordCount
    func append(_ row: ColumnPlan.Row) {
      for word in row { bytes.append(word) }
      for _ in 0..<padding { bytes.append(UInt64(0)) }
    }
    if column.isList {
      while (bytes.count + 8 * wordsPerRow) % 64 != 0 { bytes.append(UInt64(0)) }
      append(column.listFreeRow())
    }
    let offset = UInt32(bytes.count)
    for row in column.stateRows { append(row) }
    var row = ColumnPlan.Row(repeating: 0, count: column.classes.wordCount)
    column.classes.forEachRow { changes in
      for change in changes { row[change.word] = change.bits }
      append(row)
    }
    return offset
  }
}

extension ColumnPlan {
  /// Of a column of lists: the rules that allow every list, the absent one too. O(rows × words).
  func listFreeRow() -> Row {
    var free = stateRows[0]
    for state in stateRows { for word in free.indices { free[word] &= state[word] } }
    var row = Row(repeating: 0, count: classes.wordCount)
    var index = 0
    classes.forEachRow { changes in
      for change in changes { row[change.word] = change.bits }
      if index == 0 {
        for word in free.indices { free[word] &= row[word] }
      } else if index % 2 == 0 {
        for word in free.indices { free[word] &= ~row[word] }
      }
      index += 1
    }
    return free
  }
}
