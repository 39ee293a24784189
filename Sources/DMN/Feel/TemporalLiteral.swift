/// A literal of a date, a time or a duration: `date("2026-01-31")`, `time("08:30:00")`,
/// `date and time("2026-01-31T08:30:00Z")`, `duration("P1D")`, or `@` before the text of any of them.
public struct TemporalLiteral: Sendable {
  private let value: FeelValue

  /// `function` is `@` or the name before the text; `nil` for what is no such literal.
  public init?(function: String, text: String) {
    let value: FeelValue? =
      switch function {
      case "@": FeelValue(temporal: text)
      case "date": FeelDate(text).map { .date($0) }
      case "time": FeelTime(text).map { .time($0) }
      case "date and time": FeelDateTime(text).map { .dateTime($0) }
      case "duration": Self.duration(text)
      default: nil
      }
    guard let value else { return nil }
    self.value = value
  }

  private static func duration(_ text: String) -> FeelValue? {
    var scanner = TemporalScanner(text)
    guard let duration = scanner.duration(), scanner.isAtEnd else { return nil }
    return duration
  }

  /// Where it is on its scale; `nil` where that does not hold it exactly.
  public var point: (scale: LiteralScale, value: Double)? { value.point }

  /// What it is, where it has no point.
  public var inexactness: String? { point == nil ? value.inexactness : nil }
}
