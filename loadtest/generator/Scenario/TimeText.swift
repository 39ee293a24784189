/// Times as people write them.
public enum TimeText {
  private static let units: [(suffix: String, seconds: Double)] = [
    ("ms", 1e-3), ("us", 1e-6), ("m", 60), ("s", 1),
  ]

  /// Seconds of `250ms`, `1.5s`, `2m` or `3`; `nil` for what is none, is not above 0 or above a day.
  public static func seconds(of text: String) -> Double? {
    let unit = units.first { text.hasSuffix($0.suffix) } ?? ("", 1)
    guard let number = Double(text.dropLast(unit.suffix.count)), number > 0 else { return nil }
    let seconds = number * unit.seconds
    return seconds <= 86_400 ? seconds : nil
  }
}
