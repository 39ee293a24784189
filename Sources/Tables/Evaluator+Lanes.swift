import Signals
import Wire

/// From the signals to what all candidates of a group say.
extension Evaluator {
  /// Notes the rules of a group's candidates that every column allows: of each, the first, or all where they
  /// are all hits. O(columns × blocks of a row).
  @inline(__always)
  mutating func noteMatches(
    of group: LaneGroup, of chain: ChainView, in message: Span<UInt8>, _ matches: inout CandidateMatches
  ) {
    let plainCount = Int(group.plainColumnCount)
    // Backwards: texts and networks allow fewer rules than numbers and booleans do.
    for index in 0..<plainCount {
      let column = chain.column(index, of: group)
      rows.select(
        column.offset(ofRow: classes.row(ofInput: column.input), group.rowByteCount),
        ofColumn: plainCount &- 1 &- index)
    }
    var undecided = Block(repeating: .max)
    var undecidedCount = group.candidates.nonzeroBitCount
    var next = 0
    while let (index, common, _) = rows.firstCommonBlock(
      from: next, before: Int(group.blockCount), rowCount: plainCount, looksEarly: true, in: chain)
    {
      next = index &+ 1
      var alive = common & undecided
      narrowByLists(&alive, block: index, group, chain, message)
      if group.hitsAll != 0 { takeHits(of: group, from: &alive, block: index, chain, &matches) }
      for lane in 0..<LaneGroup.laneCount where alive[lane] != 0 {
        matches.note(rule: index &* 64 &+ alive[lane].trailingZeroBitCount, ofLane: lane, in: chain)
        undecided[lane] = 0
        undecidedCount &-= 1
      }
      if undecidedCount == 0 { break }
    }
  }

  /// Notes the rules in a block of the candidates whose matches are all hits, and takes their bits from it.
  @inline(never)
  private mutating func takeHits(
    of group: LaneGroup, from alive: inout Block, block: Int, _ chain: ChainView,
    _ matches: inout CandidateMatches
  ) {
    for lane in 0..<LaneGroup.laneCount where group.hitsAll >> UInt32(truncatingIfNeeded: lane) & 1 != 0 {
      while alive[lane] != 0 {
        let rule = block &* 64 &+ alive[lane].trailingZeroBitCount
        matches.noteHit(rule: rule, ofLane: lane, in: chain)
        alive[lane] &= alive[lane] &- 1
      }
    }
  }

  /// Takes from a block's bits those that lists forbid.
  @inline(__always)
  private mutating func narrowByLists(
    _ alive: inout Block, block: Int, _ group: LaneGroup, _ chain: ChainView, _ message: Span<UInt8>
  ) {
    let rowByteCount = Int(group.rowByteCount)
    for index in Int(group.plainColumnCount)..<Int(group.columnCount) {
      let column = chain.column(index, of: group)
      let start = Int(column.rowsOffset) &+ LaneGroup.blockByteCount &* block
      let free = chain.block(at: start &- rowByteCount)
      // Where no rule that is left asks for it, the list is not looked at.
      if isZero(alive & ~free) { continue }
      classes.classifyList(column.input, &vector, of: chain, in: message)
      alive &= listBlock(of: column, start, rowByteCount, chain)
    }
  }

  /// A block of the bits that a list column has for the value at hand; `start` is where that of row 0 is.
  @inline(__always)
  private mutating func listBlock(
    of column: ColumnRecord, _ start: Int, _ rowByteCount: Int, _ chain: ChainView
  ) -> Block {
    func block(_ row: Int) -> Block { chain.block(at: start &+ rowByteCount &* row) }
    var allowed = block(classes.row(ofInput: column.input))
    var forbidden = Block()
    for index in 0..<classes.memberCount(ofInput: column.input) {
      let row = classes.memberRow(index, ofInput: column.input)
      allowed |= block(row)
      forbidden |= block(row &+ 1)
    }
    return allowed & ~forbidden
  }

  @inline(__always)
  private mutating func isZero(_ block: Block) -> Bool {
    let half = block.lowHalf | block.highHalf
    let quarter = half.lowHalf | half.highHalf
    return quarter[0] | quarter[1] == 0
  }
}
