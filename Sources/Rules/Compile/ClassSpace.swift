import Signals
import Tables

/// The classes that the cells of a column divide its signal's values into, by number, and which of
/// them a cell matches. The classes of a list are of its members: whether a list has one is a class.
///
/// Values that each cell treats alike are one class where tests name texts or addresses: a list of
/// 100,000 in one cell is one class.
struct ClassSpace {
  let signal: Signal
  let count: Int
  private let boundaries: [Double]
  private let texts: TextClasses?
  private let addresses: AddressClasses?
  /// Of texts and addresses: the class of each of the finer classes that tests make.
  private var merged: [Int] = []

  init(_ column: CellColumn) {
    signal = column.signal
    let isFree = signal.type == .number && signal.wholeMax == nil
    boundaries = isFree ? column.boundaries : []
    let isText = signal.type == .string || signal.type == .list
    texts = isText ? TextClasses(named: column.members, lists: column.lists) : nil
    addresses =
      signal.type == .address
      ? AddressClasses(ends: column.starts, lists: column.lists) : nil
    switch signal.type {
    case .boolean: count = 2
    case .enumeration: count = signal.cases.count
    case .number: count = signal.wholeMax.map { $0 + 1 } ?? 2 * boundaries.count + 1
    case .string, .list, .address:
      let fineCount =
        (texts?.classes.count ?? addresses!.classes.count) + Self.otherCount(signal)
      var ranges: [[Range<Int>]] = []
      for cell in column.cells {
        ranges.append(Self.ranges(naming: cell.cell.tests, signal, texts, addresses))
      }
      (merged, count) = Self.merged(fineCount, ranges)
    }
  }

  /// The partition by these classes; `nil` where classes of equal rules are to be one.
  var partition: Partition? {
    switch signal.type {
    case .boolean, .enumeration: nil
    case .number: signal.wholeMax == nil ? .numbers(boundaries: boundaries) : nil
    case .string:
      .strings(members: texts!.texts, classes: texts!.classOfText.map { merged[$0 + 1] })
    case .list: .list(members: texts!.texts, classes: texts!.classOfText.map { merged[$0] })
    case .address: addressPartition
    }
  }

  /// How many rows a column has at most: classes of equal rules may be one.
  var rowCount: Int { signal.type == .list ? 2 * count + 1 : count }

  /// Neighbours of one class are one stretch.
  private var addressPartition: Partition {
    let addresses = addresses!
    var starts: [UInt128] = []
    var classes = [merged[addresses.classOfStart[0]]]
    for (start, fine) in zip(addresses.starts, addresses.classOfStart).dropFirst()
    where merged[fine] != classes.last {
      starts.append(start)
      classes.append(merged[fine])
    }
    return .addresses(starts: starts, classes: classes)
  }

  // MARK: Cells

  /// The classes that a cell's values are, ascending, neither overlapping nor touching.
  ///
  /// O(classes of its tests × log of them).
  func ranges(of cell: UnaryTests) -> [Range<Int>] {
    switch cell.values {
    case .any: count == 0 ? [] : [0..<count]
    case .none: []
    case .anyOf(let tests): ranges(naming: tests)
    case .noneOf(let tests): complement(of: ranges(naming: tests))
    }
  }

  /// The classes that tests name, ascending, neither overlapping nor touching.
  func ranges(naming tests: [UnaryTest]) -> [Range<Int>] {
    guard texts != nil || addresses != nil else {
      return Self.joined(tests.map(range))
    }
    let fine = Self.ranges(naming: tests, signal, texts, addresses)
    if count == merged.count { return fine }
    return Self.joined(Set(fine.joined().map { merged[$0] }).map { $0..<($0 + 1) })
  }

  private func complement(of ranges: [Range<Int>]) -> [Range<Int>] {
    var gaps: [Range<Int>] = []
    var start = 0
    for range in ranges {
      if start < range.lowerBound { gaps.append(start..<range.lowerBound) }
      start = range.upperBound
    }
    if start < count { gaps.append(start..<count) }
    return gaps
  }

  /// Of numbers, booleans and enumerations.
  private func range(of test: UnaryTest) -> Range<Int> {
    switch test {
    case .number(let interval):
      signal.wholeMax.map { wholeRange(of: interval, max: $0) } ?? range(of: interval)
    case .boolean(let boolean): boolean ? 1..<2 : 0..<1
    case .enumeration(let index): index..<(index + 1)
    case .text, .addresses, .list: 0..<0
    }
  }

  /// Class 2b + 1 is boundary b itself, 2b what is below it, 2b + 2 what is above.
  private func range(of interval: NumberInterval) -> Range<Int> {
    var start = 0
    if interval.lower > -.infinity {
      let boundary = boundaries.partitioningIndex { $0 >= interval.lower }
      start = 2 * boundary + (interval.includesLower ? 1 : 2)
    }
    var end = count
    if interval.upper < .infinity {
      let boundary = boundaries.partitioningIndex { $0 >= interval.upper }
      end = 2 * boundary + (interval.includesUpper ? 2 : 1)
    }
    return start < end ? start..<end : 0..<0
  }

  private func wholeRange(of interval: NumberInterval, max largest: Int) -> Range<Int> {
    let below = interval.lower.rounded(.up)
    let lower = below == interval.lower && !interval.includesLower ? below + 1 : below
    let above = interval.upper.rounded(.down)
    let upper = above == interval.upper && !interval.includesUpper ? above - 1 : above
    let start = Swift.max(0, lower)
    let end = min(Double(largest), upper)
    return start <= end ? Int(start)..<(Int(end) + 1) : 0..<0
  }
}

extension ClassSpace {
  /// Class 0 of a text is every text that no test names; a list's classes are of named members only.
  private static func otherCount(_ signal: Signal) -> Int { signal.type == .string ? 1 : 0 }

  /// The finer classes that tests name, ascending, neither overlapping nor touching.
  private static func ranges(
    naming tests: [UnaryTest], _ signal: Signal, _ texts: TextClasses?, _ addresses: AddressClasses?
  ) -> [Range<Int>] {
    if let addresses { return joined(tests.flatMap(addresses.ranges)) }
    let other = otherCount(signal)
    return joined(
      tests.flatMap { texts!.indexes(of: $0) }.map { ($0 + other)..<($0 + other + 1) })
  }

  private static func joined(_ unordered: [Range<Int>]) -> [Range<Int>] {
    ClassSet(unordered).ranges
  }

  /// Makes one class of those that the same cells name. `named` are the classes that each cell does.
  ///
  /// The cells that name a class are compared by a sum of random numbers, one a cell: two different
  /// sets of cells have the same one with a chance of 2^-128. O(ranges × log of ranges + count).
  private static func merged(
    _ count: Int, _ named: [[Range<Int>]]
  ) -> (merged: [Int], count: Int) {
    var events: [(place: Int, key: UInt128)] = []
    for ranges in named where !ranges.isEmpty {
      let key = UInt128.random(in: .min ... .max)
      for range in ranges {
        events.append((range.lowerBound, key))
        events.append((range.upperBound, 0 &- key))
      }
    }
    events.sort { $0.place < $1.place }
    var numbers: [UInt128: Int] = [:]
    var merged: [Int] = []
    var mergedCount = 0
    merged.reserveCapacity(count)
    var sum: UInt128 = 0
    var next = 0
    for fine in 0..<count {
      while next < events.count, events[next].place <= fine {
        sum &+= events[next].key
        next += 1
      }
      let number = numbers[sum] ?? mergedCount
      if number == mergedCount {
        numbers[sum] = number
        mergedCount += 1
      }
      merged.append(number)
    }
    return (merged, mergedCount)
  }
}

extension Array {
  /// The first index whose element is in the second part of an array that `isSecond` divides.
  fileprivate func partitioningIndex(where isSecond: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if isSecond(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
