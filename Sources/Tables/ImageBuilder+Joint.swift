import Wire

/// Some tables of a plan as one, and the plan with one partition for all columns of a signal that they have.
struct JoinedTables {
  var plan: ChainPlan
  /// Their places in the chain.
  var tables: [Int]
  var table: JointTable
}

/// Tables that are evaluated as one, while a chain is laid out.
struct JointPlan {
  var group = JointGroup()
  var details = TableDetails()
  /// The columns of the joint table, in their order.
  var columns: [ColumnRecord] = []

  /// The columns of a table that has some of these, by input, and where its rows lie.
  func columns(ofInputs inputs: Set<UInt32>) -> (columns: [ColumnRecord], clusters: ClusterRecord) {
    let own = columns.indices.filter { inputs.contains(columns[$0].input) }
    var clusters = details.clusters
    clusters.keepColumns(own, plainCount: Int(group.table.plainColumnCount))
    return (own.map { columns[$0] }, clusters)
  }
}

extension ClusterRecord {
  /// Makes it that of a table with only some of the columns.
  mutating func keepColumns(_ columns: [Int], plainCount: Int) {
    fullColumnCount = UInt32(columns.count { $0 < plainCount && $0 < Int(fullColumnCount) })
  }
}

extension ImageBuilder {
  /// The tables of a plan that are evaluated as one; `nil` where there are none.
  func joinedTables(of plan: ChainPlan, liveCount: Int) -> JoinedTables? {
    func mayJoin(_ index: Int) -> Bool {
      let table = plan.tables[index]
      return isClustered(table) && Set(table.columns.map(\.slot)).count == table.columns.count
    }
    func join(_ tables: [Int]) -> JoinedTables? {
      guard tables.count > 1, let shared = plan.sharingPartitions(ofTables: tables) else { return nil }
      return JointTable(
        tables.map { ($0 < liveCount ? JointGroup.liveLane : $0 - liveCount, shared.tables[$0]) }
      ).map { JoinedTables(plan: shared, tables: tables, table: $0) }
    }
    let candidates = (liveCount..<plan.tables.count).filter(mayJoin)
    if candidates.isEmpty { return nil }
    // Of the live tables, the one that takes longest.
    let live = (0..<liveCount).filter { mayJoin($0) && plan.tables[$0].isPlain }
      .max { plan.tables[$0].rules.count < plan.tables[$1].rules.count }
    return live.flatMap { join([$0] + candidates) } ?? join(candidates)
  }

  /// Appends the joint table. Returns what the header says of it.
  mutating func appendJoint(_ joined: JoinedTables, liveCount: Int) throws(ImageError) -> UInt32 {
    let table = joined.table
    let laneByteCount = MemoryLayout<JointGroup.LaneRules>.stride
    try checkRoom(for: laneByteCount * (table.rules.count + 1))
    var details = TableDetails()
    let places = try appendClusters(of: table.plan, &details)
    joint.details = details
    var columns: [(place: Int, record: ColumnRecord)] = []
    for (column, clustered) in zip(table.plan.columns, places) {
      let input = UInt32(inputIndex(of: column))
      columns.append((clustered.place, ColumnRecord(input: input, rowsOffset: clustered.rowsOffset)))
    }
    joint.columns = columns.sorted { $0.place < $1.place }.map(\.record)
    align(to: laneByteCount)
    joint.group.lanesOffset = UInt32(bytes.count)
    for rules in table.rules { append(rules) }
    let lanes = joined.tables.filter { $0 >= liveCount }.map { $0 - liveCount }
    joint.group.candidates = lanes.reduce(0) { $0 | 1 << UInt32($1) }
    joint.group.hitsAll = Self.hitsAll(lanes, of: joined.plan.tables[liveCount...])
    if let live = joined.tables.first, live < liveCount { joint.group.liveTable = UInt32(live) }
    joint.group.table.ruleCount = UInt32(table.rules.count)
    joint.group.table.rowByteCount = joint.group.table.byteCount(clusters: details.clusters)
    joint.group.table.columnsOffset = UInt32(bytes.count)
    joint.group.table.columnCount = UInt16(joint.columns.count)
    joint.group.table.plainColumnCount = UInt16(
      joint.columns.count { inputs[Int($0.input)].kind != .list })
    for column in joint.columns { append(column) }
    align(to: 8)
    joint.group.table.detailsOffset = UInt32(bytes.count)
    append(details)
    let offset = UInt32(bytes.count)
    append(joint.group)
    return offset
  }
}

extension TablePlan {
  /// Whether the first rule that matches is all there is to know of a decision by it.
  fileprivate var isPlain: Bool { flags.isSubset(of: .hasCanary) }
}
