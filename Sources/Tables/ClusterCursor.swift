/// The row of one column of a clustered table that is at hand while the table is laid out: by the words of
/// the plan and by those of the image.
struct ClusterCursor {
  let shape: ClusterShape
  private let order: ClusterOrder
  private var source: [UInt64]
  /// The words of the image.
  private(set) var words: [UInt64]
  private var isChanged: [Bool]
  /// Blocks whose words have changed since `takeChangedBlocks`.
  private var changedBlocks: [Int]
  /// The column that the row is of.
  private let column: Int
  /// By rule that the column splits: which of its runs comes next.
  private var nextRuns: [UInt8]
  /// Branches as they are stored, one behind the other; for `ClusterRows`.
  var branches: [UInt64]
  /// The number of each branch.
  var numbers: [UInt32]

  init(_ order: ClusterOrder, column: Int) {
    shape = ClusterShape(bitCount: order.ranks.count)
    self.order = order
    self.column = column
    source = Array(repeating: 0, count: (order.positions.count + 63) / 64)
    nextRuns = Array(repeating: 0, count: order.positions.count)
    let blockCount = shape.branchesPerRow * shape.leavesPerBranch
    words = Array(repeating: 0, count: blockCount * ClusterRecord.wordsPerLeaf)
    // What nothing is known of has to be stored.
    changedBlocks = Array(0..<blockCount)
    isChanged = Array(repeating: true, count: blockCount)
    branches = Array(repeating: 0, count: shape.branchesPerRow * shape.branchByteCount / 8)
    numbers = Array(repeating: 0, count: shape.branchesPerRow)
  }

  /// Gives a word of the plan's row other bits; `false` where one of them belongs to no rule.
  /// O(bits that change).
  mutating func set(_ word: Int, to bits: UInt64) -> Bool {
    var toggled = source[word] ^ bits
    source[word] = bits
    while toggled != 0 {
      let rule = word * 64 + toggled.trailingZeroBitCount
      toggled &= toggled - 1
      guard rule < order.positions.count else { return false }
      if order.splitColumns[rule] != column {
        for position in order.positions[rule] { toggle(position) }
      } else {
        // The bit of the run that begins or ends here. States are those of the first run.
        if bits >> UInt64(rule % 64) & 1 == 0 { nextRuns[rule] &-= 1 }
        toggle(order.positions[rule][Int(nextRuns[rule])])
        nextRuns[rule] &+= 1
      }
    }
    return true
  }

  private mutating func toggle(_ position: UInt32) {
    let position = Int(position)
    words[position / 64] ^= 1 << UInt64(position % 64)
    let block = position / (64 * ClusterRecord.wordsPerLeaf)
    if !isChanged[block] {
      isChanged[block] = true
      changedBlocks.append(block)
    }
  }

  /// Forgets which runs have been: states, and then the classes, begin with the first.
  mutating func beginRuns() {
    for rule in nextRuns.indices { nextRuns[rule] = 0 }
  }

  mutating func takeChangedBlocks() -> [Int] {
    defer { changedBlocks = [] }
    for block in changedBlocks { isChanged[block] = false }
    return changedBlocks
  }

  /// The stretch that the row's bits of a section are in, and whether it has all bits there.
  /// O(words of the section).
  func range(in section: ClusterSection) -> (BitRange, isExact: Bool) {
    var (first, end, count) = (Int.max, 0, 0)
    for word in section.words {
      let bits = words[word] & section.mask(ofWord: word)
      if bits == 0 { continue }
      first = min(first, 64 * word + bits.trailingZeroBitCount)
      end = 64 * (word + 1) - bits.leadingZeroBitCount
      count += bits.nonzeroBitCount
    }
    if count == 0 { return (BitRange(), true) }
    return (BitRange(first: UInt32(first), count: UInt32(end - first)), count == end - first)
  }
}
