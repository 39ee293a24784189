import CWide
import Signals
import Wire

/// Clustered tables with sections: only the bits are looked at that the values of the sections' columns
/// lead to.
extension Evaluator {
  /// The rule of lowest rank that every column allows. O(columns + bits that the sections lead to).
  @inline(never)
  mutating func firstMatchInSections(
    _ table: TableRecord, _ clusters: ClusterRecord, of chain: ChainView, in message: Span<UInt8>
  ) -> Int? {
    search(
      table, clusters, prefetching: (Int(table.rulesOffset), MemoryLayout<RuleRecord>.stride), of: chain)
    var lowest = UInt32.max
    for place in 0..<rows.commonWords.count {
      let (word, found) = rows.commonWords[place]
      var bits = narrowedByLists(found, word: word, before: lowest, table, clusters, chain, message)
      while bits != 0 {
        let bit = word &* 64 &+ bits.trailingZeroBitCount
        bits &= bits &- 1
        lowest = min(lowest, chain.rule(ofBit: bit, clusters))
      }
    }
    return lowest == .max ? nil : Int(lowest)
  }

  /// Finds the ranks of all rules that every column allows: they are in `rows.ranks`.
  @inline(never)
  mutating func findMatchesInSections(
    _ table: TableRecord, _ clusters: ClusterRecord, prefetching records: (offset: Int, byteCount: Int),
    of chain: ChainView, in message: Span<UInt8>
  ) {
    search(table, clusters, prefetching: records, of: chain)
    rows.ranks.removeAll()
    for place in 0..<rows.commonWords.count {
      let (word, found) = rows.commonWords[place]
      var bits = narrowedByLists(found, word: word, before: .max, table, clusters, chain, message)
      while bits != 0 {
        let bit = word &* 64 &+ bits.trailingZeroBitCount
        bits &= bits &- 1
        rows.ranks.append(chain.rule(ofBit: bit, clusters))
      }
    }
  }

  /// Finds the bits that the rows of all columns but lists have in common.
  @inline(__always)
  private mutating func search(
    _ table: TableRecord, _ clusters: ClusterRecord, prefetching records: (offset: Int, byteCount: Int),
    of chain: ChainView
  ) {
    let fullCount = Int(clusters.fullColumnCount)
    let fullByteCount = UInt32(
      truncatingIfNeeded: ClusterShape(bitCount: Int(clusters.bitCount)).fullRowByteCount)
    for index in 0..<Int(table.plainColumnCount) {
      let column = chain.column(index, of: table)
      let rowByteCount = index < fullCount ? fullByteCount : table.rowByteCount
      let row = classes.row(ofInput: column.input)
      rows.select(column.offset(ofRow: row, rowByteCount), row: row, ofColumn: index)
    }
    rows.findWords(clusters, prefetching: records, of: chain)
  }

  /// Takes from a word's bits those that lists forbid, and those of rules from `end` on: they have nothing to
  /// add to a hit. Only a list that does not allow everything there is looked at.
  @inline(__always)
  private mutating func narrowedByLists(
    _ found: UInt64, word: Int, before end: UInt32, _ table: TableRecord, _ clusters: ClusterRecord,
    _ chain: ChainView, _ message: Span<UInt8>
  ) -> UInt64 {
    var bits: UInt64 = 0
    var flags: UInt32 = 0
    var rest = found
    while rest != 0 {
      let lowest = rest & (0 &- rest)
      rest ^= lowest
      let bit = word &* 64 &+ lowest.trailingZeroBitCount
      if chain.rule(ofBit: bit, clusters) >= end { continue }
      bits |= lowest
      flags |= chain.listFlags(ofBit: bit, clusters)
    }
    if flags == 0 { return bits }
    let first = Int(table.plainColumnCount)
    for index in first..<Int(table.columnCount) where flags & RuleBounds.listFlag(index &- first) != 0 {
      let column = chain.column(index, of: table)
      classes.classifyList(column.input, &vector, of: chain, in: message)
      bits &=
        clusters.hasFullLists == 0
        ? branchedListWord(word, of: column, rowByteCount: Int(table.rowByteCount), chain)
        : listWord(
          word, of: column,
          rowByteCount: ClusterShape(bitCount: Int(clusters.bitCount)).fullRowByteCount, chain)
      if bits == 0 { return 0 }
    }
    return bits
  }
}

extension SelectedRows {
  /// Finds the words of a table with sections in which the rows of all columns but lists have bits in common.
  @inline(__always)
  fileprivate mutating func findWords(
    _ clusters: ClusterRecord, prefetching records: (offset: Int, byteCount: Int), of chain: ChainView
  ) {
    // SAFETY: (offsets-in-bounds): `search` has selected so many rows of the table.
    var sections = unsafe postern_sections(
      offsets: offsets, numbers: numbers, full_count: Int(clusters.fullColumnCount),
      bounded_count: Int(clusters.boundedColumnCount), sections_offset: Int(clusters.sectionsOffset),
      section_count: Int(clusters.sectionCount), bounds_offset: Int(clusters.boundsOffset),
      rules_offset: records.offset, rule_byte_count: records.byteCount)
    unsafe commonWords.find(in: &sections, of: chain)
  }
}

extension ChainView {
  /// The rule of a bit of a table with sections.
  @inline(__always)
  fileprivate func rule(ofBit bit: Int, _ clusters: ClusterRecord) -> UInt32 {
    load(at: Int(clusters.boundsOffset) &+ RuleBounds.byteCount &* bit &+ RuleBounds.ruleOffset)
  }

  /// The lists that have to be looked at, as flags.
  @inline(__always)
  fileprivate func listFlags(ofBit bit: Int, _ clusters: ClusterRecord) -> UInt32 {
    let flags: UInt32 = load(
      at: Int(clusters.boundsOffset) &+ RuleBounds.byteCount &* bit &+ RuleBounds.flagsOffset)
    return flags & ~RuleBounds.inexact
  }
}
