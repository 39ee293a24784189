import Signals

extension Domain {
  /// One input of a class; of a list's class of values, a list without any member that is named.
  func sample(_ number: Int) -> PlainSignal {
    if number >= valueCount { return PlainSignal.states[number - valueCount] }
    switch values {
    case .wholes: return .number(Double(number))
    case .numbers(let intervals): return .number(Self.number(in: intervals[number]))
    case .texts(let texts, let beside):
      return .text(number == 0 ? beside : texts.classes[number - 1].sample)
    case .booleans: return .boolean(number == 1)
    case .cases: return .enumeration(number)
    case .addresses(let addresses): return .address(addresses.classes[number].sample)
    case .list(_, let beside): return .list([beside])
    }
  }

  /// A whole number where there is one. Open intervals hold a number (`intervals(around:)`).
  private static func number(in interval: NumberInterval) -> Double {
    let (lower, upper) = (interval.lower, interval.upper)
    if lower == upper { return lower }
    if !lower.isFinite, !upper.isFinite { return 0 }
    if !lower.isFinite { return upper - 1 < upper ? (upper - 1).rounded(.down) : upper.nextDown }
    let whole = lower.rounded(.down) + 1
    if whole > lower, whole < upper { return whole }
    if !upper.isFinite { return lower.nextUp }
    let middle = lower + (upper - lower) / 2
    return middle > lower && middle < upper ? middle : lower.nextUp
  }
}
