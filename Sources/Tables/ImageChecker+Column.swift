import Signals
import Wire

extension ImageChecker {
  func check(
    _ column: ColumnRecord, at offset: Int, of table: TableRecord
  ) throws(ImageError) {
    guard column.slot < header.slotCount, column.rowCount > 0,
      let kind = ColumnRecord.Kind(rawValue: column.kind),
      kind.signalTypes.contains(try slot(Int(column.slot)).type)
    else { throw .malformed(offset: offset) }
    if table.isClustered {
      try checkClusteredRows(of: column, table)
    } else {
      try checkRows(of: column, table)
    }
    let lookup = Section(
      column.lookupOffset, count: column.lookupCount, stride: kind.lookupStride)
    try check(lookup, alignment: min(kind.lookupStride, 8))
    switch kind {
    case .directNumber, .directIndex:
      guard lookup.count > 0 else { throw .malformed(offset: offset) }
      try checkClasses(lookup, of: column)
    case .numbers:
      guard Int(column.rowCount) == 2 * lookup.count + 1 else { throw .malformed(offset: offset) }
    case .addresses:
      try checkAddresses(lookup, of: column)
    case .strings, .list:
      try checkMembers(of: column, lookup, isList: kind == .list, at: offset)
    }
  }

  /// INVARIANT (tail-clear) is checked where it could be broken: an extra bit would be a rule.
  private func checkRows(of column: ColumnRecord, _ table: TableRecord) throws(ImageError) {
    let wordsPerRow = Int(table.wordsPerRow)
    let rows = Section(
      offset: Int(column.rowsOffset), count: Int(column.rowCount) + ColumnRecord.stateRowCount,
      stride: wordsPerRow * 8)
    try check(rows, alignment: 64)
    let firstPartWord = Int(table.ruleCount) / 64
    for row in 0..<rows.count {
      for word in firstPartWord..<max(firstPartWord, wordsPerRow) {
        let offset = rows.offset(of: row) + word * 8
        let bits: UInt64 = try record(at: offset)
        let usedBitCount = word == firstPartWord ? UInt64(table.ruleCount) % 64 : 0
        guard bits >> usedBitCount == 0 else { throw .malformed(offset: offset) }
      }
    }
  }

  func checkClasses(_ classes: Section, of column: ColumnRecord) throws(ImageError) {
    for index in 0..<classes.count {
      let number: UInt32 = try record(at: classes.offset(of: index))
      guard number < column.rowCount else { throw .malformed(offset: classes.offset(of: index)) }
    }
  }

  private func checkMembers(
    of column: ColumnRecord, _ lookup: Section, isList: Bool, at offset: Int
  ) throws(ImageError) {
    guard lookup.count > 1, lookup.count & (lookup.count - 1) == 0 else {
      throw .malformed(offset: offset)
    }
    var hasVacancy = false
    for index in 0..<lookup.count {
      let offset = lookup.offset(of: index)
      let entry: MemberRecord = try record(at: offset)
      guard entry.classIndex != MemberRecord.vacant else {
        hasVacancy = true
        continue
      }
      let lastRow = (isList ? 2 : 1) * (Int(entry.classIndex) + 1)
      guard lastRow < Int(column.rowCount) else { throw .malformed(offset: offset) }
      try checkText(entry.text, at: offset)
    }
    // A probe ends at a vacant entry.
    guard hasVacancy else { throw .malformed(offset: offset) }
  }
}

extension ColumnRecord.Kind {
  fileprivate var lookupStride: Int {
    switch self {
    case .directNumber, .directIndex: MemoryLayout<UInt32>.stride
    case .numbers: MemoryLayout<Double>.stride
    case .addresses: 2 * MemoryLayout<UInt64>.stride
    case .strings, .list: MemoryLayout<MemberRecord>.stride
    }
  }

  /// The types of signal whose values it can classify.
  fileprivate var signalTypes: [SignalType] {
    switch self {
    case .directNumber, .numbers: [.number]
    case .directIndex: [.boolean, .enumeration]
    case .addresses: [.address]
    case .strings: [.string]
    case .list: [.list]
    }
  }
}
