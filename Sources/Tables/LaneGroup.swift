/// Candidates of about as many rules, evaluated together: word k of a block is candidate k's, so a single
/// pass over blocks leaves the rules of all of them.
///
/// The rows of their columns lie in these blocks: block b of a row has word b of each candidate's row. Where
/// a candidate has not got a column that others have, its words there leave all its rules, so it decides as
/// it would alone.
struct LaneGroup: BitwiseCopyable {
  /// Words of a block; a chain has no more candidates.
  static let laneCount = 8
  static let blockByteCount = 8 * laneCount
  /// Fewer are as fast one by one.
  static let candidateCountMin = 3
  /// Of a row of a table that need not be clustered.
  static let blockCountMax = (TablePlan.unclusteredRuleCountMax + 63) / 64
  /// The most that the blocks may take, over what the candidates' rows would take alone: a block has words
  /// for those too that have not got its column.
  static let growthMax = 3
  /// LIMIT: up to which they may take more: what stays in a core's own cache.
  static let smallByteCount = 512 << 10

  /// `ColumnRecord` of each column that some candidate has, by input, those of lists last.
  var columnsOffset: UInt32 = 0
  var columnCount: UInt32 = 0
  var plainColumnCount: UInt32 = 0
  /// Blocks of a row: the words of the candidate that has most rules.
  var blockCount: UInt32 = 0
  /// Bit k: candidate k is one of them.
  var candidates: UInt32 = 0
  /// Those of them whose matches are all hits.
  var hitsAll: UInt32 = 0

  /// From a row to the next.
  @inline(__always)
  var rowByteCount: UInt32 { UInt32(Self.blockByteCount) &* blockCount }

  @inline(__always)
  func contains(_ candidate: Int) -> Bool { candidates & 1 &<< UInt32(truncatingIfNeeded: candidate) != 0 }
}

extension ChainView {
  /// Empty where candidates are evaluated one by one.
  @inline(__always)
  var laneGroup: LaneGroup {
    let offset = Int(header.lanesOffset)
    return offset == 0 ? LaneGroup() : load(at: offset)
  }

  @inline(__always)
  func column(_ index: Int, of group: LaneGroup) -> ColumnRecord {
    load(at: Int(group.columnsOffset) &+ index &* MemoryLayout<ColumnRecord>.stride)
  }
}
