/// What the numbers of a signal stand for: dates, times and durations are points on a line.
public enum SignalScale: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// Themselves.
  case plain = 0
  /// Days since 1970-01-01.
  case date = 1
  /// Nanoseconds since midnight, of a time without a zone.
  case time = 2
  /// Seconds since 1970, of a date and time with its offset from UTC.
  case dateTime = 3
  /// Seconds of a days and time duration.
  case seconds = 4
  /// Months of a years and months duration.
  case months = 5

  /// FEEL's name of such values.
  public var name: String {
    switch self {
    case .plain: SignalType.number.name
    case .date: "date"
    case .time: "time"
    case .dateTime: "date and time"
    case .seconds: "days and time duration"
    case .months: "years and months duration"
    }
  }

  /// LIMIT: years are those that FEEL has, the others what it tells apart to the second and the month. Both
  /// ends are whole, as is what the analysis finds beside a cell's whole number.
  public var limits: ClosedRange<Double> {
    let last: Double
    switch self {
    case .plain: last = .greatestFiniteMagnitude
    case .date:
      let first = dayNumber(year: -yearMax, month: 1, day: 1)
      return Double(first)...Double(dayNumber(year: yearMax, month: 12, day: 31))
    case .time: return 0...Double(86_400 * 1_000_000_000 - 1)
    case .dateTime: last = Double(1 << 40 - 1)
    case .seconds: last = Double(1 << 33 - 1)
    case .months: last = Double(1 << 53 - 1)
    }
    return -last...last
  }
}

/// LIMIT: years of nine digits.
private let yearMax = 999_999_999

/// Days since 1970-01-01 of a day of the proleptic Gregorian calendar.
func dayNumber(year: Int, month: Int, day: Int) -> Int {
  // Years begin in March here, so that a leap day is the last of its year.
  let shifted = month <= 2 ? year - 1 : year
  let era = (shifted >= 0 ? shifted : shifted - 399) / 400
  let yearOfEra = shifted - era * 400
  let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
  return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

/// `nil` where there is no such month.
func dayCount(year: Int, month: Int) -> Int? {
  switch month {
  case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
  case 4, 6, 9, 11: 30
  case 1...12: 31
  default: nil
  }
}
