import Signals

/// How much of a clustered table one column's rows leave, on average over the classes: of a list, over the
/// values with one member.
struct ClusterUse {
  /// LIMIT: the share of words up to which a list's summary is worth looking at: for that, lists are
  /// classified that many a decision does not need.
  private static let narrowingListShareMax = 0.4

  let isList: Bool
  let bitShare: Double
  let wordShare: Double
  /// How many rows it has, where these are in full; else 0.
  var fullRowCount = 0
  /// Whether it may have bounds: then its rows are in full.
  var isBounded = false

  private var isNarrowingList: Bool { isList && wordShare <= Self.narrowingListShareMax }

  /// The place of each column: those whose rows are in full first, of which those that may have bounds are
  /// the last, the more rows the later; lists last, of which those that leave few words are the first; else
  /// by how few bits they leave.
  static func places(_ uses: [ClusterUse]) -> [Int] {
    let order = uses.indices.sorted { a, b in
      func key(_ index: Int) -> (Int, Int, Double, Int) {
        let use = uses[index]
        let part = use.isList ? 3 : use.isBounded ? 1 : use.fullRowCount > 0 ? 0 : 2
        return (
          part, use.isNarrowingList ? 0 : 1, use.isBounded ? Double(use.fullRowCount) : use.bitShare, index
        )
      }
      return key(a) < key(b)
    }
    var places = [Int](repeating: 0, count: uses.count)
    for (place, column) in order.enumerated() { places[column] = place }
    return places
  }

  static func narrowingListCount(_ uses: [ClusterUse]) -> UInt32 {
    UInt32(uses.allSatisfy(\.isList) ? uses.count : uses.count(where: \.isNarrowingList))
  }
}

extension ClusterUse {
  /// Of rows in full, one behind the other; which words they leave says nothing there.
  init(ofFullRows words: [UInt64], rowCount: Int, isList: Bool, isBounded: Bool) {
    let bitCount = words.reduce(0) { $0 + $1.nonzeroBitCount }
    self.init(
      isList: isList, bitShare: Double(bitCount) / (64 * Double(words.count)), wordShare: 1,
      fullRowCount: rowCount, isBounded: isBounded)
  }
}

extension ClusterRows {
  /// How many bits, and words that have any, each branch has. O(branches × leaves).
  func branchCounts() -> [(bits: Int, words: Int)] {
    let leafBits = stride(from: 0, to: leaves.count, by: ClusterRecord.wordsPerLeaf).map { start in
      leaves[start..<(start + ClusterRecord.wordsPerLeaf)].reduce(0) { $0 + $1.nonzeroBitCount }
    }
    let summaryWordCount = ClusterRecord.summaryByteCount / 8
    return stride(from: 0, to: branches.count, by: wordsPerBranch).map { start in
      let leavesAt = start + summaryWordCount
      return (
        branches[leavesAt..<(start + wordsPerBranch)].reduce(0) {
          $0 + leafBits[Int($1 & 0xFFFF_FFFF)] + leafBits[Int($1 >> 32)]
        },
        branches[start..<leavesAt].reduce(0) { $0 + $1.nonzeroBitCount }
      )
    }
  }

  /// What the rows of a column leave, by the numbers of their branches: states first, then classes.
  func use(
    ofRows numbers: [UInt32], isList: Bool, _ counts: [(bits: Int, words: Int)]
  ) -> ClusterUse {
    let rowCount = numbers.count / shape.branchesPerRow
    let base = InputRecord.stateRowCount
    func sums(_ row: Int) -> (bits: Int, words: Int) {
      numbers[(row * shape.branchesPerRow)..<((row + 1) * shape.branchesPerRow)].reduce((0, 0)) {
        ($0.0 + counts[Int($1)].bits, $0.1 + counts[Int($1)].words)
      }
    }
    var rows = Array(base..<rowCount)
    var (bitCount, wordCount) = (0, 0)
    if isList, rows.count > 1 {
      // No rule is in the row for no member and in that of one which is enough.
      rows = Array(stride(from: base + 1, to: rowCount, by: 2))
      (bitCount, wordCount) = sums(base)
      (bitCount, wordCount) = (bitCount * rows.count, wordCount * rows.count)
    }
    for row in rows {
      let sum = sums(row)
      bitCount += sum.bits
      wordCount += sum.words
    }
    let all = Double(rows.count) * Double(shape.wordCount)
    return ClusterUse(
      isList: isList, bitShare: Double(bitCount) / (64 * all), wordShare: Double(wordCount) / all)
  }
}

extension ColumnPlan {
  var isList: Bool {
    if case .list = partition { return true }
    return false
  }
}
