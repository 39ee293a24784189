import Signals
import Wire

/// Clustered candidates, evaluated as one table.
extension Evaluator {
  /// Notes the rules of a group's candidates that every column allows.
  /// O(columns + words or bits that the joint table leads to).
  @inline(never)
  mutating func noteMatches(
    of group: JointGroup, of chain: ChainView, in message: Span<UInt8>, _ matches: inout CandidateMatches
  ) {
    findMatches(
      group.table, prefetching: (Int(group.lanesOffset), MemoryLayout<JointGroup.LaneRules>.stride),
      of: chain, in: message)
    for place in 0..<rows.ranks.count {
      let rules = chain.lanes(ofRule: rows.ranks[place], group)
      matches.note(rules)
      var lanes = group.hitsAll
      while lanes != 0 {
        let lane = lanes.trailingZeroBitCount
        lanes &= lanes &- 1
        if rules[lane] != JointGroup.noRule {
          matches.noteHit(rule: Int(rules[lane]), ofLane: lane, in: chain)
        }
      }
    }
  }
}
