import Signals

extension ChainPlan {
  /// LIMIT: how many times what they take the rows of a signal's columns may grow to.
  private static let growthMax = 3
  /// LIMIT: bytes of a signal's columns up to which they may take more.
  private static let smallByteCount = 256 << 10

  /// Where there are candidates, the plan with one partition for all columns of a signal, if that does not
  /// make their rows too many: so that a value is classified once, whatever the candidates' cells tell apart.
  /// Tables that are clustered keep theirs.
  func sharingPartitions(except isClustered: (TablePlan) -> Bool) -> ChainPlan {
    guard tables.contains(where: { $0.role != .live }) else { return self }
    var plan = self
    var places: [Int: [(table: Int, column: Int)]] = [:]
    for (index, table) in tables.enumerated() where !isClustered(table) {
      for (number, column) in table.columns.enumerated() {
        places[column.slot, default: []].append((index, number))
      }
    }
    for places in places.values {
      let columns = places.map { tables[$0.table].columns[$0.column] }
      guard let shared = Self.sharingPartition(columns) else { continue }
      for (place, column) in zip(places, shared) { plan.tables[place.table].columns[place.column] = column }
    }
    return plan
  }

  /// Columns of a signal with one partition for all; `nil` where they have one, or had better not.
  private static func sharingPartition(_ columns: [ColumnPlan]) -> [ColumnPlan]? {
    var partitions: [Partition] = []
    let numbers = columns.map { column in
      if let known = partitions.firstIndex(where: { $0.isSame(as: column.partition) }) { return known }
      partitions.append(column.partition)
      return partitions.count - 1
    }
    // What does not fit its column is told by who lays it out.
    guard partitions.count > 1, partitions.allSatisfy(\.isConsistent),
      columns.allSatisfy({ $0.classes.count == $0.partition.rowCount }),
      let (common, rows) = Partition.common(of: partitions)
    else { return nil }
    let wordCount = columns.reduce(0) { $0 + common.rowCount * $1.classes.wordCount }
    let ownWordCount = columns.reduce(0) { $0 + $1.partition.rowCount * $1.classes.wordCount }
    guard wordCount <= growthMax * ownWordCount || 8 * wordCount <= smallByteCount else { return nil }
    return zip(columns, numbers).map { column, number in
      let own = column.classes.rows
      let none = ColumnPlan.Row(repeating: 0, count: column.classes.wordCount)
      var classes = RowSequence(wordCount: column.classes.wordCount)
      for row in rows[number] { classes.append(row.map { own[$0] } ?? none) }
      return ColumnPlan(
        slot: column.slot, partition: common, stateRows: column.stateRows, classes: classes)
    }
  }
}
