import Signals

extension ImageChecker {
  /// The candidates that are evaluated together; empty where there are none. Checks that its columns are of
  /// different inputs, those of lists last, and that their blocks are there.
  func laneGroup() throws(ImageError) -> LaneGroup {
    guard header.lanesOffset != 0 else { return LaneGroup() }
    let group: LaneGroup = try record(at: Int(header.lanesOffset))
    let candidateCount = header.tableCount - header.liveTableCount
    guard group.candidates != 0, group.candidates >> candidateCount == 0,
      group.hitsAll & ~group.candidates == 0,
      (1...InputRecord.countMax).contains(Int(group.columnCount)),
      group.plainColumnCount <= group.columnCount, group.plainColumnCount <= TablePlan.columnCountMax,
      (1...LaneGroup.blockCountMax).contains(Int(group.blockCount))
    else { throw .malformed(offset: Int(header.lanesOffset)) }
    let columns = columns(of: group)
    var inputBefore: UInt32?
    for index in 0..<columns.count {
      let offset = columns.offset(of: index)
      let column: ColumnRecord = try record(at: offset)
      guard column.input < header.inputEnds.lists, inputBefore.map({ $0 < column.input }) ?? true else {
        throw .malformed(offset: offset)
      }
      inputBefore = column.input
      let input = try self.input(Int(column.input))
      let isList = input.kind == InputRecord.Kind.list.rawValue
      let start = Int(column.rowsOffset) - (isList ? Int(group.rowByteCount) : 0)
      guard isList == (index >= group.plainColumnCount), start >= 0 else { throw .malformed(offset: offset) }
      let rowCount = Int(input.rowCount) + InputRecord.stateRowCount + (isList ? 1 : 0)
      let blocks = Section(
        offset: start, count: rowCount * Int(group.blockCount), stride: LaneGroup.blockByteCount)
      try check(blocks, alignment: 64)
      for lane in 0..<LaneGroup.laneCount where !group.contains(lane) { try checkZero(blocks, lane) }
    }
    return group
  }

  /// Checks the words that are nobody's.
  private func checkZero(_ blocks: Section, _ lane: Int) throws(ImageError) {
    for index in 0..<blocks.count {
      let offset = blocks.offset(of: index) + 8 * lane
      guard try record(at: offset) as UInt64 == 0 else { throw .malformed(offset: offset) }
    }
  }

  /// Checks that the rows of a candidate with a lane lie as the group's do.
  func checkShape(of table: TableRecord, in group: LaneGroup, at offset: Int) throws(ImageError) {
    guard table.wordsPerRow == group.blockCount, table.rowByteCount == group.rowByteCount,
      (1...64 * Int(group.blockCount)).contains(Int(table.ruleCount))
    else { throw .malformed(offset: offset) }
  }

  /// Checks that a candidate with a lane decides there as its own columns say: these have passed.
  func checkLane(
    _ lane: Int, of group: LaneGroup, _ table: TableRecord, at offset: Int
  ) throws(ImageError) {
    let own = self.columns(of: table)
    var rowsOffsets: [UInt32: UInt32] = [:]
    for index in 0..<own.count {
      let column: ColumnRecord = try record(at: own.offset(of: index))
      rowsOffsets[column.input] = column.rowsOffset
    }
    let columns = columns(of: group)
    var ownCount = 0
    for index in 0..<columns.count {
      let column: ColumnRecord = try record(at: columns.offset(of: index))
      let rows = Int(column.rowsOffset) + 8 * lane
      if let rowsOffset = rowsOffsets[column.input] {
        guard Int(rowsOffset) == rows else { throw .malformed(offset: columns.offset(of: index)) }
        ownCount += 1
      } else {
        try checkLeavesAllRules(rows, try input(Int(column.input)), group, ruleCount: Int(table.ruleCount))
      }
    }
    // None is missing from the group, and none is of the same input as another.
    guard ownCount == own.count else { throw .malformed(offset: offset) }
  }

  /// Checks the words of a candidate that has not got a column: all its rules, for each value there may be.
  private func checkLeavesAllRules(
    _ rows: Int, _ input: InputRecord, _ group: LaneGroup, ruleCount: Int
  ) throws(ImageError) {
    func check(_ row: Int, hasAllRules: Bool) throws(ImageError) {
      for word in 0..<Int(group.blockCount) {
        let offset = rows + Int(group.rowByteCount) * row + LaneGroup.blockByteCount * word
        let bits = hasAllRules ? LaneGroup.allRules(inWord: word, ruleCount: ruleCount) : 0
        guard try record(at: offset) as UInt64 == bits else { throw .malformed(offset: offset) }
      }
    }
    let count = InputRecord.stateRowCount + Int(input.rowCount)
    guard input.kind == InputRecord.Kind.list.rawValue else {
      for row in 0..<count { try check(row, hasAllRules: true) }
      return
    }
    for row in -1...InputRecord.stateRowCount { try check(row, hasAllRules: true) }
    for row in InputRecord.stateRowCount + 1..<count { try check(row, hasAllRules: false) }
  }

  private func columns(of group: LaneGroup) -> Section {
    Section(group.columnsOffset, count: group.columnCount, of: ColumnRecord.self)
  }
}
