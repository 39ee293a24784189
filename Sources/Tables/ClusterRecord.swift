/// Where the rows of a clustered table lie.
///
/// The bits of a clustered table are not in the order of its rules: rules that are alike have bits
/// side by side, so that few words of a row hold any rule that a given value allows. `ranks` leads
/// from a bit back to its rule. A rule whose most selective cell allows several stretches of its signal has
/// a bit for each of them, beside the bits of other rules for that stretch: of these bits, at most one is
/// set in the rows of a value, and together they are what the rule's cell says.
///
/// A row is a list of *branches*, one for every 512 words. A branch is a *summary* of 512 bits (bit
/// w: word w is not zero) and the offsets of its *leaves*, 64 bytes of words each. What is equal
/// is stored once, so rows that differ in few bits differ in few bytes.
struct ClusterRecord: BitwiseCopyable {
  static let wordsPerLeaf = 8
  static let wordsPerBranch = 512
  /// LIMIT: what the rules of the largest table need, if each has as many bits as it may.
  static let branchCountMax =
    ClusterShape(bitCount: TablePlan.ruleCountMax * ClusterOrder.runCountMax).branchesPerRow
  static let wordCountMax = branchCountMax * wordsPerBranch
  /// The leaves' offsets lie behind it.
  static let summaryByteCount = wordsPerBranch / 8

  var branchesOffset: UInt32 = 0
  var branchCount: UInt32 = 0
  var leavesOffset: UInt32 = 0
  var leafCount: UInt32 = 0
  /// One a rule at least.
  var bitCount: UInt32 = 0
  /// The index of each bit's rule, as a `UInt32`.
  var ranksOffset: UInt32 = 0
  /// The lowest of the ranks in each word, as a `UInt32`.
  var firstRanksOffset: UInt32 = 0
  /// The first lists of the table, whose summaries leave so few words that they are worth looking at. All
  /// of them where the table has no other column.
  var narrowingListCount: UInt32 = 0
}

/// How many words, branches and leaves a row of a clustered table has.
struct ClusterShape {
  let bitCount: Int

  var wordCount: Int { (bitCount + 63) / 64 }

  var branchesPerRow: Int {
    (wordCount + ClusterRecord.wordsPerBranch - 1) / ClusterRecord.wordsPerBranch
  }

  /// As many as the table's words need, up to a full branch; a multiple of 16, whose offsets are
  /// 64 bytes.
  var leavesPerBranch: Int {
    let words = min(wordCount, ClusterRecord.wordsPerBranch)
    return max(1, (words + 127) / 128) * 16
  }

  var branchByteCount: Int { ClusterRecord.summaryByteCount + 4 * leavesPerBranch }
}

extension TableRecord {
  /// What `rowByteCount` has to be.
  func byteCount(clusters: ClusterRecord) -> UInt32 {
    isClustered
      ? UInt32(
        truncatingIfNeeded: 4 &* ClusterShape(bitCount: Int(clusters.bitCount)).branchesPerRow)
      : wordsPerRow &* 8
  }
}
