import Signals

/// Joins cells where no single cell says a set.
let eitherWord = " or "

/// The cell of every value and some states, by their index.
func cellText(allValuesAnd states: [Int]) -> String {
  let missing = PlainSignal.states.indices.filter { !states.contains($0) }
  if missing.isEmpty { return "-" }
  return "not(\(missing.map { PlainSignal.states[$0].state.name }.joined(separator: ", ")))"
}

extension Domain {
  /// A set of inputs as a cell says it. Where no one cell can, cells joined by `or`. Not for lists.
  func text(_ set: ClassSet) -> String {
    let wanted = set.intersection(allValues)
    let states = PlainSignal.states.indices.filter { set.contains(stateClass($0)) }
    if isOfModel { return modelText(wanted, hasNull: !states.isEmpty) }
    if wanted == allValues { return cellText(allValuesAnd: states) }
    let names = states.map { PlainSignal.states[$0].state.name }
    if let positive = tests(wanted) {
      let texts = positive + names
      return texts.isEmpty ? "nothing" : texts.joined(separator: ", ")
    }
    let others = tests(allValues.subtracting(wanted))
    let terms = others.map { ["not(\($0.joined(separator: ", ")))"] } ?? self.terms(wanted)
    let cells = terms + (names.isEmpty ? [] : [names.joined(separator: ", ")])
    return cells.joined(separator: eitherWord)
  }

  /// In DMN's words. Of equalities `not(...)` holds for null, unless that is among them.
  private func modelText(_ wanted: ClassSet, hasNull: Bool) -> String {
    if wanted == allValues { return hasNull ? "-" : "not(null)" }
    if wanted.isEmpty { return hasNull ? "null" : "nothing" }
    if let positive = tests(wanted) { return (positive + (hasNull ? ["null"] : [])).joined(separator: ", ") }
    let others = (tests(allValues.subtracting(wanted)) ?? []) + (hasNull ? [] : ["null"])
    return "not(\(others.joined(separator: ", ")))"
  }

  /// Values as tests of a cell; `nil` where only `not(...)` can say them, or says them shorter, or
  /// where it takes several cells.
  func tests(_ set: ClassSet) -> [String]? {
    switch values {
    case .wholes(let largest): return set.ranges.map { Self.text(wholes: $0, of: largest) }
    case .numbers(let intervals): return set.ranges.map { text(intervals[$0]) }
    case .booleans: return set.ranges.flatMap { $0 }.map { $0 == 1 ? "true" : "false" }
    case .cases(let names): return set.ranges.flatMap { $0 }.map { names[$0] }
    case .texts(let texts, _):
      if set.contains(0) { return nil }
      let (tests, rest) = texts.tests(Set(set.ranges.joined().map { $0 - 1 }))
      return rest.isEmpty ? tests : nil
    case .addresses(let addresses):
      let (tests, rest) = addresses.tests(set)
      guard rest.isEmpty else { return nil }
      let (others, othersRest) = addresses.tests(allValues.subtracting(set))
      return !othersRest.isEmpty || tests.count <= max(1, others.count) ? tests : nil
    case .list: return nil
    }
  }

  /// Whether `tests` has words for a set.
  func hasTests(_ set: ClassSet) -> Bool {
    switch values {
    case .wholes, .numbers, .booleans, .cases: true
    case .texts, .addresses: tests(set) != nil
    case .list: false
    }
  }

  private static func text(wholes range: Range<Int>, of largest: Int) -> String {
    let last = range.upperBound - 1
    if range.count == 1 { return "\(last)" }
    if last == largest { return ">= \(range.lowerBound)" }
    if range.lowerBound == 0 { return "<= \(last)" }
    return "[\(range.lowerBound)..\(last)]"
  }

  /// The union of neighbours.
  private func text(_ intervals: ArraySlice<NumberInterval>) -> String {
    let (first, last) = (intervals.first!, intervals.last!)
    return NumberInterval(
      lower: first.lower, includesLower: first.includesLower, upper: last.upper,
      includesUpper: last.includesUpper
    ).text(scale)
  }

  /// Values as cells of which one matches, for what no one cell says.
  private func terms(_ set: ClassSet) -> [String] {
    switch values {
    case .texts(let texts, _): texts.terms(set)
    case .addresses(let addresses): addresses.terms(set)
    default: []
    }
  }
}

/// A range of addresses as the fewest blocks, in the language of cells.
func addressBlocks(_ range: ClosedRange<UInt128>) -> [String] {
  var blocks: [String] = []
  var start = range.lowerBound
  while true {
    // The largest block that begins here and ends within the range.
    var hostBits = start == 0 ? 128 : start.trailingZeroBitCount
    while hostBits > 0 {
      let mask: UInt128 = hostBits == 128 ? .max : (1 << UInt128(hostBits)) - 1
      if range.upperBound - start >= mask { break }
      hostBits -= 1
    }
    let mask: UInt128 = hostBits == 128 ? .max : (1 << UInt128(hostBits)) - 1
    blocks.append(blockText(start, hostBits: hostBits))
    guard range.upperBound - start > mask else { return blocks }
    start += mask + 1
  }
}

private func blockText(_ start: UInt128, hostBits: Int) -> String {
  if hostBits == 0 { return addressText(start) }
  if isIPv4(start), hostBits <= 32 { return "\(addressText(start))/\(32 - hostBits)" }
  // A block that begins at an IPv4 address and holds more than IPv4.
  return "\(isIPv4(start) ? "::ffff:0:0" : addressText(start))/\(128 - hostBits)"
}
