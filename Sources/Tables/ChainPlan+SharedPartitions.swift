import Signals

extension ChainPlan {
  /// LIMIT: how many times what they take the rows of a signal's columns may grow to, and those of all
  /// columns of candidates.
  private static let growthMax = 3
  /// LIMIT: bytes of a signal's columns up to which they may take more.
  private static let smallByteCount = 256 << 10
  /// LIMIT: bytes by which the rows of all columns of candidates may grow: what a processor's cache holds.
  private static let candidateGrowthByteCountMax = 16 << 20

  /// Where there are candidates, the plan with one partition for all columns of a signal, or for all that
  /// candidates have, if that does not make their rows too many: so that a value is classified once, whatever
  /// the candidates' cells tell apart. Tables that are clustered keep theirs.
  ///
  /// Candidates grow together: what one of them has room for another may use. Beside each other, as lanes,
  /// they take no more for one partition than for one each.
  func sharingPartitions(except isClustered: (TablePlan) -> Bool) -> ChainPlan {
    guard tables.contains(where: { $0.role != .live }) else { return self }
    var plan = self
    let places = columnPlaces(ofTables: tables.indices.filter { !isClustered(tables[$0]) })
    var unshared: [[(table: Int, column: Int)]] = []
    var candidateWordCount = 0
    /// Returns by how many words their rows have grown, or nothing if they are as they were.
    func share(_ places: [(table: Int, column: Int)], _ mayTake: (SharedSize) -> Bool) -> Int? {
      guard
        let shared = Self.sharingPartition(places.map { tables[$0.table].columns[$0.column] }, mayTake)
      else { return nil }
      for (place, column) in zip(places, shared.columns) {
        plan.tables[place.table].columns[place.column] = column
      }
      return shared.growth
    }
    for (_, places) in places.sorted(by: { $0.key < $1.key }) {
      let ofCandidates = places.filter { tables[$0.table].role != .live }
      candidateWordCount += ofCandidates.reduce(0) {
        $0 + tables[$1.table].columns[$1.column].wordCount
      }
      let isShared = share(places) {
        $0.wordCount <= Self.growthMax * $0.ownWordCount || 8 * $0.wordCount <= Self.smallByteCount
      }
      if isShared == nil { unshared.append(ofCandidates) }
    }
    var wordCountLeft = min(
      (Self.growthMax - 1) * candidateWordCount, Self.candidateGrowthByteCountMax / 8)
    for places in unshared where wordCountLeft > 0 {
      // Lanes take no more only where the rows are no more than all the others together.
      let growth = share(places) { $0.growth <= wordCountLeft && $0.rowCount <= $0.ownRowCount }
      wordCountLeft -= growth ?? 0
    }
    return plan
  }

  /// LIMIT: bytes of the rows of a signal's columns, each in full: to divide them otherwise takes as much
  /// memory, or time.
  private static let dividedByteCountMax = 512 << 20

  /// The plan with one partition for all columns of a signal that some tables have; `nil` where that cannot
  /// be, or would take too much memory. Of clustered tables rows that are alike take no room of their own.
  func sharingPartitions(ofTables indices: [Int]) -> ChainPlan? {
    var plan = self
    for places in columnPlaces(ofTables: indices).values {
      let columns = places.map { tables[$0.table].columns[$0.column] }
      if columns.allSatisfy({ $0.partition.isSame(as: columns[0].partition) }) { continue }
      let shared = Self.sharingPartition(columns) {
        8 * max($0.wordCount, $0.ownWordCount) <= Self.dividedByteCountMax
      }
      guard let shared else { return nil }
      for (place, column) in zip(places, shared.columns) {
        plan.tables[place.table].columns[place.column] = column
      }
    }
    return plan
  }

  /// By slot, the columns that some tables have.
  private func columnPlaces(ofTables indices: [Int]) -> [Int: [(table: Int, column: Int)]] {
    var places: [Int: [(table: Int, column: Int)]] = [:]
    for index in indices {
      for (number, column) in tables[index].columns.enumerated() {
        places[column.slot, default: []].append((index, number))
      }
    }
    return places
  }

  /// Columns of a signal with one partition for all, and how many words more that takes; `nil` where they
  /// have one, or may not take what it takes, over what they take.
  private static func sharingPartition(
    _ columns: [ColumnPlan], _ mayTake: (SharedSize) -> Bool
  ) -> (columns: [ColumnPlan], growth: Int)? {
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
    let size = SharedSize(
      wordCount: columns.reduce(0) { $0 + common.rowCount * $1.classes.wordCount },
      ownWordCount: columns.reduce(0) { $0 + $1.wordCount }, rowCount: common.rowCount,
      ownRowCount: partitions.reduce(0) { $0 + $1.rowCount })
    guard mayTake(size) else { return nil }
    let shared = zip(columns, numbers).map { column, number in
      let own = column.classes.rows
      let none = ColumnPlan.Row(repeating: 0, count: column.classes.wordCount)
      var classes = RowSequence(wordCount: column.classes.wordCount)
      for row in rows[number] { classes.append(row.map { own[$0] } ?? none) }
      return ColumnPlan(
        slot: column.slot, partition: common, stateRows: column.stateRows, classes: classes)
    }
    return (shared, size.growth)
  }
}

/// What the rows of a signal's columns take with one partition for all, and what they take with their own.
private struct SharedSize {
  var wordCount: Int
  var ownWordCount: Int
  var rowCount: Int
  /// Of all partitions that differ.
  var ownRowCount: Int

  var growth: Int { wordCount - ownWordCount }
}

extension ColumnPlan {
  /// Of the rows of its classes, in full.
  fileprivate var wordCount: Int { partition.rowCount * classes.wordCount }
}
