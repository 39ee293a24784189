/// What the numbers of an input mean, where they stand for something else: dates, times, durations.
struct NumberScale: Sendable {
  /// As messages call it: no two have one.
  let name: String
  /// Whether there is nothing between two whole numbers that follow one another.
  let isWhole: Bool
  /// A number as a cell says it.
  let cellText: @Sendable (Double) -> String
  /// A number as a text of JSON; `nil` where it is a number there.
  let inputText: @Sendable (Double) -> String?

  static let plain = NumberScale(
    name: "number", isWhole: false, cellText: { numberText($0) }, inputText: { _ in nil })
}

extension NumberScale: Equatable {
  static func == (left: NumberScale, right: NumberScale) -> Bool { left.name == right.name }
}
