/// Every rule's boxes beside one another: the sets that they hold of each axis, equal sets once.
struct PairTable {
  let ruleCount: Int
  let axisCount: Int
  /// By rule: its boxes.
  let boxesOfRule: [Range<Int>]
  /// By axis: the different sets. The first is the whole axis.
  private(set) var sets: [[ClassSet]]
  /// By axis and box: the index of its set.
  private(set) var setIndexes: [[Int32]]
  /// By axis: the ranges of all sets but the first, and the classes in them.
  private let rangeCounts: [Int]
  private let widths: [Int]

  init(_ boxes: [[Box]], all: Box) {
    ruleCount = boxes.count
    axisCount = all.count
    var ranges: [Range<Int>] = []
    for rule in boxes {
      let start = ranges.last?.upperBound ?? 0
      ranges.append(start..<(start + rule.count))
    }
    boxesOfRule = ranges
    let boxCount = ranges.last?.upperBound ?? 0
    sets = all.map { [$0] }
    setIndexes = []
    for axis in all.indices {
      var known: [ClassSet: Int32] = [:]
      var indexes: [Int32] = []
      indexes.reserveCapacity(boxCount)
      for box in boxes.joined() {
        let set = box[axis]
        if set == all[axis] {
          indexes.append(0)
        } else if let index = known[set] {
          indexes.append(index)
        } else {
          let index = Int32(sets[axis].count)
          known[set] = index
          sets[axis].append(set)
          indexes.append(index)
        }
      }
      setIndexes.append(indexes)
    }
    rangeCounts = sets.map { $0.dropFirst().reduce(0) { $0 + $1.ranges.count } }
    widths = sets.map { $0.dropFirst().reduce(0) { $0 + $1.count } }
  }
}

extension PairTable {
  /// How much an axis takes, of a block of rules.
  struct Work {
    /// Stretches of like classes, at most.
    let runCount: Int
    /// Classes in all ranges of all sets: what looking at each takes.
    let width: Int

    var levelCount: Int { Int.bitWidth - max(1, runCount).leadingZeroBitCount }
    /// Whether looking at each class of a set takes less than what finds any stretch in two looks.
    var isDirect: Bool { width <= runCount * levelCount }
    /// By word of a row of bits: what is in memory at once.
    var rowCount: Int { runCount * (isDirect ? 3 : 2 * levelCount) }
  }

  func work(_ axis: Int, _ boxes: Range<Int>) -> Work {
    var rangeCount = 0
    for box in boxes where setIndexes[axis][box] != 0 {
      rangeCount += sets[axis][Int(setIndexes[axis][box])].ranges.count
    }
    return Work(runCount: min(sets[axis][0].count, 2 * rangeCount + 1), width: widths[axis])
  }

  /// Words that relating all rules to one another keeps at once, and takes in all.
  func wordCounts(blockRuleCount: Int) -> (atOnce: Int, inAll: Int) {
    var counts = (atOnce: 0, inAll: 0)
    for start in stride(from: 0, to: ruleCount, by: blockRuleCount) {
      let end = min(ruleCount, start + blockRuleCount)
      let boxes = boxes(of: start..<end)
      for axis in 0..<axisCount {
        let work = work(axis, boxes)
        let wordCount = (boxes.count + 63) / 64
        counts.atOnce = max(counts.atOnce, work.rowCount * wordCount)
        counts.inAll += (work.rowCount + (work.isDirect ? work.width : 0)) * wordCount
      }
    }
    return counts
  }

  /// Steps that relating the first `end` rules to a block takes.
  func stepCount(_ block: Range<Int>, end: Int, wantsContaining: Bool) -> Int {
    let own = boxes(of: block)
    let rowCount = (0..<axisCount).reduce(0) { count, axis in
      let work = work(axis, own)
      return count + work.rowCount + (work.isDirect ? work.width : 0)
    }
    let relatedCount = boxesOfRule[end - 1].upperBound * axisCount * (wantsContaining ? 2 : 1)
    // Each range of a set is looked up by itself.
    return (rowCount + relatedCount) * ((own.count + 63) / 64) / Budget.wordCountOfStep
      + rangeCounts.reduce(0, +)
  }

  /// How many rules from `start` on can be related to one another and to those before them in
  /// `wordCountMax` words: `most`, a half of it, and so on; one at least.
  func blockRuleCount(at start: Int, atMost most: Int, wordCountMax: Int) -> Int {
    var count = most
    while count > 1 {
      let end = min(ruleCount, start + count)
      let own = boxes(of: start..<end)
      // An axis at a time: its rows, and what they say of each of its sets.
      let rowCount = (0..<axisCount).reduce(0) { max($0, work($1, own).rowCount + sets[$1].count) }
      let relatedCount = boxesOfRule[end - 1].upperBound
      if (rowCount + relatedCount) * ((own.count + 63) / 64) <= wordCountMax { break }
      count /= 2
    }
    return count
  }

  func boxes(of rules: Range<Int>) -> Range<Int> {
    boxesOfRule[rules.lowerBound].lowerBound..<boxesOfRule[rules.upperBound - 1].upperBound
  }
}

/// How every rule stands to the rules of one block: which overlap it, and which hold all of it.
///
/// Row `r` of a relation is `wordCount` words, bit `j` of it the block's rule `j`.
struct PairBlock {
  /// LIMIT: rules of a block; bits of 100,000 rules against it take 50 MB.
  static let ruleCountMax = 4096
  /// LIMIT: words that making a block keeps at once, 270 MB; of cells that name many values, a block has
  /// fewer rules.
  static let wordCountMax = 1 << 25

  /// The rules that bits stand for.
  let rules: Range<Int>
  let wordCount: Int
  private(set) var overlapping: [UInt64]
  /// Empty where it was not asked for.
  private(set) var containing: [UInt64]

  /// Relates the first `end` rules to those of the block. O(rules × axes × words).
  init(_ rules: Range<Int>, of table: PairTable, end: Int, wantsContaining: Bool) {
    self.rules = rules
    let blockBoxes = table.boxes(of: rules)
    let boxEnd = table.boxesOfRule[end - 1].upperBound
    let boxWords = max(1, (blockBoxes.count + 63) / 64)
    let full = RuleBits(below: blockBoxes.count, count: blockBoxes.count).words
    var overlap = (0..<boxEnd).flatMap { _ in full }
    var contain = wantsContaining ? overlap : []
    for axis in 0..<table.axisCount {
      let relation = AxisRelation(table, axis, blockBoxes, wantsContaining: wantsContaining)
      for box in 0..<boxEnd {
        let set = Int(table.setIndexes[axis][box])
        if set != 0 { Self.intersect(&overlap, box, relation.overlapping, set, boxWords) }
        if wantsContaining { Self.intersect(&contain, box, relation.containing, set, boxWords) }
      }
    }
    let ruleWords = (rules.count + 63) / 64
    if boxEnd == end, blockBoxes.count == rules.count,
      table.boxesOfRule.allSatisfy({ $0.count == 1 })
    {
      (wordCount, overlapping, containing) = (ruleWords, overlap, contain)
      return
    }
    wordCount = ruleWords
    overlapping = []
    containing = []
    var owners: [Int] = []
    for rule in rules {
      for _ in table.boxesOfRule[rule] { owners.append(rule - rules.lowerBound) }
    }
    for rule in 0..<end {
      var either = [UInt64](repeating: 0, count: ruleWords)
      var each = [UInt64](repeating: table.boxesOfRule[rule].isEmpty ? 0 : ~0, count: ruleWords)
      for box in table.boxesOfRule[rule] {
        let row = (box * boxWords)..<((box + 1) * boxWords)
        let overlapped = Self.byOwner(overlap[row], owners, ruleWords)
        for word in either.indices { either[word] |= overlapped[word] }
        if wantsContaining {
          let contained = Self.byOwner(contain[row], owners, ruleWords)
          for word in each.indices { each[word] &= contained[word] }
        }
      }
      overlapping += either
      if wantsContaining { containing += each }
    }
  }

  private static func intersect(
    _ rows: inout [UInt64], _ row: Int, _ others: [UInt64], _ other: Int, _ wordCount: Int
  ) {
    for word in 0..<wordCount { rows[row * wordCount + word] &= others[other * wordCount + word] }
  }

  private static func byOwner(_ row: ArraySlice<UInt64>, _ owners: [Int], _ wordCount: Int)
    -> [UInt64]
  {
    var bits = [UInt64](repeating: 0, count: wordCount)
    for (index, word) in row.enumerated() {
      var rest = word
      while rest != 0 {
        let owner = owners[index * 64 + rest.trailingZeroBitCount]
        bits[owner / 64] |= 1 << UInt64(owner % 64)
        rest &= rest - 1
      }
    }
    return bits
  }

  /// Whether one of the block's rules among `wanted` stands in a relation to `rule` and is as asked. Ends at
  /// the first.
  func contains(
    _ relation: KeyPath<PairBlock, [UInt64]>, _ rule: Int, in wanted: Range<Int>,
    where isWanted: (Int) -> Bool
  ) -> Bool {
    let own = wanted.clamped(to: rules)
    guard !own.isEmpty else { return false }
    let (start, end) = (own.lowerBound - rules.lowerBound, own.upperBound - rules.lowerBound)
    let row = self[keyPath: relation]
    for word in (start / 64)...((end - 1) / 64) {
      var rest = row[rule * wordCount + word]
      while rest != 0 {
        let other = rules.lowerBound + word * 64 + rest.trailingZeroBitCount
        if own.contains(other), isWanted(other) { return true }
        rest &= rest - 1
      }
    }
    return false
  }

  /// The block's rules among `wanted` that stand in a relation to `rule`, ascending.
  func rules(_ relation: KeyPath<PairBlock, [UInt64]>, _ rule: Int, in wanted: Range<Int>) -> [Int]
  {
    let own = wanted.clamped(to: rules)
    guard !own.isEmpty else { return [] }
    let (start, end) = (own.lowerBound - rules.lowerBound, own.upperBound - rules.lowerBound)
    let row = self[keyPath: relation]
    var found: [Int] = []
    for word in (start / 64)...((end - 1) / 64) {
      var rest = row[rule * wordCount + word]
      while rest != 0 {
        let other = rules.lowerBound + word * 64 + rest.trailingZeroBitCount
        if own.contains(other) { found.append(other) }
        rest &= rest - 1
      }
    }
    return found
  }
}

/// One axis of a block: by different set of the axis, the boxes of the block that it overlaps, and
/// those that hold all of it.
private struct AxisRelation {
  private(set) var overlapping: [UInt64] = []
  /// Empty where it was not asked for.
  private(set) var containing: [UInt64] = []

  init(_ table: PairTable, _ axis: Int, _ block: Range<Int>, wantsContaining: Bool) {
    let sets = table.sets[axis]
    let wordCount = max(1, (block.count + 63) / 64)
    let whole = sets[0]
    var held: [(bit: Int, set: ClassSet)] = []
    var wholes = [UInt64](repeating: 0, count: wordCount)
    for box in block {
      let bit = box - block.lowerBound
      let set = Int(table.setIndexes[axis][box])
      if set == 0 {
        wholes[bit / 64] |= 1 << UInt64(bit % 64)
      } else {
        held.append((bit, sets[set]))
      }
    }
    let rows = AxisRows(whole, held, bitCount: block.count)
    let isDirect = table.work(axis, block).isDirect
    overlapping = Self.folded(sets, rows, SparseRows(rows, wholes, isDirect: isDirect) { $0 | $1 }, from: 0)
    guard wantsContaining else { return }
    containing = Self.folded(sets, rows, SparseRows(rows, wholes, isDirect: isDirect) { $0 & $1 }, from: ~0)
  }

  /// By set, a row: what all runs of its ranges are together.
  private static func folded(
    _ sets: [ClassSet], _ rows: AxisRows, _ sparse: SparseRows, from none: UInt64
  ) -> [UInt64] {
    var folded: [UInt64] = []
    folded.reserveCapacity(sets.count * rows.wordCount)
    for set in sets {
      var row = [UInt64](repeating: none, count: rows.wordCount)
      for range in set.ranges { sparse.fold(rows.runs(in: range), into: &row) }
      folded += row
    }
    return folded
  }
}

/// Rows combined over any stretch of them in two looks: level `l` holds, for each row, the
/// combination of the 2^l rows that begin with it. Where stretches are short, in as many looks as they have
/// rows: the levels of 100,000 rows take gigabytes.
private struct SparseRows {
  private let wordCount: Int
  private var levels: [[UInt64]]
  private let combine: (UInt64, UInt64) -> UInt64

  init(
    _ rows: AxisRows, _ base: [UInt64], isDirect: Bool,
    _ combine: @escaping (UInt64, UInt64) -> UInt64
  ) {
    let wordCount = rows.wordCount
    self.wordCount = wordCount
    self.combine = combine
    var level = rows.words
    for index in level.indices { level[index] |= base[index % wordCount] }
    levels = [level]
    var length = 1
    while !isDirect, 2 * length <= rows.runs.count {
      let below = levels[levels.count - 1]
      let count = (rows.runs.count - 2 * length + 1) * wordCount
      levels.append((0..<count).map { combine(below[$0], below[$0 + length * wordCount]) })
      length *= 2
    }
  }

  func fold(_ runs: Range<Int>, into row: inout [UInt64]) {
    guard !runs.isEmpty else { return }
    if levels.count == 1 {
      for run in runs {
        for word in 0..<wordCount { row[word] = combine(row[word], levels[0][run * wordCount + word]) }
      }
      return
    }
    let level = Int.bitWidth - 1 - runs.count.leadingZeroBitCount
    let second = (runs.upperBound - (1 << level)) * wordCount
    let first = runs.lowerBound * wordCount
    for word in 0..<wordCount {
      let both = combine(levels[level][first + word], levels[level][second + word])
      row[word] = combine(row[word], both)
    }
  }
}
