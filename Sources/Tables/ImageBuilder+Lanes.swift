import Wire

/// Candidates that are evaluated together, while a chain is laid out.
struct LanePlan {
  var group = LaneGroup()
  /// Where the blocks of an input start.
  var rowsOffsets: [Int: UInt32] = [:]

  /// Where the rows of a candidate's column start.
  func rowsOffset(ofInput input: Int, lane: Int) -> UInt32 { rowsOffsets[input]! + 8 * UInt32(lane) }
}

extension ImageBuilder {
  /// Appends the rows of the candidates that are better evaluated together, and returns what the header says
  /// of them.
  mutating func appendLanes(of candidates: ArraySlice<TablePlan>) throws(ImageError) -> UInt32 {
    let members = candidates.indices.map { index in
      let table = candidates[index]
      return LaneMember(
        lane: index - candidates.startIndex, ruleCount: table.rules.count,
        columns: table.columns.map { (inputIndex(of: $0), $0) })
    }.filter { isLane(candidates[candidates.startIndex + $0.lane], $0) }
    let inputs = Set(members.flatMap { $0.columns.map(\.input) }).sorted()
    let wordCount = inputs.reduce(0) { $0 + LaneGroup.laneCount * rowCount(ofInput: $1) }
    let ownWordCount = members.reduce(0) { count, member in
      member.columns.reduce(count) { $0 + rowCount(ofInput: $1.input) }
    }
    guard members.count >= LaneGroup.candidateCountMin, wordCount <= LaneGroup.growthMax * ownWordCount
    else { return 0 }
    try checkRoom(for: 8 * wordCount + 64)
    var columns: [ColumnRecord] = []
    for input in inputs {
      let offset = appendBlocks(ofInput: input, members)
      lanes.rowsOffsets[input] = offset
      columns.append(ColumnRecord(input: UInt32(input), rowsOffset: offset))
    }
    lanes.group.columnsOffset = UInt32(bytes.count)
    lanes.group.columnCount = UInt32(columns.count)
    lanes.group.plainColumnCount = UInt32(inputs.count { self.inputs[$0].kind != .list })
    lanes.group.candidates = members.reduce(0) { $0 | 1 << UInt32($1.lane) }
    for column in columns { append(column) }
    align(to: 16)
    let offset = UInt32(bytes.count)
    append(lanes.group)
    return offset
  }

  /// Whether a candidate can be one of several that are evaluated together.
  private func isLane(_ table: TablePlan, _ member: LaneMember) -> Bool {
    table.hits == .first && (1...64).contains(table.rules.count) && !isClustered(table)
      && Set(member.columns.map(\.input)).count == member.columns.count
  }

  /// The row before those of a list included.
  private func rowCount(ofInput input: Int) -> Int {
    let input = inputs[input]
    return input.partition.rowCount + InputRecord.stateRowCount + (input.kind == .list ? 1 : 0)
  }

  /// Returns where the rows start, as `appendRows` does.
  private mutating func appendBlocks(ofInput input: Int, _ members: [LaneMember]) -> UInt32 {
    let isList = inputs[input].kind == .list
    let count = rowCount(ofInput: input)
    var words = [UInt64](repeating: 0, count: LaneGroup.laneCount * count)
    for member in members {
      let rows = member.columns.first { $0.input == input }?.column.words
      for row in 0..<count {
        let hasAllRules = !isList || row <= InputRecord.stateRowCount + 1
        words[LaneGroup.laneCount * row + member.lane] =
          rows?[row] ?? (hasAllRules ? LaneGroup.allRules(count: member.ruleCount) : 0)
      }
    }
    align(to: 64)
    let start = bytes.count
    for word in words { bytes.append(word) }
    return UInt32(start + (isList ? LaneGroup.blockByteCount : 0))
  }
}

/// A candidate that has a lane, and its columns by the index of their input.
private struct LaneMember {
  var lane: Int
  var ruleCount: Int
  var columns: [(input: Int, column: ColumnPlan)]
}

extension LaneGroup {
  /// 1 to 64 rules.
  static func allRules(count: Int) -> UInt64 { ~0 >> UInt64(64 - count) }
}

extension ColumnPlan {
  /// Of a table of one word: the words of its rows, in their order.
  fileprivate var words: [UInt64] {
    ((isList ? [listFreeRow()] : []) + stateRows + classes.rows).map { $0[0] }
  }
}
