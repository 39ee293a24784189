/// A kind of values that are ordered, as points on a line: what the numbers there mean, and how they are
/// written.
public enum LiteralScale: Sendable {
  case number
  /// Days since 1970-01-01.
  case date
  /// Seconds of a days and time duration.
  case seconds
  /// Months of a years and months duration.
  case months

  /// Whether there is nothing between two whole numbers that follow one another.
  public var isWhole: Bool { self == .date || self == .months }

  private var type: FeelType.Basic {
    switch self {
    case .number: .number
    case .date: .date
    case .seconds: .daysDuration
    case .months: .monthsDuration
    }
  }

  /// What FEEL calls such values.
  public var name: String { type.rawValue }

  /// Whether FEEL, in one of its versions, calls them so.
  public func isNamed(_ name: String) -> Bool { FeelType(name: name) == .basic(type) }

  /// A point as XML Schema writes it, as in `2026-01-31` and `P1DT2H`; `nil` for a number, and for what is
  /// beyond all dates.
  public func isoText(_ point: Double) -> String? {
    switch self {
    case .number: nil
    case .date: Int(exactly: point).flatMap { FeelDate(dayNumber: $0) }?.description
    case .seconds: Int128(exactly: (point * 1e9).rounded()).map { durationText(nanoseconds: $0) }
    case .months: Int(exactly: point).map { durationText(months: $0) }
    }
  }

  /// A point as an expression, as in `date("2026-01-31")`; `nil` as above.
  public func feelText(_ point: Double) -> String? {
    isoText(point).map { "\(self == .date ? "date" : "duration")(\"\($0)\")" }
  }
}

extension FeelValue {
  /// LIMIT: decimals of this many digits are different ones as binary64 too.
  private static let digitCountMax = 15

  /// Where the value is on its scale; `nil` for one without, and for one that binary64 does not tell from
  /// others. Times of day have two orders, with a zone and without.
  var point: (scale: LiteralScale, value: Double)? {
    switch self {
    case .number(let number):
      let text = number.description
      guard text.utf8.count(where: { (48...57).contains($0) }) <= Self.digitCountMax else { return nil }
      // A decimal that is beyond all doubles is none of them.
      guard let value = Double(text), value.isFinite else { return nil }
      return (.number, value)
    case .date(let date): return (.date, Double(date.dayNumber))
    case .daysDuration(let nanoseconds):
      guard nanoseconds % 1_000_000_000 == 0, let seconds = Int(exactly: nanoseconds / 1_000_000_000),
        seconds.magnitude < 1 << 33
      else { return nil }
      return (.seconds, Double(seconds))
    case .monthsDuration(let months):
      return months.magnitude < 1 << 53 ? (.months, Double(months)) : nil
    default: return nil
    }
  }
}
