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
    if !table.isClustered { return firstMatchInBlocks(table, of: chain, in: message) }
    let clusters = chain.details(of: table).clusters
    return clusters.sectionCount == 0
      ? firstMatchInClusters(table, of: chain, in: message)
      : firstMatchInSections(table, clusters, of: chain, in: message)
  }

  @inline(__always)
  private mutating func firstMatchInWord(
    _ table: TableRecord, of chain: ChainView, in message: Span<UInt8>
  ) -> Int? {
    var alive = ~UInt64(0)
    let plainCount = Int(table.plainColumnCount)
    for index in 0..<plainCount {
      let column = chain.column(index, of: table)
      alive &= chain.load(
        at: Int(column.rowsOffset) &+ 8 &* classes.row(ofInput: column.input))
    }
    if alive == 0 { return nil }
    if plainCount < Int(table.columnCount) {
      alive = narrowedByLists(alive, word: 0, rowByteCount: 8, table, chain, message)
      if alive == 0 { return nil }
    }
    return alive.trailingZeroBitCount
  }

  /// Takes from a word's bits those that lists forbid, until they all allow the lowest that is left. Only a
  /// list that does not allow everything there is looked at. `bits` is not zero.
  @inline(__always)
  private mutating func narrowedByLists(
    _ bits: UInt64, word: Int, rowByteCount: Int, _ table: TableRecord, _ chain: ChainView,
    _ message: Span<UInt8>
  ) -> UInt64 {
    var bits = bits
    // A bit for each column: by `TablePlan.columnCountMax` there are no more.
    var looked: UInt64 = 0
    var index = Int(table.plainColumnCount)
    while index < Int(table.columnCount) {
      let column = chain.column(index, of: table)
      let free: UInt64 = chain.load(at: Int(column.rowsOffset) &- rowByteCount &+ 8 &* word)
      let own: UInt64 = 1 &<< UInt64(truncatingIfNeeded: index)
      if bits & (0 &- bits) & free | looked & own != 0 {
        index &+= 1
        continue
      }
      classes.classifyList(column.input, &vector, of: chain, in: message)
      bits &= listWord(word, of: column, rowByteCount: rowByteCount, chain)
      if bits == 0 { return 0 }
      looked |= own
      // What had no say in the lowest bit may have one in that which is the lowest now.
      index = Int(table.plainColumnCount)
    }
    return bits
  }

  /// A word of the bits that a list column has for the value at hand.
  @inline(__always)
  mutating func listWord(
    _ word: Int, of column: ColumnRecord, rowByteCount: Int, _ chain: ChainView
  ) -> UInt64 {
    let rows = Int(column.rowsOffset) &+ 8 &* word
    var allowed: UInt64 = chain.load(at: rows &+ rowByteCount &* classes.row(ofInput: column.input))
    var forbidden: UInt64 = 0
    let count = classes.memberCount(ofInput: column.input)
    for index in 0..<InputClasses.membersAtOnce {
      let member = rows &+ rowByteCount &* classes.memberRow(index, ofInput: column.input)
      let isThere = UInt64(bitPattern: Int64(onesIfNegative(index &- count)))
      allowed |= chain.load(at: member) & isThere
      forbidden |= chain.load(at: member &+ rowByteCount) & isThere
    }
    if count > InputClasses.membersAtOnce {
      for index in InputClasses.membersAtOnce..<count {
        let member = rows &+ rowByteCount &* classes.memberRow(index, ofInput: column.input)
        allowed |= chain.load(at: member)
        forbidden |= chain.load(at: member &+ rowByteCount)
      }
    }
    return allowed & ~forbidden
  }

  /// LIMIT: blocks up to which none is looked at early: of 1,000 rules one of the two has the match.
  private static let wholeBlockCountMax = 2

  /// For rows of several blocks: stops at the first block with a match.
  ///
  /// Lists come last and only where the other columns leave a rule: what they allow is put together
  /// from the rows of their members, word by word.
  private mutating func firstMatchInBlocks(
    _ table: TableRecord, of chain: ChainView, in message: Span<UInt8>
  ) -> Int? {
    // Texts and networks allow fewer rules than numbers and booleans do.
    let rowCount = selectRows(table, of: chain, lastFirst: true)
    let hasLists = rowCount < Int(table.columnCount)
    let blockCount = Int(table.wordsPerRow) / 8
    var next = 0
    while let (block, alive, lanes) = rows.firstCommonBlock(
      from: next, before: blockCount, rowCount: rowCount, looksEarly: blockCount > Self.wholeBlockCountMax,
      in: chain)
    {
      next = block &+ 1
      var lanes = lanes
      while lanes != 0 {
        let lane = lanes.trailingZeroBitCount
        lanes &= lanes &- 1
        let word = block &* 8 &+ lane
        var bits = alive[lane]
        if hasLists {
          bits = narrowedByLists(
            bits, word: word, rowByteCount: Int(table.rowByteCount), table, chain, message)
          if bits == 0 { continue }
        }
        return word &* 64 &+ bits.trailingZeroBitCount
      }
    }
    return nil
  }

  /// Selects the row of each column that holds no lists. Returns how many these are.
  @inline(__always)
  mutating func selectRows(_ table: TableRecord, of chain: ChainView, lastFirst: Bool = false) -> Int {
    let rowByteCount = table.rowByteCount
    let plainCount = Int(table.plainColumnCount)
    for index in 0..<plainCount {
      let column = chain.column(index, of: table)
      rows.select(
        column.offset(ofRow: classes.row(ofInput: column.input), rowByteCount),
        ofColumn: lastFirst ? plainCount &- 1 &- index : index)
    }
    return plainCount
  }

  /// Selects the rows of each list's members.
  mutating func selectListRows(
    _ table: TableRecord, of chain: ChainView, in message: Span<UInt8>
  ) {
    rows.removeLists()
    let rowByteCount = table.rowByteCount
    for index in Int(table.plainColumnCount)..<Int(table.columnCount) {
      let column = chain.column(index, of: table)
      classes.classifyList(column.input, &vector, of: chain, in: message)
      rows.beginList(
        offset: column.offset(ofRow: classes.row(ofInput: column.input), rowByteCount))
      for index in 0..<classes.memberCount(ofInput: column.input) {
        let row = classes.memberRow(index, ofInput: column.input)
        rows.appendMember(
          allowing: column.offset(ofRow: row, rowByteCount),
          forbidding: column.offset(ofRow: row &+ 1, rowByteCount))
      }
    }
  }
}

extension ColumnRecord {
  /// Where a row starts, in bytes.
  @inline(__always)
  func offset(ofRow row: Int, _ rowByteCount: UInt32) -> UInt32 {
    rowsOffset &+ UInt32(truncatingIfNeeded: row) &* rowByteCount
  }
}
