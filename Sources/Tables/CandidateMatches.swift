import Wire

/// What of the rules of tables that are evaluated together has matched, by lane.
struct CandidateMatches {
  private static let none = JointGroup.noRule
  private var firsts = JointGroup.noRules
  /// Of candidates whose matches are all hits: the strongest verdict so far, defaults aside; 0 for none.
  private var strongest = SIMD8<UInt32>()

  /// Notes, by lane, rules that match.
  @inline(__always)
  mutating func note(_ rules: JointGroup.LaneRules) { firsts = pointwiseMin(firsts, rules) }

  /// The first rule of the live table that is one of them.
  @inline(__always)
  var live: Int? {
    let rule = firsts[JointGroup.liveLane]
    return rule == Self.none ? nil : LaneRule(rawValue: rule).rule
  }

  /// Notes the only rule of a lane that is of interest.
  @inline(__always)
  mutating func note(rule: Int, ofLane lane: Int, in chain: ChainView) {
    let table = chain.table(chain.liveTableCount &+ lane)
    firsts[lane] = LaneRule(rule, verdict: chain.rule(rule, of: table).verdict).rawValue
  }

  /// Notes one of several hits.
  mutating func noteHit(_ rule: LaneRule, ofLane lane: Int, in chain: ChainView) {
    firsts[lane] = min(firsts[lane], rule.rawValue)
    let table = chain.table(chain.liveTableCount &+ lane)
    let isDefault = table.flags.contains(.hasDefault) && rule.rule == Int(table.ruleCount) &- 1
    if !isDefault { strongest[lane] = max(strongest[lane], rule.verdict) }
  }

  /// As above, of a rule by its index.
  mutating func noteHit(rule: Int, ofLane lane: Int, in chain: ChainView) {
    let table = chain.table(chain.liveTableCount &+ lane)
    noteHit(LaneRule(rule, verdict: chain.rule(rule, of: table).verdict), ofLane: lane, in: chain)
  }

  /// What the candidate of a lane says, as if all its rules were enforced; `nil` where nothing matches.
  @inline(__always)
  func verdict(ofLane lane: Int, _ table: TableRecord, in chain: ChainView) -> Verdict? {
    if table.flags.contains(.hitsAll), strongest[lane] != 0 { return chain.verdict(strongest[lane]) }
    // Of several hits, it is the default.
    return firsts[lane] == Self.none ? nil : chain.verdict(LaneRule(rawValue: firsts[lane]).verdict)
  }
}
