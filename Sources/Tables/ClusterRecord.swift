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
///
/// Where few words of some row have bits of its column's `ClusterSection`, the table has sections: then no
/// summary is looked at, of a column of few rows each lies there in full, and each bit has `RuleBounds`.
struct ClusterRecord: BitwiseCopyable, Equatable {
  static let wordsPerLeaf = 8
  static let wordsPerBranch = 512
  static let branchCountMax = ClusterShape(bitCount: ClusterOrder.bitCountMax).branchesPerRow
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
  /// Where the table's sections lie, as `ClusterSection`.
  var sectionsOffset: UInt32 = 0
  /// 0 where it has none.
  var sectionCount: UInt32 = 0
  /// The first columns of a table with sections, whose rows are in full: as many blocks as the words need.
  var fullColumnCount: UInt32 = 0
  /// 1 where the rows of lists are in full, too.
  var hasFullLists: UInt32 = 0
  /// Where the table's bounds lie, as `RuleBounds`, one a bit.
  var boundsOffset: UInt32 = 0
  /// The last columns of those whose rows are in full: they have bounds.
  var boundedColumnCount: UInt32 = 0

  /// Whether a column's rows are in full, by its index, of which so many hold no lists.
  func isFull(_ column: Int, plainCount: Int) -> Bool {
    column < plainCount ? column < Int(fullColumnCount) : hasFullLists != 0
  }
}

/// The bits of the rules whose most selective cell is in one column. The sections of a table that has any
/// share its bits out; an evaluation looks only at the bits that, of some section, the value of its column
/// leads to. As `postern_section` has it.
struct ClusterSection: BitwiseCopyable, Equatable {
  /// How many columns `firsts` names.
  static let firstCount = 8

  /// The index of the column, which holds no lists.
  var column: UInt32 = 0
  var start: UInt32 = 0
  var end: UInt32 = 0
  /// A `BitRange` of each row of the column.
  var rangesOffset: UInt32 = 0
  /// A byte each: the indices of columns with rows in full, which are looked at before any other. They repeat
  /// where there are fewer; ones where there are none.
  var firsts = UInt64.max
  /// Bit c: so has column c to be, behind `firsts`. A column in neither is all ones for the section's bits,
  /// or it is `column` and its ranges say all there is.
  var others: UInt64 = 0

  /// It is not empty.
  var words: Range<Int> { Int(start) / 64..<(Int(end) + 63) / 64 }

  var blocks: Range<Int> {
    let wordsPerBlock = ClusterRecord.wordsPerLeaf
    return words.lowerBound / wordsPerBlock..<(words.upperBound + wordsPerBlock - 1) / wordsPerBlock
  }

  /// The bits of a word that are in it. `word` is one of `words`.
  func mask(ofWord word: Int) -> UInt64 { BitRange(first: start, count: end - start).mask(ofWord: word) }

  /// The columns that have a say in it.
  var columns: UInt64 {
    if firsts == .max { return others }
    return (0..<UInt64(Self.firstCount)).reduce(others) { $0 | 1 << (firsts >> (8 * $1) & 63) }
  }
}

/// The stretch of a section that a row's bits of it are in. As `postern_bit_range` has it.
struct BitRange: BitwiseCopyable, Equatable {
  private static let bitsPerBlock = 64 * ClusterRecord.wordsPerLeaf

  var first: UInt32 = 0
  var count: UInt32 = 0

  var bits: Range<Int> { Int(first)..<Int(first) + Int(count) }

  var blockCount: Int {
    (bits.upperBound + Self.bitsPerBlock - 1) / Self.bitsPerBlock - bits.lowerBound / Self.bitsPerBlock
  }

  /// What of it is in a block; all zeros where nothing is.
  func clamped(toBlock block: Int) -> BitRange {
    let bits = bits.clamped(to: Self.bitsPerBlock * block..<Self.bitsPerBlock * (block + 1))
    return bits.isEmpty ? BitRange() : BitRange(first: UInt32(bits.lowerBound), count: UInt32(bits.count))
  }

  /// Its bits among those of a word.
  func mask(ofWord word: Int) -> UInt64 {
    func ones(from bit: Int) -> UInt64 { ~0 << UInt64(min(64, max(0, bit - 64 * word))) }
    return ones(from: bits.lowerBound) & ~ones(from: bits.upperBound)
  }
}

/// The lowest and the highest row of each bounded column that have a bit: where few bits are left, their
/// bounds are fewer cache lines than the columns' rows. As `postern_bounds` has it.
struct RuleBounds: Equatable {
  static let byteCount = 64
  /// LIMIT: columns that a cache line has room for.
  static let columnCountMax = 14
  /// Some column's rows between its bounds do not all have the bit.
  static let inexact: UInt32 = 1 << 31
  /// LIMIT: lists that have a flag of their own; those behind them share the last.
  static let listFlagCount = 31

  var lowest = [UInt16](repeating: 0, count: columnCountMax)
  var rule: UInt32 = 0
  /// Where it is below the lowest, no row has the bit.
  var highest = [UInt16](repeating: .max, count: columnCountMax)
  /// Bit l: list l has to be looked at. And `inexact`.
  var flags: UInt32 = 0

  static let ruleOffset = 28
  static let highestOffset = 32
  static let flagsOffset = 60

  static func listFlag(_ list: Int) -> UInt32 {
    1 &<< UInt32(truncatingIfNeeded: min(list, listFlagCount &- 1))
  }
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

  /// Of a row that is made of branches.
  var rowByteCount: Int { 4 * branchesPerRow }

  var blockCount: Int { (wordCount + ClusterRecord.wordsPerLeaf - 1) / ClusterRecord.wordsPerLeaf }

  /// Of a row in full.
  var fullRowByteCount: Int { blockCount * 64 }

  var branchByteCount: Int { ClusterRecord.summaryByteCount + 4 * leavesPerBranch }
}

extension TableRecord {
  /// What `rowByteCount` has to be.
  func byteCount(clusters: ClusterRecord) -> UInt32 {
    isClustered
      ? UInt32(
        truncatingIfNeeded: ClusterShape(bitCount: Int(clusters.bitCount)).rowByteCount)
      : wordsPerRow &* 8
  }
}
