import CWide

/// The words of a clustered table in which all selected rows have bits in common. Memory of the loop's own,
/// used again for table after table.
///
/// INVARIANT (words-in-bounds): `words` and `bits` have `wordCapacity` initialised numbers, which is
/// `ClusterRecord.wordCountMax` at least, `start` has a bit for each word of a table, and
/// `0 <= count <= wordCapacity`.
@safe
struct CommonWords: ~Copyable {
  /// Sections that lie side by side each have their common block.
  private static let wordCapacity = ClusterRecord.wordsPerLeaf * Int(POSTERN_SECTION_BLOCKS)

  private let words: UnsafeMutablePointer<UInt16>
  private let bits: UnsafeMutablePointer<UInt64>
  private let start: UnsafeMutablePointer<Block>
  private(set) var count = 0

  init() {
    // What C has room for.
    precondition(ClusterRecord.wordsPerBranch == Int(POSTERN_BRANCH_WORDS))
    precondition(ClusterRecord.branchCountMax <= Int(POSTERN_BRANCHES))
    precondition(TablePlan.columnCountMax <= Int(POSTERN_BRANCH_ROWS))
    let wordCount = Self.wordCapacity
    unsafe words = .allocate(capacity: wordCount)
    unsafe words.initialize(repeating: 0, count: wordCount)
    unsafe bits = .allocate(capacity: wordCount)
    unsafe bits.initialize(repeating: 0, count: wordCount)
    unsafe start = .allocate(capacity: ClusterRecord.branchCountMax)
    unsafe start.initialize(repeating: .zero, count: ClusterRecord.branchCountMax)
  }

  deinit {
    unsafe words.deallocate()
    unsafe bits.deallocate()
    unsafe start.deallocate()
  }

  /// Lets the next search begin with some words of a branch only, if it is told to.
  func setStart(_ summary: Block, ofBranch branch: Int) {
    precondition(branch >= 0 && branch < ClusterRecord.branchCountMax)
    // SAFETY: (words-in-bounds) and the line above.
    unsafe start[branch] = summary
  }

  /// Finds the words, among those of `setStart` where `isStarted`.
  ///
  /// `rows` are the offsets of `rowCount` rows of a clustered table, `wordCount` is how many words it has.
  @inline(__always)
  @unsafe mutating func find(
    of rows: UnsafePointer<UInt32>, rowCount: Int, wordCount: Int, isStarted: Bool, in chain: ChainView
  ) {
    // SAFETY: (image-valid): the rows have so many words, which (words-in-bounds) has room for; a `Block` is
    // eight words.
    count = unsafe postern_common_words(
      chain.base, rows, rowCount, wordCount,
      isStarted ? UnsafeRawPointer(start).assumingMemoryBound(to: UInt64.self) : nil, words, bits)
  }

  /// Finds the words that the sections of a table lead to.
  @inline(__always)
  @unsafe mutating func find(in sections: inout postern_sections, of chain: ChainView) {
    // SAFETY: (image-valid): the rows are those of a table with these sections, whose ranges
    // (words-in-bounds) has room for.
    count = unsafe postern_words_in_sections(chain.base, &sections, words, bits)
  }

  /// A word that was found, by its number, and its bits.
  @inline(__always)
  subscript(place: Int) -> (word: Int, bits: UInt64) {
    precondition(place >= 0 && place < count)
    // SAFETY: (words-in-bounds) and the line above.
    return unsafe (Int(words[place]), bits[place])
  }
}
