/// The rows of a clustered table while it is laid out: leaves and branches, each different one once.
struct ClusterRows {
  let shape: ClusterShape
  private let order: ClusterOrder
  /// Eight words each.
  private(set) var leaves: [UInt64] = []
  /// Of each, the summary and then the numbers of its leaves, two in a word.
  private(set) var branches: [UInt64] = []
  private var knownLeaves: [UInt64: UInt32] = [:]
  private var knownBranches: [UInt64: UInt32] = [:]

  init(_ order: ClusterOrder) {
    shape = ClusterShape(bitCount: order.ranks.count)
    self.order = order
  }

  var wordsPerBranch: Int { shape.branchByteCount / 8 }
  var byteCount: Int { (leaves.count + branches.count) * 8 }

  /// The row of one column that is at hand, by the words of the plan and by those of the image.
  struct Cursor {
    fileprivate var source: [UInt64]
    fileprivate var leaf: [UInt64]
    /// Branches as they are stored, one behind the other.
    fileprivate var branch: [UInt64]
    fileprivate var changedLeaves: [Int] = []
    fileprivate var isChanged: [Bool]
    /// The column that the row is of.
    fileprivate let column: Int
    /// By rule that the column splits: which of its runs comes next.
    fileprivate var nextRuns: [UInt8]
    /// The number of each branch.
    fileprivate(set) var numbers: [UInt32]

    fileprivate init(
      _ shape: ClusterShape, wordsPerBranch: Int, ruleCount: Int, column: Int
    ) {
      source = Array(repeating: 0, count: (ruleCount + 63) / 64)
      self.column = column
      nextRuns = Array(repeating: 0, count: ruleCount)
      let leafCount = shape.branchesPerRow * shape.leavesPerBranch
      leaf = Array(repeating: 0, count: leafCount * ClusterRecord.wordsPerLeaf)
      branch = Array(repeating: 0, count: shape.branchesPerRow * wordsPerBranch)
      // What nothing is known of has to be stored.
      changedLeaves = Array(0..<leafCount)
      isChanged = Array(repeating: true, count: leafCount)
      numbers = Array(repeating: 0, count: shape.branchesPerRow)
    }
  }

  func makeCursor(ofColumn column: Int) -> Cursor {
    Cursor(
      shape, wordsPerBranch: wordsPerBranch, ruleCount: order.positions.count, column: column)
  }

  /// Gives a word of the plan's row other bits; `false` where one of them belongs to no rule.
  /// O(bits that change).
  func set(_ word: Int, to bits: UInt64, _ cursor: inout Cursor) -> Bool {
    var toggled = cursor.source[word] ^ bits
    cursor.source[word] = bits
    while toggled != 0 {
      let rule = word * 64 + toggled.trailingZeroBitCount
      toggled &= toggled - 1
      guard rule < order.positions.count else { return false }
      let positions = order.positions[rule]
      if order.splitColumns[rule] != cursor.column {
        for position in positions { Self.toggle(position, &cursor) }
      } else {
        // The bit of the run that begins or ends here. States are those of the first run.
        if bits >> UInt64(rule % 64) & 1 == 0 { cursor.nextRuns[rule] &-= 1 }
        Self.toggle(positions[Int(cursor.nextRuns[rule])], &cursor)
        cursor.nextRuns[rule] &+= 1
      }
    }
    return true
  }

  private static func toggle(_ position: UInt32, _ cursor: inout Cursor) {
    let position = Int(position)
    cursor.leaf[position / 64] ^= 1 << UInt64(position % 64)
    let leaf = position / (64 * ClusterRecord.wordsPerLeaf)
    if !cursor.isChanged[leaf] {
      cursor.isChanged[leaf] = true
      cursor.changedLeaves.append(leaf)
    }
  }

  /// Forgets which runs have been: states, and then the classes, begin with the first.
  func beginRuns(_ cursor: inout Cursor) {
    for rule in cursor.nextRuns.indices { cursor.nextRuns[rule] = 0 }
  }

  /// Stores the row at hand: then its `numbers` are right. O(leaves that changed).
  mutating func store(_ cursor: inout Cursor) {
    if cursor.changedLeaves.isEmpty { return }
    var changedBranches: Set<Int> = []
    for leaf in cursor.changedLeaves {
      cursor.isChanged[leaf] = false
      let branch = leaf / shape.leavesPerBranch
      let place = leaf % shape.leavesPerBranch
      changedBranches.insert(branch)
      let words = cursor.leaf[(leaf * 8)..<(leaf * 8 + 8)]
      let number = Self.intern(words, in: &leaves, &knownLeaves)
      let start = branch * wordsPerBranch
      var summary: UInt64 = 0
      for (index, word) in words.enumerated() where word != 0 { summary |= 1 << UInt64(index) }
      let summaryShift = UInt64(place % 8 * 8)
      cursor.branch[start + place / 8] &= ~(0xFF << summaryShift)
      cursor.branch[start + place / 8] |= summary << summaryShift
      let numberShift = UInt64(place % 2 * 32)
      let numberWord = start + 8 + place / 2
      cursor.branch[numberWord] &= ~(0xFFFF_FFFF << numberShift)
      cursor.branch[numberWord] |= UInt64(number) << numberShift
    }
    cursor.changedLeaves.removeAll(keepingCapacity: true)
    for branch in changedBranches {
      let words = cursor.branch[(branch * wordsPerBranch)..<((branch + 1) * wordsPerBranch)]
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
