import Signals
import Tables

/// The classes that the cells of a column divide its signal's values into, by number, and which of
/// them a cell matches. The classes of a list are its members: whether a list has one is a class.
struct ClassSpace {
  let signal: Signal
  let count: Int
  private let column: CellColumn
  private let boundaries: [Double]
  private let starts: [UInt128]
  private let members: [String]
  private let memberIndexes: [ExactText: Int]

  init(_ column: CellColumn) {
    self.column = column
    signal = column.signal
    let isFree = signal.type == .number && signal.wholeMax == nil
    boundaries = isFree ? column.boundaries : []
    starts = column.starts
    let members = column.members
    self.members = members
    memberIndexes = Dictionary(
      uniqueKeysWithValues: members.indices.map { (ExactText(members[$0]), $0) })
    switch signal.type {
    case .boolean: count = 2
    case .enumeration: count = signal.cases.count
    case .number: count = signal.wholeMax.map { $0 + 1 } ?? 2 * boundaries.count + 1
    case .string: count = members.count + 1
    case .list: count = members.count
    case .address: count = starts.count + 1
    }
  }

  /// A value of a class. Two boundaries without a number between them have a class without one;
  /// then it is the boundary below.
  func sample(of index: Int) -> PlainSignal {
    switch signal.type {
    case .boolean: .boolean(index == 1)
    case .enumeration: .enumeration(index)
    case .number:
      .number(
        signal.wholeMax != nil ? Double(index) : CellColumn.samples(around: boundaries)[index])
    case .string: .text(index == 0 ? column.textBesideMembers : members[index - 1])
    case .list: .list([members[index]])
    case .address: .address(index == 0 ? 0 : starts[index - 1])
    }
  }

  /// The partition by these classes; `nil` where classes of equal rules are to be one.
  var partition: Partition? {
    switch signal.type {
    case .boolean, .enumeration: nil
    case .number: signal.wholeMax == nil ? .numbers(boundaries: boundaries) : nil
    case .string: .strings(members: members)
    case .list: .list(members: members)
    case .address: .addresses(starts: starts)
    }
  }

  /// How many rows a column has at most: classes of equal rules may be one.
  var rowCount: Int { signal.type == .list ? 2 * count + 1 : count }

  // MARK: Cells

  /// The classes that a cell's values are, ascending, neither overlapping nor touching.
  ///
  /// O(tests × log of classes).
  func ranges(of cell: UnaryTests) -> [Range<Int>] {
    switch cell.values {
    case .any: count == 0 ? [] : [0..<count]
    case .none: []
    case .anyOf(let tests): joined(tests)
    case .noneOf(let tests): complement(of: joined(tests))
    }
  }

  /// The index of the class of a member of a text or list column.
  func index(of text: ExactText) -> Int {
    let index = memberIndexes[text]!
    return signal.type == .list ? index : index + 1
  }

  private func joined(_ tests: [UnaryTest]) -> [Range<Int>] {
    let ranges = tests.map(range).filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
    var joined: [Range<Int>] = []
    for range in ranges {
      if let last = joined.last, range.lowerBound <= last.upperBound {
        joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        joined.append(range)
      }
    }
    return joined
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

  private func range(of test: UnaryTest) -> Range<Int> {
    switch test {
    case .number(let interval):
      return signal.wholeMax.map { wholeRange(of: interval, max: $0) } ?? range(of: interval)
    case .text(let text):
      let index = index(of: text)
      return index..<(index + 1)
    case .boolean(let boolean): return boolean ? 1..<2 : 0..<1
    case .enumeration(let index): return index..<(index + 1)
    case .addresses(let block):
      let end = block.upperBound == .max ? count : index(ofStart: block.upperBound + 1)
      return index(ofStart: block.lowerBound)..<end
    }
  }

  /// Class 0 begins at address 0, class n at start n - 1.
  private func index(ofStart start: UInt128) -> Int {
    start == 0 ? 0 : starts.partitioningIndex { $0 >= start } + 1
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
