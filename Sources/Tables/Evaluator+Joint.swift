import Signals
import Wire

/// Clustered tables, evaluated as one.
extension Evaluator {
  /// Finds the rules of a chain's joint tables that every column allows: they are in `candidateMatches`.
  /// O(columns + words or bits that the joint table leads to).
  @inline(never)
  mutating func findJointMatches(of chain: ChainView, in message: Span<UInt8>) {
    let group = chain.jointGroup
    findMatches(
      group.table, prefetching: (Int(group.lanesOffset), MemoryLayout<JointGroup.LaneRules>.stride),
      of: chain, in: message)
    var matches = CandidateMatches()
    for place in 0..<rows.ranks.count {
      let rules = chain.lanes(ofRule: rows.ranks[place], group)
      matches.note(rules)
      var lanes = group.hitsAll
      while lanes != 0 {
        let lane = lanes.trailingZeroBitCount
        lanes &= lanes &- 1
        if rules[lane] != JointGroup.noRule {
          matches.noteHit(LaneRule(rawValue: rules[lane]), ofLane: lane, in: chain)
        }
      }
    }
    candidateMatches = matches
  }
}
