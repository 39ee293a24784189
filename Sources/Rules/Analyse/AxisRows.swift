/// Which of some boxes hold each class of an axis: one row of bits a run of like classes.
struct AxisRows {
  private(set) var runs: [Range<Int>] = []
  /// `wordCount` words a run; a bit is set where the box does not reach to the whole axis and
  /// holds the run.
  private(set) var words: [UInt64] = []
  let wordCount: Int

  /// `sets` are boxes by bit, and what they hold of the axis; `within` is what is looked at.
  init(_ within: ClassSet, _ sets: [(bit: Int, set: ClassSet)], bitCount: Int) {
    wordCount = max(1, (bitCount + 63) / 64)
    var events: [(position: Int, bit: Int)] = []
    for (bit, set) in sets {
      for range in set.ranges {
        events.append((range.lowerBound, bit))
        events.append((range.upperBound, bit))
      }
    }
    events.sort { $0.position < $1.position }
    var row = [UInt64](repeating: 0, count: wordCount)
    var next = 0
    for range in within.ranges {
      var start = range.lowerBound
      while start < range.upperBound {
        while next < events.count, events[next].position <= start {
          row[events[next].bit / 64] ^= 1 << UInt64(events[next].bit % 64)
          next += 1
        }
        let end =
          next < events.count
          ? min(events[next].position, range.upperBound)
          : range.upperBound
        runs.append(start..<end)
        words.append(contentsOf: row)
        start = end
      }
    }
  }

  /// The parts of the axis whose rows have no other row within them, fewest bits first: like rows
  /// are one part. No more than `most`; `nil` when the budget is spent.
  func leastHeld(atMost most: Int, _ budget: inout Budget) -> [ClassSet]? {
    guard budget.take(words.count) else { return nil }
    var partOfRow: [ArraySlice<UInt64>: Int] = [:]
    var parts: [(set: ClassSet, start: Int, bitCount: Int)] = []
    for (index, run) in runs.enumerated() {
      let start = index * wordCount
      let row = words[start..<(start + wordCount)]
      if let part = partOfRow[row] {
        parts[part].set.append(run)
      } else {
        partOfRow[row] = parts.count
        parts.append((ClassSet(run), start, row.reduce(0) { $0 + $1.nonzeroBitCount }))
      }
    }
    parts.sort { $0.bitCount < $1.bitCount }
    var least: [(set: ClassSet, start: Int)] = []
    for part in parts {
      if least.count == most { break }
      guard budget.take(1 + least.count) else { return nil }
      if !least.contains(where: { isWithin($0.start, part.start) }) {
        least.append((part.set, part.start))
      }
    }
    return least.map(\.set)
  }

  /// Whether every bit of one row is in another.
  private func isWithin(_ first: Int, _ second: Int) -> Bool {
    for word in 0..<wordCount where words[first + word] & ~words[second + word] != 0 {
      return false
    }
    return true
  }
}

extension AxisRows {
  /// The first run of `within`, which has classes, that the fewest sets hold, and how many do.
  static func leastHeldRun(_ within: ClassSet, _ sets: [ClassSet]) -> (run: Range<Int>, holdingCount: Int) {
    var starts: [Int] = []
    var ends: [Int] = []
    for range in sets.lazy.flatMap(\.ranges) {
      starts.append(range.lowerBound)
      ends.append(range.upperBound)
    }
    starts.sort()
    ends.sort()
    var least = (run: 0..<0, holdingCount: Int.max)
    var (begun, ended) = (0, 0)
    for range in within.ranges {
      var start = range.lowerBound
      while start < range.upperBound {
        while begun < starts.count, starts[begun] <= start { begun += 1 }
        while ended < ends.count, ends[ended] <= start { ended += 1 }
        let next = min(
          begun < starts.count ? starts[begun] : .max, ended < ends.count ? ends[ended] : .max)
        let end = min(next, range.upperBound)
        if begun - ended < least.holdingCount { least = (start..<end, begun - ended) }
        start = end
      }
    }
    return least
  }

  /// The runs that hold classes of a range.
  func runs(in range: Range<Int>) -> Range<Int> {
    index(of: range.lowerBound)..<(index(of: range.upperBound - 1) + 1)
  }

  /// The run that a class is in.
  private func index(of number: Int) -> Int {
    var (low, high) = (0, runs.count)
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].upperBound > number { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
