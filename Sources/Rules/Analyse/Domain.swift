import Signals

/// What one signal can be, cut into classes: within one, no cell tells two inputs apart.
///
/// The classes of values come first, in order; the states `absent`, `invalid` and `unverified`
/// are the three behind them. A list signal's only class of value is "some list": each member that
/// cells name is an axis of its own.
struct Domain {
  enum Values {
    /// Whole numbers from 0: each is a class.
    case wholes(max: Int)
    /// Numbers between and on boundaries.
    case numbers([NumberInterval])
    /// Class 0 is every text without a class of its own.
    case texts([String], beside: String)
    case booleans
    case cases([String])
    /// The first address of each class; the first is 0.
    case addresses([UInt128])
    /// What cells name.
    case list([String], beside: String)
  }

  let signal: Signal
  let values: Values
  let valueCount: Int
  /// The class of a boundary's number, of a text or of a list's member.
  private var numberClasses: [Double: Int] = [:]
  private var textClasses: [ExactText: Int] = [:]

  /// `cells` are all that any rule says of the signal.
  init(_ signal: Signal, cells: [UnaryTests]) {
    self.signal = signal
    let column = CellColumn(signal, cells)
    switch signal.type {
    case .boolean: (values, valueCount) = (.booleans, 2)
    case .enumeration: (values, valueCount) = (.cases(signal.cases), signal.cases.count)
    case .number:
      if let largest = signal.wholeMax {
        (values, valueCount) = (.wholes(max: largest), largest + 1)
      } else {
        let intervals = Self.intervals(around: column.boundaries)
        (values, valueCount) = (.numbers(intervals), intervals.count)
        for (index, interval) in intervals.enumerated() where interval.lower == interval.upper {
          numberClasses[interval.lower] = index
        }
      }
    case .string:
      let members = Self.members(column)
      (values, valueCount) = (.texts(members, beside: column.textBesideMembers), members.count + 1)
      for (index, text) in members.enumerated() { textClasses[ExactText(text)] = index + 1 }
    case .address:
      let starts = [0] + column.starts
      (values, valueCount) = (.addresses(starts), starts.count)
    case .list:
      let members = column.members
      (values, valueCount) = (.list(members, beside: column.textBesideMembers), 1)
      for (index, text) in members.enumerated() { textClasses[ExactText(text)] = index }
    }
  }

  var classCount: Int { valueCount + PlainSignal.states.count }

  /// Every input.
  var all: ClassSet { ClassSet(0..<classCount) }

  /// Every value, no state.
  var allValues: ClassSet { ClassSet(0..<valueCount) }

  /// The class of a state, counted as `PlainSignal.states`.
  func stateClass(_ state: Int) -> Int { valueCount + state }

  func states(_ states: UnaryTests.States) -> ClassSet {
    ClassSet(
      PlainSignal.states.indices.filter {
        states.contains(UnaryTests.States(PlainSignal.states[$0].state))
      }.map { stateClass($0)..<(stateClass($0) + 1) })
  }

  /// The inputs that a cell matches. Not for lists, whose cells are about members.
  func set(of cell: UnaryTests) -> ClassSet {
    let tested: ClassSet
    switch cell.values {
    case .any: tested = allValues
    case .none: tested = ClassSet()
    case .anyOf(let tests): tested = ClassSet(tests.flatMap(ranges))
    case .noneOf(let tests): tested = allValues.subtracting(ClassSet(tests.flatMap(ranges)))
    }
    return tested.union(states(cell.states))
  }

  /// The index of a list's member.
  func member(_ text: ExactText) -> Int? { textClasses[text] }

  private func ranges(_ test: UnaryTest) -> [Range<Int>] {
    switch (test, values) {
    case (.boolean(let boolean), _): return [boolean ? 1..<2 : 0..<1]
    case (.enumeration(let index), _): return [index..<(index + 1)]
    case (.text(let text), _): return textClasses[text].map { [$0..<($0 + 1)] } ?? []
    case (.number(let interval), .wholes(let largest)):
      let passing = (0...largest).filter { interval.contains(Double($0)) }
      guard let first = passing.first, let last = passing.last else { return [] }
      return [first..<(last + 1)]
    case (.number(let interval), _):
      var range = 0..<valueCount
      if interval.lower.isFinite, let index = numberClasses[interval.lower] {
        range = (interval.includesLower ? index : index + 1)..<valueCount
      }
      if interval.upper.isFinite, let index = numberClasses[interval.upper] {
        let end = interval.includesUpper ? index + 1 : index
        range = range.lowerBound..<max(range.lowerBound, end)
      }
      return [range]
    case (.addresses(let block), .addresses(let starts)):
      let end = block.upperBound == .max ? starts.count : Self.index(block.upperBound + 1, starts)
      return [Self.index(block.lowerBound, starts)..<end]
    default: return []
    }
  }

  private static func index(_ start: UInt128, _ starts: [UInt128]) -> Int {
    var (low, high) = (0, starts.count)
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] < start { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Points on the boundaries and the intervals between, without those that hold no number.
  private static func intervals(around boundaries: [Double]) -> [NumberInterval] {
    guard let first = boundaries.first, let last = boundaries.last else {
      return [NumberInterval()]
    }
    var intervals: [NumberInterval] = []
    if first.nextDown.isFinite { intervals.append(NumberInterval(upper: first)) }
    for (index, boundary) in boundaries.enumerated() {
      intervals.append(NumberInterval(boundary))
      if index + 1 < boundaries.count, boundary.nextUp < boundaries[index + 1] {
        intervals.append(NumberInterval(lower: boundary, upper: boundaries[index + 1]))
      }
    }
    if last.nextUp.isFinite { intervals.append(NumberInterval(lower: last)) }
    return intervals
  }

  /// Texts of one cell side by side, so that a long cell is few ranges.
  private static func members(_ column: CellColumn) -> [String] {
    var seen: Set<ExactText> = []
    return column.tests.compactMap { test in
      guard case .text(let text) = test, seen.insert(text).inserted else { return nil }
      return text.string
    }
  }
}
