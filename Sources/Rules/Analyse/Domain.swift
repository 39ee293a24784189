import Signals

/// What one signal can be, cut into classes: within one, no cell tells two inputs apart.
///
/// The classes of values come first, in order; the states `absent`, `invalid` and `unverified`
/// are the three behind them. A list signal's only class of value is "some list": each class of
/// members is an axis of its own. A list of the table is few classes, however many members it has.
struct Domain {
  enum Values {
    /// Whole numbers from 0: each is a class.
    case wholes(max: Int)
    /// Numbers between and on boundaries.
    case numbers([NumberInterval])
    /// Class 0 is every text that no cell names; class n is class n - 1 of the texts.
    case texts(TextClasses, beside: String)
    case booleans
    case cases([String])
    case addresses(AddressClasses)
    /// What cells name.
    case list(TextClasses, beside: String)
  }

  let signal: Signal
  let values: Values
  let valueCount: Int
  let scale: NumberScale
  /// Whether it is a decision model's input, whose states are one, null.
  let isOfModel: Bool
  /// The class of a boundary's number.
  private var numberClasses: [Double: Int] = [:]

  /// `cells` are all that any rule says of the signal.
  init(_ signal: Signal, cells: [UnaryTests], scaleOfModel: NumberScale? = nil) {
    self.signal = signal
    scale = scaleOfModel ?? signal.numberScale
    isOfModel = scaleOfModel != nil
    let column = CellColumn(signal, cells)
    switch signal.type {
    case .boolean: (values, valueCount) = (.booleans, 2)
    case .enumeration: (values, valueCount) = (.cases(signal.cases), signal.cases.count)
    case .number:
      if let largest = signal.wholeMax {
        (values, valueCount) = (.wholes(max: largest), largest + 1)
      } else {
        let intervals = Self.intervals(around: column.boundaries, of: scale)
        (values, valueCount) = (.numbers(intervals), intervals.count)
        for (index, interval) in intervals.enumerated() where interval.lower == interval.upper {
          numberClasses[interval.lower] = index
        }
      }
    case .string:
      let texts = TextClasses(named: Self.members(column), lists: column.lists)
      values = .texts(texts, beside: column.textBesideMembers)
      valueCount = texts.classes.count + 1
    case .address:
      let addresses = AddressClasses(ends: column.starts, lists: column.lists)
      (values, valueCount) = (.addresses(addresses), addresses.classes.count)
    case .list:
      let members = TextClasses(named: column.members, lists: column.lists)
      (values, valueCount) = (.list(members, beside: column.textBesideMembers), 1)
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

  /// The classes of a list's members that a test names.
  func members(_ test: UnaryTest) -> [Int] {
    if case .list(let members, _) = values { members.indexes(of: test) } else { [] }
  }

  private func ranges(_ test: UnaryTest) -> [Range<Int>] {
    switch (test, values) {
    case (.boolean(let boolean), _): return [boolean ? 1..<2 : 0..<1]
    case (.enumeration(let index), _): return [index..<(index + 1)]
    case (_, .texts(let texts, _)): return texts.indexes(of: test).map { ($0 + 1)..<($0 + 2) }
    case (_, .addresses(let addresses)): return addresses.ranges(of: test)
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
    default: return []
    }
  }

  /// Points on the boundaries and the intervals between, without those that hold no number.
  private static func intervals(around boundaries: [Double], of scale: NumberScale) -> [NumberInterval] {
    guard let first = boundaries.first, let last = boundaries.last else {
      return [NumberInterval()]
    }
    var intervals: [NumberInterval] = []
    if first > scale.limits.lowerBound { intervals.append(NumberInterval(upper: first)) }
    for (index, boundary) in boundaries.enumerated() {
      intervals.append(NumberInterval(boundary))
      let next = scale.isWhole ? boundary + 1 : boundary.nextUp
      if index + 1 < boundaries.count, next < boundaries[index + 1] {
        intervals.append(NumberInterval(lower: boundary, upper: boundaries[index + 1]))
      }
    }
    if last < scale.limits.upperBound { intervals.append(NumberInterval(lower: last)) }
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
