import Signals

extension ImageChecker {
  /// The tables that are evaluated as one; empty where there are none. That table is checked, and which of
  /// their rules its rules are.
  func jointGroup() throws(ImageError) -> JointGroup {
    guard header.jointOffset != 0 else { return JointGroup() }
    let offset = Int(header.jointOffset)
    let group: JointGroup = try record(at: offset)
    let candidateCount = header.tableCount - header.liveTableCount
    guard group.candidates != 0, group.candidates >> candidateCount == 0, group.table.isClustered,
      group.hitsAll & ~group.candidates == 0,
      group.liveTable == JointGroup.noTable || group.liveTable < header.liveTableCount,
      group.table.columnCount <= TablePlan.columnCountMax, group.table.ruleCount <= JointGroup.ruleCountMax,
      group.table.plainColumnCount <= group.table.columnCount
    else { throw .malformed(offset: offset) }
    try checkClusters(of: group.table, at: offset)
    try checkColumns(of: group.table, lane: nil)
    try checkSections(of: group.table, at: offset)
    let columns = self.columns(of: group.table)
    var inputs: Set<UInt32> = []
    for index in 0..<columns.count {
      let column: ColumnRecord = try record(at: columns.offset(of: index))
      guard inputs.insert(column.input).inserted else {
        throw .malformed(offset: columns.offset(of: index))
      }
    }
    let lanes = lanes(of: group)
    try check(lanes, alignment: lanes.stride)
    for rule in 0..<lanes.count {
      let rules: JointGroup.LaneRules = try record(at: lanes.offset(of: rule))
      for lane in 0..<JointGroup.LaneRules.scalarCount where !group.contains(lane) {
        if lane == JointGroup.liveLane, group.liveTable != JointGroup.noTable { continue }
        guard rules[lane] == JointGroup.noRule else { throw .malformed(offset: lanes.offset(of: rule)) }
      }
    }
    return group
  }

  private func lanes(of group: JointGroup) -> Section {
    Section(group.lanesOffset, count: group.table.ruleCount, of: JointGroup.LaneRules.self)
  }

  /// Checks that a table decides by the joint table as it would by itself: its columns are some of that
  /// table's, the others leave all its rules, and each of its rules is there.
  func checkJoint(
    _ table: TableRecord, lane: Int, of group: JointGroup, at offset: Int
  ) throws(ImageError) {
    let own = columns(of: table)
    let all = columns(of: group.table)
    var kept: [Int] = []
    var rest: [Int] = []
    for index in 0..<all.count {
      let column: ColumnRecord = try record(at: all.offset(of: index))
      if kept.count < own.count {
        let found: ColumnRecord = try record(at: own.offset(of: kept.count))
        if found.input == column.input, found.rowsOffset == column.rowsOffset {
          kept.append(index)
          continue
        }
      }
      rest.append(index)
    }
    var clusters = (try record(at: Int(group.table.detailsOffset)) as TableDetails).clusters
    let joint = clusters
    let plainCount = Int(group.table.plainColumnCount)
    clusters.keepColumns(kept, plainCount: plainCount)
    guard kept.count == own.count, table.isClustered,
      lane != JointGroup.liveLane || table.flags.isSubset(of: [.hasCanary, .isJoint]),
      table.rowByteCount == group.table.rowByteCount,
      kept.count(where: { $0 < plainCount }) == table.plainColumnCount,
      (try record(at: Int(table.detailsOffset)) as TableDetails).clusters == clusters
    else { throw .malformed(offset: offset) }
    let bits = try bits(ofLane: lane, of: group, joint, table)
    for index in rest { try checkLeavesAll(bits, column: index, of: group.table, joint) }
  }

  /// The bits of a table's rules in the rows of the joint table. Throws unless each of its rules has one and
  /// says the same there.
  private func bits(
    ofLane lane: Int, of group: JointGroup, _ clusters: ClusterRecord, _ table: TableRecord
  ) throws(ImageError) -> [UInt64] {
    let rules = Section(table.rulesOffset, count: table.ruleCount, of: RuleRecord.self)
    let shape = ClusterShape(bitCount: Int(clusters.bitCount))
    let lanes = lanes(of: group)
    var bits = [UInt64](repeating: 0, count: shape.wordCount)
    var isTaken = [Bool](repeating: false, count: rules.count)
    for bit in 0..<shape.bitCount {
      let joint: UInt32 = try record(at: Int(clusters.ranksOffset) + 4 * bit)
      let offset = lanes.offset(of: Int(joint))
      let entry = (try record(at: offset) as JointGroup.LaneRules)[lane]
      if entry == JointGroup.noRule { continue }
      let rule = LaneRule(rawValue: entry)
      guard rule.rule < rules.count,
        (try record(at: rules.offset(of: rule.rule)) as RuleRecord).verdict == rule.verdict
      else { throw .malformed(offset: offset) }
      isTaken[rule.rule] = true
      bits[bit / 64] |= 1 << UInt64(bit % 64)
    }
    guard isTaken.allSatisfy(\.self) else { throw .malformed(offset: lanes.offset) }
    return bits
  }

  /// Checks that a column which a table has not got leaves the bits of its rules, for each value there
  /// may be.
  private func checkLeavesAll(
    _ bits: [UInt64], column index: Int, of table: TableRecord, _ clusters: ClusterRecord
  ) throws(ImageError) {
    let shape = ClusterShape(bitCount: Int(clusters.bitCount))
    let isList = index >= Int(table.plainColumnCount)
    var reader = try rows(ofColumn: index, of: table, clusters, shape)
    for row in (isList ? -1 : 0)..<reader.rowCount {
      let allowsAll = InputRecord.allowsAll(row: row, isList: isList)
      for block in 0..<shape.blockCount {
        let start = try self.block(block, ofRow: row, of: reader)
        // Rows that are alike are made of the same blocks.
        if reader.isKnown(start, BitRange(first: allowsAll ? 1 : 0, count: 0), ofBlock: block) { continue }
        let first = block * ClusterRecord.wordsPerLeaf
        for word in first..<min(first + ClusterRecord.wordsPerLeaf, shape.wordCount) {
          let found = try record(at: start + 8 * (word - first)) & bits[word]
          guard found == (allowsAll ? bits[word] : 0) else { throw .malformed(offset: start) }
        }
      }
    }
  }
}
