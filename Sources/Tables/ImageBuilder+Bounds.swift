import Wire

extension ImageBuilder {
  /// Appends the bounds of every bit. `places` are those of the plan's columns among the image's.
  mutating func appendBounds(
    _ columns: [ClusteredColumn], ranks: [UInt32], places: [Int], _ clusters: inout ClusterRecord
  ) {
    let order = columns.indices.sorted { places[$0] < places[$1] }
    let bounded = order.compactMap { columns[$0].bounds }.suffix(RuleBounds.columnCountMax)
    let lists = order.filter { !columns[$0].freeWords.isEmpty }.map { columns[$0].freeWords }
    align(to: RuleBounds.byteCount)
    clusters.boundsOffset = UInt32(bytes.count)
    clusters.boundedColumnCount = UInt32(bounded.count)
    for (bit, rank) in ranks.enumerated() {
      append(RuleBounds(ofBit: bit, rule: rank, Array(bounded), listFreeRows: lists))
    }
  }

  private mutating func append(_ bounds: RuleBounds) {
    for number in bounds.lowest { bytes.append(number) }
    bytes.append(bounds.rule)
    for number in bounds.highest { bytes.append(number) }
    bytes.append(bounds.flags)
  }
}

extension RuleBounds {
  /// The bounds of a bit in the bounded columns, in their order; `listFreeRows` are the rows before the
  /// others of the columns that hold lists.
  init(ofBit bit: Int, rule: UInt32, _ columns: [ColumnBounds], listFreeRows: [[UInt64]]) {
    self.rule = rule
    for (lane, column) in columns.enumerated() {
      lowest[lane] = column.lowest[bit]
      highest[lane] = column.highest[bit]
      if column.isInexact[bit] { flags |= Self.inexact }
    }
    for (list, row) in listFreeRows.enumerated() where row[bit / 64] >> UInt64(bit % 64) & 1 == 0 {
      flags |= Self.listFlag(list)
    }
  }
}
