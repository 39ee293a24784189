import Signals
import Wire

/// From a table and the signals to a rule.
extension Evaluator {
  /// The index of the first rule that every column allows. O(columns + words of a row).
  @inline(__always)
  mutating func firstMatch(
    _ table: TableRecord, of chain: ChainView, in message: Span<UInt8>
  ) -> Int? {
    if table.ruleCount == 0 { return nil }
    return table.wordsPerRow == 1
      ? firstMatchInWord(table, of: chain, in: message)
      : firstMatchInBlocks(table, of: chain, in: message)
  }

  @inline(__always)
  private mutating func firstMatchInWord(
    _ table: TableRecord, of chain: ChainView, in message: Span<UInt8>
  ) -> Int? {
    var alive = ~UInt64(0)
    let plainCount = vector.classify(table, of: chain, in: message) { _, column, row in
      alive &= chain.load(at: Int(column.rowsOffset) &+ row &* 8)
    }
    for index in plainCount..<Int(table.columnCount) {
      let column = chain.column(index, of: table)
      alive &= chain.listWord(of: column, vector[Int(column.slot)], in: message)
    }
    return alive == 0 ? nil : alive.trailingZeroBitCount
  }

  /// For rows of several blocks: stops at the first block with a match.
  private mutating func firstMatchInBlocks(
    _ table: TableRecord, of chain: ChainView, in message: Span<UInt8>
  ) -> Int? {
    var rowCount = vector.classify(table, of: chain, in: message) { index, column, row in
      rowOffsets[index] = table.offset(ofRow: row, column)
    }
    scratch.begin(blocksPerRow: Int(table.wordsPerRow) / 8)
    for index in rowCount..<Int(table.columnCount) {
      let column = chain.column(index, of: table)
      let value = vector[Int(column.slot)]
      if value.state == .value {
        scratch.intersect(chain, column, value, in: message)
      } else {
        rowOffsets[rowCount] = table.offset(ofRow: ColumnRecord.stateRow(value.state), column)
        rowCount += 1
      }
    }
    for block in 0..<Int(table.wordsPerRow) / 8 {
      var alive = scratch.block(block)
      for index in 0..<rowCount {
        alive &= chain.block(at: Int(rowOffsets[index]) &+ block &* 64)
      }
      for lane in 0..<8 where alive[lane] != 0 {
        return (block * 8 + lane) * 64 + alive[lane].trailingZeroBitCount
      }
    }
    return nil
  }
}

extension SignalVector {
  /// Calls `useRow` with each column that holds no lists, its index, and the index of the row that
  /// its value selects. Returns how many such columns there are: they come first.
  @inline(__always)
  fileprivate func classify(
    _ table: TableRecord, of chain: ChainView, in message: Span<UInt8>,
    _ useRow: (_ index: Int, ColumnRecord, _ row: Int) -> Void
  ) -> Int {
    var index = 0
    classify(.directNumber, table, of: chain, &index, useRow) { column, value in
      chain.directClass(of: column, value.number)
    }
    classify(.directIndex, table, of: chain, &index, useRow) { column, value in
      chain.directClass(of: column, index: value.low)
    }
    classify(.numbers, table, of: chain, &index, useRow) { column, value in
      chain.numberClass(of: column, value.number)
    }
    classify(.addresses, table, of: chain, &index, useRow) { column, value in
      chain.addressClass(of: column, value.address)
    }
    classify(.strings, table, of: chain, &index, useRow) { column, value in
      chain.memberClass(of: column, hash: value.low, value.text, in: message)
    }
    return index
  }

  /// As above, for the columns of one kind, from column `index` on.
  @inline(__always)
  private func classify(
    _ kind: ColumnRecord.Kind, _ table: TableRecord, of chain: ChainView, _ index: inout Int,
    _ useRow: (_ index: Int, ColumnRecord, _ row: Int) -> Void,
    _ classIndex: (ColumnRecord, SignalValue) -> Int
  ) {
    while index < Int(table.columnCount) {
      let column = chain.column(index, of: table)
      guard column.kind == kind.rawValue else { return }
      let value = self[Int(column.slot)]
      let row =
        value.state == .value
        ? ColumnRecord.stateRowCount &+ classIndex(column, value)
        : ColumnRecord.stateRow(value.state)
      useRow(index, column, row)
      index &+= 1
    }
  }
}

extension TableRecord {
  /// Where a row of a column starts, in bytes.
  @inline(__always)
  fileprivate func offset(ofRow row: Int, _ column: ColumnRecord) -> UInt32 {
    column.rowsOffset &+ UInt32(truncatingIfNeeded: row) &* wordsPerRow &* 8
  }
}

extension ChainView {
  /// The bits that a list column of a table of at most 64 rules has for a value.
  fileprivate func listWord(
    of column: ColumnRecord, _ value: SignalValue, in message: Span<UInt8>
  ) -> UInt64 {
    let rows = Int(column.rowsOffset)
    guard value.state == .value else {
      return load(at: rows &+ ColumnRecord.stateRow(value.state) &* 8)
    }
    var allowed: UInt64 = load(at: rows &+ ColumnRecord.stateRowCount &* 8)
    var forbidden: UInt64 = 0
    var members = ListCursor(value)
    while let member = members.next(in: message) {
      let row = 2 &+ 2 &* memberClass(of: column, member, in: message)
      guard row > 2 else { continue }
      allowed |= load(at: rows &+ row &* 8)
      forbidden |= load(at: rows &+ (row &+ 1) &* 8)
    }
    return allowed & ~forbidden
  }
}
