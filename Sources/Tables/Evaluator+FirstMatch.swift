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
    if table.wordsPerRow == 1 { return firstMatchInWord(table, of: chain, in: message) }
    return table.isClustered
      ? firstMatchInClusters(table, of: chain, in: message)
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
  ///
  /// Lists come last and only where the other columns leave a rule: what they allow is put together
  /// from the rows of their members, word by word.
  private mutating func firstMatchInBlocks(
    _ table: TableRecord, of chain: ChainView, in message: Span<UInt8>
  ) -> Int? {
    let rowCount = selectRows(table, of: chain, in: message)
    for block in 0..<Int(table.wordsPerRow) / 8 {
      var alive = Block(repeating: ~0)
      for index in 0..<rowCount {
        alive &= chain.block(at: rows.offset(at: index) &+ block &* 64)
      }
      if alive == .zero { continue }
      for lane in 0..<8 where alive[lane] != 0 {
        let word = block &* 8 &+ lane
        let bits = alive[lane] & rows.listWord(word, in: chain)
        if bits != 0 { return word &* 64 &+ bits.trailingZeroBitCount }
      }
    }
    return nil
  }

  /// Selects each column's row, or the rows of a list's members. Returns how many columns have a row.
  mutating func selectRows(
    _ table: TableRecord, of chain: ChainView, in message: Span<UInt8>
  ) -> Int {
    rows.removeAll()
    let rowByteCount = table.rowByteCount
    let plainCount = vector.classify(table, of: chain, in: message) { _, column, row in
      rows.append(offset: column.offset(ofRow: row, rowByteCount))
    }
    for index in plainCount..<Int(table.columnCount) {
      let column = chain.column(index, of: table)
      let value = vector[Int(column.slot)]
      guard value.state == .value else {
        rows.append(offset: column.offset(ofRow: ColumnRecord.stateRow(value.state), rowByteCount))
        continue
      }
      rows.beginList(offset: column.offset(ofRow: ColumnRecord.stateRowCount, rowByteCount))
      var members = ListCursor(value)
      while let member = members.next(in: message) {
        let number = chain.memberClass(of: column, member, in: message)
        guard number > 0 else { continue }
        let row = ColumnRecord.stateRowCount &+ 2 &* number &- 1
        rows.appendMember(
          allowing: column.offset(ofRow: row, rowByteCount),
          forbidding: column.offset(ofRow: row &+ 1, rowByteCount))
      }
    }
    return rows.count
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
  /// Bytes of a row: its words, or the offsets of its branches.
  @inline(__always)
  var rowByteCount: UInt32 {
    isClustered
      ? UInt32(truncatingIfNeeded: 4 &* ClusterShape(ruleCount: Int(ruleCount)).branchesPerRow)
      : wordsPerRow &* 8
  }
}

extension ColumnRecord {
  /// Where a row starts, in bytes.
  @inline(__always)
  fileprivate func offset(ofRow row: Int, _ rowByteCount: UInt32) -> UInt32 {
    rowsOffset &+ UInt32(truncatingIfNeeded: row) &* rowByteCount
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
