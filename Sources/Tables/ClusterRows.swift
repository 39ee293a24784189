/// The rows of a clustered table while it is laid out: leaves and branches, each different one once.
struct ClusterRows {
  let shape: ClusterShape
  /// Eight words each.
  private(set) var leaves: [UInt64] = []
  /// Of each, the summary and then the numbers of its leaves, two in a word.
  private(set) var branches: [UInt64] = []
  private var knownLeaves: [UInt64: UInt32] = [:]
  private var knownBranches: [UInt64: UInt32] = [:]

  init(_ shape: ClusterShape) { self.shape = shape }

  var wordsPerBranch: Int { shape.branchByteCount / 8 }
  var byteCount: Int { (leaves.count + branches.count) * 8 }

  /// Stores the row at hand: then its `numbers` are right. O(leaves that changed).
  mutating func store(_ cursor: inout ClusterCursor) {
    var changedBranches: Set<Int> = []
    for leaf in cursor.takeChangedBlocks() {
      let branch = leaf / shape.leavesPerBranch
      let place = leaf % shape.leavesPerBranch
      changedBranches.insert(branch)
      let words = cursor.words[(leaf * 8)..<(leaf * 8 + 8)]
      let number = Self.intern(words, in: &leaves, &knownLeaves)
      let start = branch * wordsPerBranch
      var summary: UInt64 = 0
      for (index, word) in words.enumerated() where word != 0 { summary |= 1 << UInt64(index) }
      let summaryShift = UInt64(place % 8 * 8)
      cursor.branches[start + place / 8] &= ~(0xFF << summaryShift)
      cursor.branches[start + place / 8] |= summary << summaryShift
      let numberShift = UInt64(place % 2 * 32)
      let numberWord = start + 8 + place / 2
      cursor.branches[numberWord] &= ~(0xFFFF_FFFF << numberShift)
      cursor.branches[numberWord] |= UInt64(number) << numberShift
    }
    for branch in changedBranches {
      let words = cursor.branches[(branch * wordsPerBranch)..<((branch + 1) * wordsPerBranch)]
      cursor.numbers[branch] = Self.intern(words, in: &branches, &knownBranches)
    }
  }

  /// The number of the run of equal words in `all`, which are all as long; appends one that is new.
  private static func intern(
    _ words: ArraySlice<UInt64>, in all: inout [UInt64], _ known: inout [UInt64: UInt32]
  ) -> UInt32 {
    var hash: UInt64 = 0
    for word in words {
      hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 29
    }
    if let number = known[hash] {
      let start = Int(number) * words.count
      if all[start..<(start + words.count)].elementsEqual(words) { return number }
    }
    let number = UInt32(truncatingIfNeeded: all.count / words.count)
    all += words
    known[hash] = number
    return number
  }
}
