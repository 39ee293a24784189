/// Candidates whose tables are clustered, evaluated together: their different rules are those of one table,
/// the *joint table*, which a decision looks through once for all of them.
///
/// A candidate's columns are columns of the joint table. A column that it has not got leaves all its rules.
struct JointGroup: BitwiseCopyable {
  /// By candidate: which of its rules a rule is; `noRule` where it has not got it.
  typealias LaneRules = SIMD8<UInt32>

  static let noRule = UInt32.max
  static let noRules = LaneRules(repeating: noRule)
  /// Fewer are evaluated by themselves.
  static let candidateCountMin = 2

  /// The joint table: its rules have no records.
  var table = TableRecord()
  /// Bit k: candidate k is one of them.
  var candidates: UInt32 = 0
  /// Those of them whose matches are all hits.
  var hitsAll: UInt32 = 0
  /// Where `LaneRules` of each rule lie.
  var lanesOffset: UInt32 = 0

  @inline(__always)
  func contains(_ candidate: Int) -> Bool { candidates & 1 &<< UInt32(truncatingIfNeeded: candidate) != 0 }
}

extension ChainView {
  /// Empty where there is none.
  @inline(__always)
  var jointGroup: JointGroup {
    let offset = Int(header.jointOffset)
    return offset == 0 ? JointGroup() : load(at: offset)
  }

  @inline(__always)
  func lanes(ofRule rule: UInt32, _ group: JointGroup) -> JointGroup.LaneRules {
    load(at: Int(group.lanesOffset) &+ Int(rule) &* MemoryLayout<JointGroup.LaneRules>.stride)
  }

  /// The joint group of a table, and its lane there; `nil` for any other table.
  func jointLane(ofTable index: Int) -> (group: JointGroup, lane: Int)? {
    let lane = index - liveTableCount
    let group = jointGroup
    return lane >= 0 && group.contains(lane) ? (group, lane) : nil
  }
}
