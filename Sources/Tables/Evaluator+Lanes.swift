import Signals
import Wire

/// The first rules of candidates that are evaluated together, by lane.
struct LaneRules {
  private static let none = UInt32.max
  private var rules = SIMD8<UInt32>(repeating: Self.none)

  /// The index of a candidate's first rule that every column allows.
  subscript(lane: Int) -> Int? {
    @inline(__always) get { rules[lane] == Self.none ? nil : Int(rules[lane]) }
    @inline(__always) set { rules[lane] = newValue.map { UInt32(truncatingIfNeeded: $0) } ?? Self.none }
  }
}

/// From the signals to what all candidates of a group say.
extension Evaluator {
  /// The first rule of each candidate that every column allows. O(columns × blocks of a row).
  @inline(__always)
  mutating func firstRules(
    in group: LaneGroup, of chain: ChainView, _ message: Span<UInt8>
  ) -> LaneRules {
    let plainCount = Int(group.plainColumnCount)
    // Backwards: texts and networks allow fewer rules than numbers and booleans do.
    for index in 0..<plainCount {
      let column = chain.column(index, of: group)
      rows.select(
        column.offset(ofRow: classes.row(ofInput: column.input), group.rowByteCount),
        ofColumn: plainCount &- 1 &- index)
    }
    var first = LaneRules()
    var undecided = Block(repeating: .max)
    var undecidedCount = group.candidates.nonzeroBitCount
    var next = 0
    while let (index, common, _) = rows.firstCommonBlock(
      from: next, before: Int(group.blockCount), rowCount: plainCount, looksEarly: true, in: chain)
    {
      next = index &+ 1
      var alive = common & undecided
      narrowByLists(&alive, block: index, group, chain, message)
      for lane in 0..<LaneGroup.laneCount where alive[lane] != 0 {
        first[lane] = index &* 64 &+ alive[lane].trailingZeroBitCount
        undecided[lane] = 0
        undecidedCount &-= 1
      }
      if undecidedCount == 0 { break }
    }
    return first
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
