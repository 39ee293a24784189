import Signals
import Wire

/// From the signals to what all candidates of a group say.
extension Evaluator {
  /// The rules that every column leaves, a word for each candidate. O(columns).
  @inline(__always)
  mutating func aliveRules(
    in group: LaneGroup, of chain: ChainView, _ message: Span<UInt8>
  ) -> Block {
    var alive = Block(repeating: .max)
    let plainCount = Int(group.plainColumnCount)
    for index in 0..<plainCount {
      let column = chain.column(index, of: group)
      alive &= chain.block(
        at: Int(column.rowsOffset) &+ LaneGroup.blockByteCount &* classes.row(ofInput: column.input))
    }
    for index in plainCount..<Int(group.columnCount) {
      let column = chain.column(index, of: group)
      let free = chain.block(at: Int(column.rowsOffset) &- LaneGroup.blockByteCount)
      // Where no rule that is left asks for it, the list is not looked at.
      if isZero(alive & ~free) { continue }
      classes.classifyList(column.input, &vector, of: chain, in: message)
      alive &= listBlock(of: column, chain)
    }
    return alive
  }

  /// The bits that a list column has for the value at hand.
  @inline(__always)
  private mutating func listBlock(of column: ColumnRecord, _ chain: ChainView) -> Block {
    func block(_ row: Int) -> Block {
      chain.block(at: Int(column.rowsOffset) &+ LaneGroup.blockByteCount &* row)
    }
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
