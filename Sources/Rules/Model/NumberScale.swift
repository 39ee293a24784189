/// What the numbers of an input mean, where they stand for something else: dates, times, durations.
struct NumberScale: Sendable {
  /// As messages call it: no two have one.
  let name: String
  /// Whether there is nothing between two whole numbers that follow one another.
  let isWhole: Bool
  /// The first number and the last.
  let limits: ClosedRange<Double>
  /// A number as a cell says it.
  let cellText: @Sendable (Double) -> String
  /// A number as a text of JSON; `nil` where it is a number there.
  let inputText: @Sendable (Double) -> String?

  static let plain = NumberScale(
    name: "number", isWhole: false,
    limits: -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude,
    cellText: { numberText($0) }, inputText: { _ in nil })

  /// Whether one of its numbers is in an interval.
  func hasNumber(in interval: NumberInterval) -> Bool {
    var (lower, upper) = (interval.lower, interval.upper)
    if !interval.includesLower { lower = isWhole ? lower + 1 : lower.nextUp }
    if !interval.includesUpper { upper = isWhole ? upper - 1 : upper.nextDown }
    return max(lower, limits.lowerBound) <= min(upper, limits.upperBound)
  }
}

extension NumberScale: Equatable {
  static func == (left: NumberScale, right: NumberScale) -> Bool { left.name == right.name }
}
