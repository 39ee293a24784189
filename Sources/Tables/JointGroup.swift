/// Clustered tables, candidates and maybe the live one beside them, evaluated together: their different rules
/// are those of one table, the *joint table*, which a decision looks through once for all of them.
///
/// The columns of each are columns of the joint table. One that a table has not got leaves all its rules.
struct JointGroup: BitwiseCopyable {
  /// By lane, which is the candidate's number or `liveLane`: which of the table's rules a rule is, as a
  /// `LaneRule`; `noRule` where it has not got it.
  typealias LaneRules = SIMD16<UInt32>

  /// LIMIT: different rules: those of two of the largest tables, of which one edits the other.
  static let ruleCountMax = 2 * TablePlan.ruleCountMax
  static let liveLane = ChainPlan.shadowCountMax
  static let noTable = UInt32.max

  static let noRule = UInt32.max
  static let noRules = LaneRules(repeating: noRule)

  /// The joint table: its rules have no records.
  var table = TableRecord()
  /// Bit k: candidate k is one of them.
  var candidates: UInt32 = 0
  /// Those of them whose matches are all hits.
  var hitsAll: UInt32 = 0
  /// The live table that is one of them, a first match; or `noTable`.
  var liveTable = Self.noTable
  /// Where `LaneRules` of each rule lie.
  var lanesOffset: UInt32 = 0

  @inline(__always)
  func contains(_ candidate: Int) -> Bool { candidates & 1 &<< UInt32(truncatingIfNeeded: candidate) != 0 }
}

/// A rule and its verdict in one number, which grows with the rule: whoever asks for the verdict alone need
/// not look at the rule's record.
struct LaneRule {
  private static let verdictBitCount: UInt32 = 8
  let rawValue: UInt32

  @inline(__always)
  init(rawValue: UInt32) { self.rawValue = rawValue }

  /// `verdict` is a raw value.
  @inline(__always)
  init(_ rule: Int, verdict: UInt32) {
    rawValue = UInt32(truncatingIfNeeded: rule) &<< Self.verdictBitCount | verdict
  }

  @inline(__always)
  var rule: Int { Int(rawValue &>> Self.verdictBitCount) }

  @inline(__always)
  var verdict: UInt32 { rawValue & (1 &<< Self.verdictBitCount &- 1) }
}

extension JointGroup {
  /// The lane of one of a chain's tables.
  func lane(ofTable index: Int, liveCount: Int) -> Int? {
    if index < liveCount { return index == Int(liveTable) ? Self.liveLane : nil }
    return contains(index - liveCount) ? index - liveCount : nil
  }
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
    let group = jointGroup
    return group.lane(ofTable: index, liveCount: liveTableCount).map { (group, $0) }
  }
}
