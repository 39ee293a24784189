import Signals
import Wire

extension ImageBuilder {
  /// Appends a column's lookup, and its rows where they are not at `rowsOffset` already; its record,
  /// which is returned, comes later.
  mutating func append(
    _ column: ColumnPlan, of table: TablePlan, _ signals: [Signal], rowsOffset: UInt32?
  ) throws(ImageError) -> ColumnRecord {
    var record = ColumnRecord()
    record.slot = UInt32(column.slot)
    record.kind = try checkedKind(of: column, of: table, signals).rawValue
    record.foldsCaseFlag = signals[column.slot].foldsCase ? 1 : 0
    record.rowCount = UInt32(column.classes.count)
    if let rowsOffset {
      record.rowsOffset = rowsOffset
    } else {
      record.rowsOffset = try appendRows(of: column, ruleCount: table.rules.count)
    }
    align(to: 64)
    record.lookupOffset = UInt32(bytes.count)
    record.lookupCount = try appendLookup(column.partition, foldingCase: record.foldsCase)
    return record
  }

  /// The kind of a column that fits its table; throws for any other.
  @discardableResult
  func checkedKind(
    of column: ColumnPlan, of table: TablePlan, _ signals: [Signal]
  ) throws(ImageError) -> ColumnRecord.Kind {
    let neededWords = max(1, (table.rules.count + 63) / 64)
    guard signals.indices.contains(column.slot),
      column.stateRows.count == ColumnRecord.stateRowCount,
      column.stateRows.allSatisfy({ $0.count == neededWords }),
      column.classes.count == column.partition.rowCount, column.partition.isConsistent,
      column.classes.wordCount == neededWords,
      let kind = column.partition.kind(for: signals[column.slot])
    else { throw .inconsistent("table `\(table.name)`, column of slot \(column.slot)") }
    return kind
  }

  /// Appends a column's rows, each in full. Returns where they start.
  private mutating func appendRows(
    of column: ColumnPlan, ruleCount: Int
  ) throws(ImageError) -> UInt32 {
    let wordsPerRow = TableRecord.wordsPerRow(ruleCount: ruleCount)
    try checkRoom(
      for: (column.stateRows.count + column.classes.count) * wordsPerRow * 8)
    align(to: 64)
    let offset = UInt32(bytes.count)
    let padding = wordsPerRow - column.classes.wordCount
    func append(_ row: ColumnPlan.Row) {
      for word in row { bytes.append(word) }
      for _ in 0..<padding { bytes.append(UInt64(0)) }
    }
    for row in column.stateRows { append(row) }
    var row = ColumnPlan.Row(repeating: 0, count: column.classes.wordCount)
    column.classes.forEachRow { changes in
      for change in changes { row[change.word] = change.bits }
      append(row)
    }
    return offset
  }

  /// Returns how many entries the lookup has.
  private mutating func appendLookup(
    _ partition: Partition, foldingCase: Bool
  ) throws(ImageError) -> UInt32 {
    switch partition {
    case .direct(let classes):
      try checkRoom(for: classes.count * 4)
      for number in classes { bytes.append(UInt32(number)) }
      return UInt32(classes.count)
    case .numbers(let boundaries):
      for boundary in boundaries { bytes.append(boundary.bitPattern) }
      return UInt32(boundaries.count)
    case .addresses(let starts, let classes):
      return try appendAddresses(starts, classes)
    case .strings(let members, let classes):
      return try appendMembers(members, classes.map { $0 - 1 }, foldingCase: foldingCase)
    case .list(let members, let classes):
      return try appendMembers(members, classes, foldingCase: foldingCase)
    }
  }

  /// Appends an open-addressing table of at most half its entries used.
  private mutating func appendMembers(
    _ members: [String], _ classes: [Int], foldingCase: Bool
  ) throws(ImageError) -> UInt32 {
    var capacity = 2
    while capacity < members.count * 2 { capacity *= 2 }
    let textByteCount = members.reduce(0) { $0 + $1.utf8.count }
    try checkRoom(for: capacity * MemoryLayout<MemberRecord>.stride + textByteCount)
    var entries = [MemberRecord](repeating: MemberRecord(), count: capacity)
    for (index, member) in members.enumerated() {
      // As texts compare: whoever looks a member up folds the case of what came, not of this.
      let utf8 = member.utf8.map { foldingCase && (65...90).contains($0) ? $0 | 0x20 : $0 }
      let range = ByteRange(offset: 0, count: utf8.count)
      var entry = MemberRecord()
      entry.hash = stringHash(utf8.span, range, foldingCase: foldingCase)
      entry.text = add(utf8)
      entry.classIndex = UInt32(classes[index])
      var place = Int(truncatingIfNeeded: entry.hash) & (capacity - 1)
      while entries[place].classIndex != MemberRecord.vacant { place = (place + 1) & (capacity - 1) }
      entries[place] = entry
    }
    for entry in entries { append(entry) }
    return UInt32(capacity)
  }
}

extension Partition {
  /// How values of a signal are looked up in it; `nil` when they have another type.
  fileprivate func kind(for signal: Signal) -> ColumnRecord.Kind? {
    switch (self, signal.type) {
    case (.direct, .number): .directNumber
    case (.direct, .boolean), (.direct, .enumeration): .directIndex
    case (.numbers, .number): .numbers
    case (.addresses, .address): .addresses
    case (.strings, .string): .strings
    case (.list, .list): .list
    default: nil
    }
  }

  /// Whether it divides its domain: in order, and with a class for every value.
  fileprivate var isConsistent: Bool {
    switch self {
    case .direct(let classes): !classes.isEmpty && classes.allSatisfy { $0 >= 0 }
    case .numbers(let boundaries):
      boundaries.allSatisfy { !$0.isNaN } && zip(boundaries, boundaries.dropFirst()).allSatisfy(<)
    case .addresses(let starts, let classes):
      zip(starts, starts.dropFirst()).allSatisfy(<) && classes.count == starts.count + 1
        && classes.allSatisfy { $0 >= 0 }
    case .strings(let members, let classes):
      Self.areDifferent(members) && classes.count == members.count
        && classes.allSatisfy { $0 > 0 }
    case .list(let members, let classes):
      Self.areDifferent(members) && classes.count == members.count
        && classes.allSatisfy { $0 >= 0 }
    }
  }

  private static func areDifferent(_ members: [String]) -> Bool {
    Set(members.map { Array($0.utf8) }).count == members.count
  }
}
