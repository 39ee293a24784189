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
    let members = Self.alike(
      candidates.indices.map { index in
        let table = candidates[index]
        return LaneMember(
          lane: index - candidates.startIndex, ruleCount: table.rules.count,
          columns: table.columns.map { (inputIndex(of: $0), $0) })
      }.filter { isLane(candidates[candidates.startIndex + $0.lane], $0) })
    guard members.count >= LaneGroup.candidateCountMin else { return 0 }
    let inputs = Set(members.flatMap { $0.columns.map(\.input) }).sorted()
    // Without rows, nothing says where the rules end.
    guard !inputs.isEmpty else { return 0 }
    let blockCount = members.map(\.wordCount).max()!
    let plainColumnCount = inputs.count { self.inputs[$0].kind != .list }
    let wordCount = inputs.reduce(0) { $0 + LaneGroup.laneCount * blockCount * rowCount(ofInput: $1) }
    let ownWordCount = members.reduce(0) { count, member in
      member.columns.reduce(count) {
        $0 + TableRecord.wordsPerRow(ruleCount: member.ruleCount) * rowCount(ofInput: $1.input)
      }
    }
    guard plainColumnCount <= TablePlan.columnCountMax,
      wordCount <= LaneGroup.growthMax * ownWordCount || 8 * wordCount <= LaneGroup.smallByteCount
    else { return 0 }
    try checkRoom(for: 8 * wordCount + 64)
    lanes.group.blockCount = UInt32(blockCount)
    var columns: [ColumnRecord] = []
    for input in inputs {
      let offset = appendBlocks(ofInput: input, members)
      lanes.rowsOffsets[input] = offset
      columns.append(ColumnRecord(input: UInt32(input), rowsOffset: offset))
    }
    lanes.group.columnsOffset = UInt32(bytes.count)
    lanes.group.columnCount = UInt32(columns.count)
    lanes.group.plainColumnCount = UInt32(plainColumnCount)
    lanes.group.candidates = members.reduce(0) { $0 | 1 << UInt32($1.lane) }
    lanes.group.hitsAll = Self.hitsAll(members.map(\.lane), of: candidates)
    for column in columns { append(column) }
    align(to: 16)
    let offset = UInt32(bytes.count)
    append(lanes.group)
    return offset
  }

  /// The lanes of the candidates whose matches are all hits.
  static func hitsAll(_ lanes: [Int], of candidates: ArraySlice<TablePlan>) -> UInt32 {
    lanes.reduce(0) {
      candidates[candidates.startIndex + $1].hits == .all ? $0 | 1 << UInt32($1) : $0
    }
  }

  /// Whether a candidate can be one of several that are evaluated together.
  private func isLane(_ table: TablePlan, _ member: LaneMember) -> Bool {
    !table.rules.isEmpty && member.wordCount <= LaneGroup.blockCountMax
      && !isClustered(table) && Set(member.columns.map(\.input)).count == member.columns.count
  }

  /// The most of them of which none has more than twice as many words as another: as many blocks are looked
  /// at as the largest has.
  private static func alike(_ members: [LaneMember]) -> [LaneMember] {
    members.map { smallest in
      members.filter { (smallest.wordCount...2 * smallest.wordCount).contains($0.wordCount) }
    }.max { $0.count < $1.count } ?? []
  }

  /// The row before those of a list included.
  private func rowCount(ofInput input: Int) -> Int {
    let input = inputs[input]
    return input.partition.rowCount + InputRecord.stateRowCount + (input.kind == .list ? 1 : 0)
  }

  /// Returns where the rows start, as `appendRows` does.
  private mutating func appendBlocks(ofInput input: Int, _ members: [LaneMember]) -> UInt32 {
    let isList = inputs[input].kind == .list
    let blockCount = Int(lanes.group.blockCount)
    let rowCount = rowCount(ofInput: input)
    var words = [UInt64](repeating: 0, count: LaneGroup.laneCount * blockCount * rowCount)
    for member in members {
      let rows = member.columns.first { $0.input == input }?.column.rows
      for row in 0..<rowCount {
        let hasAllRules = !isList || row <= InputRecord.stateRowCount + 1
        for word in 0..<member.wordCount {
          words[LaneGroup.laneCount * (blockCount * row + word) + member.lane] =
            rows?[row][word]
            ?? (hasAllRules ? LaneGroup.allRules(inWord: word, ruleCount: member.ruleCount) : 0)
        }
      }
    }
    align(to: 64)
    let start = bytes.count
    for word in words { bytes.append(word) }
    return UInt32(start) + (isList ? lanes.group.rowByteCount : 0)
  }
}

/// A candidate that has a lane, and its columns by the index of their input.
private struct LaneMember {
  var lane: Int
  var ruleCount: Int
  var columns: [(input: Int, column: ColumnPlan)]

  var wordCount: Int { (ruleCount + 63) / 64 }
}

extension LaneGroup {
  /// The bits of a word of a table's rules.
  static func allRules(inWord word: Int, ruleCount: Int) -> UInt64 {
    let count = min(64, max(0, ruleCount - 64 * word))
    // A shift by 64 leaves nothing.
    return ~0 >> (64 - count)
  }
}

extension ColumnPlan {
  /// All rows, in their order.
  fileprivate var rows: [Row] { (isList ? [listFreeRow()] : []) + stateRows + classes.rows }
}
