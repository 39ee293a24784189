/// A set of small whole numbers, the classes of an axis: ranges, ascending, that neither touch nor
/// overlap.
struct ClassSet: Hashable, Sendable {
  private(set) var ranges: [Range<Int>]

  init() { ranges = [] }

  init(_ range: Range<Int>) { ranges = range.isEmpty ? [] : [range] }

  /// The union of ranges in any order.
  init(_ unordered: [Range<Int>]) {
    ranges = []
    for range in unordered.sorted(by: { $0.lowerBound < $1.lowerBound }) { append(range) }
  }

  var isEmpty: Bool { ranges.isEmpty }

  /// The lowest class; traps where there is none.
  var first: Int { ranges[0].lowerBound }

  var count: Int { ranges.reduce(0) { $0 + $1.count } }

  /// Adds a range that begins at or behind every other's begin.
  mutating func append(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    if let last = ranges.last, range.lowerBound <= last.upperBound {
      ranges[ranges.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
    } else {
      ranges.append(range)
    }
  }

  func contains(_ number: Int) -> Bool {
    guard let index = firstRange(endingAfter: number) else { return false }
    return ranges[index].lowerBound <= number
  }

  func intersects(_ other: ClassSet) -> Bool {
    var (mine, its) = (0, 0)
    while mine < ranges.count, its < other.ranges.count {
      let (a, b) = (ranges[mine], other.ranges[its])
      if a.lowerBound < b.upperBound, b.lowerBound < a.upperBound { return true }
      if a.upperBound <= b.upperBound { mine += 1 } else { its += 1 }
    }
    return false
  }

  func isSuperset(of other: ClassSet) -> Bool {
    var mine = 0
    for range in other.ranges {
      while mine < ranges.count, ranges[mine].upperBound < range.upperBound { mine += 1 }
      guard mine < ranges.count, ranges[mine].lowerBound <= range.lowerBound else { return false }
    }
    return true
  }

  func intersection(_ other: ClassSet) -> ClassSet {
    var result = ClassSet()
    var (mine, its) = (0, 0)
    while mine < ranges.count, its < other.ranges.count {
      let (a, b) = (ranges[mine], other.ranges[its])
      let lower = max(a.lowerBound, b.lowerBound)
      let upper = min(a.upperBound, b.upperBound)
      if lower < upper { result.append(lower..<upper) }
      if a.upperBound <= b.upperBound { mine += 1 } else { its += 1 }
    }
    return result
  }

  func union(_ other: ClassSet) -> ClassSet { ClassSet(ranges + other.ranges) }

  func subtracting(_ other: ClassSet) -> ClassSet {
    var result = ClassSet()
    var its = 0
    for range in ranges {
      var start = range.lowerBound
      while its < other.ranges.count, other.ranges[its].upperBound <= start { its += 1 }
      var next = its
      while next < other.ranges.count, other.ranges[next].lowerBound < range.upperBound {
        let cut = other.ranges[next]
        if start < cut.lowerBound { result.append(start..<cut.lowerBound) }
        start = max(start, cut.upperBound)
        next += 1
      }
      if start < range.upperBound { result.append(start..<range.upperBound) }
    }
    return result
  }

  private func firstRange(endingAfter number: Int) -> Int? {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound > number { high = middle } else { low = middle + 1 }
    }
    return low < ranges.count ? low : nil
  }
}
