import Wire

extension ImageBuilder {
  /// A section and, by row of its column, the stretch that the row's bits of it are in.
  struct SectionPlan {
    var section: ClusterSection
    var ranges: [BitRange] = []
    /// Whether the rows have all bits of their stretches.
    var isExact = true

    /// How many blocks a value leads to, on average over the classes.
    var blockCount: Double { averageOfClasses(\.blockCount) }

    /// As `blockCount`, bits.
    var bitCount: Double { averageOfClasses { Int($0.count) } }

    private func averageOfClasses(_ number: (BitRange) -> Int) -> Double {
      let ofClasses = ranges.dropFirst(InputRecord.stateRowCount)
      return Double(ofClasses.reduce(0) { $0 + number($1) }) / Double(max(1, ofClasses.count))
    }
  }

  /// LIMIT: the share of all blocks that a value leads to, on average over the classes, up to which a table
  /// has sections; or else `TablePlan.sectionBlockCountMax`. With more, summaries leave fewer.
  private static let sectionBlockShareMax = 0.125

  /// The sections of a clustered table; none where summaries leave fewer words.
  func sections(of table: TablePlan, _ order: ClusterOrder) throws(ImageError) -> [SectionPlan] {
    if sectionBlockCountMax < 0 { return [] }
    var plans: [SectionPlan] = []
    for section in order.sections {
      var plan = SectionPlan(section: section)
      try forEachRow(ofColumn: Int(section.column), of: table, order) { cursor in
        let (range, isExact) = cursor.range(in: section)
        plan.ranges.append(range)
        plan.isExact = plan.isExact && isExact
      }
      plans.append(plan)
    }
    let shape = ClusterShape(bitCount: order.ranks.count)
    let most = max(sectionBlockCountMax, Double(shape.blockCount) * Self.sectionBlockShareMax)
    return plans.reduce(0) { $0 + $1.blockCount } <= most ? plans : []
  }

  /// Which columns of a table with sections have their rows in full: of lists, all or none.
  mutating func fullColumns(of table: TablePlan, _ shape: ClusterShape) -> [Bool] {
    var isFull = [Bool](repeating: false, count: table.columns.count)
    /// Takes some columns' bytes, of all or of none, from what the chain may have.
    func take(_ indices: [Int]) {
      let counts = indices.compactMap { table.columns[$0].fullByteCount(shape) }
      let byteCount = counts.reduce(0, +)
      guard counts.count == indices.count, byteCount <= fullByteCountLeft else { return }
      fullByteCountLeft -= byteCount
      for index in indices { isFull[index] = true }
    }
    for index in table.columns.indices where !table.columns[index].isList { take([index]) }
    take(table.columns.indices.filter { table.columns[$0].isList })
    return isFull
  }

  /// Appends sections and their ranges. `places` are those of the plan's columns among the image's.
  mutating func appendSections(
    _ plans: [SectionPlan], of table: TablePlan, _ order: ClusterOrder, places: [Int],
    _ clusters: inout ClusterRecord
  ) {
    if plans.isEmpty { return }
    var sections: [ClusterSection] = []
    let alwaysAllowed = table.columns.map { $0.isList ? [] : $0.commonRow() }
    for plan in plans {
      var section = plan.section
      section.column = UInt32(places[Int(section.column)])
      section.rangesOffset = UInt32(bytes.count)
      for range in plan.ranges { append(range) }
      let ranks = order.ranks[Int(section.start)..<Int(section.end)]
      for index in table.columns.indices where !table.columns[index].isList {
        if plan.isExact, index == Int(plan.section.column) { continue }
        let row = alwaysAllowed[index]
        if ranks.allSatisfy({ row[Int($0 / 64)] >> UInt64($0 % 64) & 1 != 0 }) { continue }
        section.others |= 1 << UInt64(places[index])
      }
      if plan.bitCount > Self.fewBitsMax { section.takeFirsts(ofFull: Int(clusters.fullColumnCount)) }
      sections.append(section)
    }
    align(to: 8)
    clusters.sectionsOffset = UInt32(bytes.count)
    clusters.sectionCount = UInt32(sections.count)
    for section in sections { append(section) }
  }

  /// LIMIT: bits that a value leads to, on average over the classes, up to which each is looked at by itself
  /// and not the rows of a block.
  private static let fewBitsMax = 2.0
}

extension ClusterSection {
  /// Takes from the other columns, of which so many are in full, those that are looked at first.
  fileprivate mutating func takeFirsts(ofFull count: Int) {
    let chosen = (0..<count).filter { others >> UInt64($0) & 1 != 0 }.prefix(Self.firstCount)
    guard let last = chosen.last else { return }
    firsts = 0
    for place in 0..<Self.firstCount {
      let column = place < chosen.count ? chosen[place] : last
      firsts |= UInt64(column) << UInt64(8 * place)
      others &= ~(1 << UInt64(column))
    }
  }
}

extension ColumnPlan {
  /// LIMIT: rows of a column that are in full, and bytes of them. As branches, they would take less by half
  /// or more, but an evaluation would wait for memory two more times.
  private static let fullRowCountMax = 1536
  private static let fullByteCountMax = 32 << 20

  /// How many bytes rows take that are in full; `nil` where they are not to be.
  func fullByteCount(_ shape: ClusterShape) -> Int? {
    let rowCount = stateRows.count + classes.count + (isList ? 1 : 0)
    let byteCount = rowCount * shape.fullRowByteCount
    return rowCount <= Self.fullRowCountMax && byteCount <= Self.fullByteCountMax ? byteCount : nil
  }

  /// The rules that every row allows. O(changes + words).
  fileprivate func commonRow() -> Row {
    var common = stateRows[0]
    func narrow(_ row: Row) { for word in common.indices { common[word] &= row[word] } }
    for row in stateRows { narrow(row) }
    var row = Row(repeating: 0, count: classes.wordCount)
    var isFirst = true
    classes.forEachRow { changes in
      for change in changes {
        row[change.word] = change.bits
        common[change.word] &= change.bits
      }
      if isFirst { narrow(row) }
      isFirst = false
    }
    return common
  }
}
