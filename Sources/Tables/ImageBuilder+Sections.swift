import Wire

extension ImageBuilder {
  /// A section and, by row of its column, the blocks in which the row has bits of it.
  struct SectionPlan {
    var section: ClusterSection
    var ranges: [BlockRange] = []

    /// How many blocks a value leads to, on average over the classes.
    var blockCount: Double {
      let ofClasses = ranges.dropFirst(InputRecord.stateRowCount)
      return Double(ofClasses.reduce(0) { $0 + Int($1.count) }) / Double(max(1, ofClasses.count))
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
        plan.ranges.append(cursor.blocks(in: section))
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
  mutating func appendSections(_ plans: [SectionPlan], places: [Int], _ clusters: inout ClusterRecord) {
    if plans.isEmpty { return }
    var sections: [ClusterSection] = []
    for plan in plans {
      var section = plan.section
      section.column = UInt32(places[Int(section.column)])
      section.rangesOffset = UInt32(bytes.count)
      for range in plan.ranges { append(range) }
      sections.append(section)
    }
    clusters.sectionsOffset = UInt32(bytes.count)
    clusters.sectionCount = UInt32(sections.count)
    for section in sections { append(section) }
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
}
