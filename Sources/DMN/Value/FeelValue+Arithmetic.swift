/// `+ - * / **` of the standard's tables; every pair of kinds that is not there gives null.
extension FeelValue {
  static func add(_ left: FeelValue, _ right: FeelValue) -> FeelValue {
    switch (left, right) {
    case (.number(let left), .number(let right)): return FeelValue(left.adding(right))
    case (.string(let left), .string(let right)): return .string(left + right)
    case (.daysDuration(let left), .daysDuration(let right)):
      return days(left.addingReportingOverflow(right))
    case (.monthsDuration(let left), .monthsDuration(let right)):
      return months(left.addingReportingOverflow(right))
    case (.date, .daysDuration(let duration)), (.dateTime, .daysDuration(let duration)),
      (.time, .daysDuration(let duration)):
      return left.moved(nanoseconds: duration)
    case (.daysDuration(let duration), .date), (.daysDuration(let duration), .dateTime),
      (.daysDuration(let duration), .time):
      return right.moved(nanoseconds: duration)
    case (.date, .monthsDuration(let months)), (.dateTime, .monthsDuration(let months)):
      return left.moved(months: months)
    case (.monthsDuration(let months), .date), (.monthsDuration(let months), .dateTime):
      return right.moved(months: months)
    default: return .null
    }
  }

  static func subtract(_ left: FeelValue, _ right: FeelValue) -> FeelValue {
    switch (left, right) {
    case (.number(let left), .number(let right)): return FeelValue(left.subtracting(right))
    case (.daysDuration(let left), .daysDuration(let right)):
      return days(left.subtractingReportingOverflow(right))
    case (.monthsDuration(let left), .monthsDuration(let right)):
      return months(left.subtractingReportingOverflow(right))
    case (.date, .daysDuration(let duration)), (.dateTime, .daysDuration(let duration)),
      (.time, .daysDuration(let duration)):
      return left.moved(nanoseconds: -duration)
    case (.date, .monthsDuration(let months)), (.dateTime, .monthsDuration(let months)):
      return left.moved(months: -months)
    case (.date(let left), .date(let right)):
      return .daysDuration(
        Int128(left.dayNumber - right.dayNumber) * Int128(FeelTime.nanosecondsPerDay))
    case (.dateTime(let left), .dateTime(let right)): return difference(left, right)
    case (.date(let left), .dateTime(let right)):
      return difference(midnight(left, likeZoneOf: right), right)
    case (.dateTime(let left), .date(let right)):
      return difference(left, midnight(right, likeZoneOf: left))
    case (.time(let left), .time(let right)):
      let day = FeelDate(year: 2000, month: 1, day: 1)!
      return difference(FeelDateTime(date: day, time: left), FeelDateTime(date: day, time: right))
    default: return .null
    }
  }

  /// A date as a moment: midnight UTC, where the other one has a zone.
  private static func midnight(_ date: FeelDate, likeZoneOf other: FeelDateTime) -> FeelDateTime {
    FeelDateTime(
      date: date, time: FeelTime(nanosecond: 0, zone: other.time.zone == nil ? nil : .offset(0)))
  }

  private static func difference(_ left: FeelDateTime, _ right: FeelDateTime) -> FeelValue {
    guard (left.time.zone == nil) == (right.time.zone == nil) else { return .null }
    return .daysDuration(left.instant - right.instant)
  }

  static func multiply(_ left: FeelValue, _ right: FeelValue) -> FeelValue {
    switch (left, right) {
    case (.number(let left), .number(let right)): return FeelValue(left.multiplied(by: right))
    case (.daysDuration, .number(let factor)): return left.scaled { $0.multiplied(by: factor) }
    case (.number(let factor), .daysDuration): return right.scaled { $0.multiplied(by: factor) }
    case (.monthsDuration, .number(let factor)): return left.scaled { $0.multiplied(by: factor) }
    case (.number(let factor), .monthsDuration): return right.scaled { $0.multiplied(by: factor) }
    default: return .null
    }
  }

  static func divide(_ left: FeelValue, _ right: FeelValue) -> FeelValue {
    switch (left, right) {
    case (.number(let left), .number(let right)): return FeelValue(left.divided(by: right))
    case (.daysDuration, .number(let divisor)), (.monthsDuration, .number(let divisor)):
      return left.scaled { $0.divided(by: divisor) }
    case (.daysDuration(let left), .daysDuration(let right)):
      return FeelValue(FeelNumber(whole: left)?.divided(by: FeelNumber(whole: right) ?? .zero))
    case (.monthsDuration(let left), .monthsDuration(let right)):
      return FeelValue(FeelNumber(left).divided(by: FeelNumber(right)))
    default: return .null
    }
  }

  static func power(_ left: FeelValue, _ right: FeelValue) -> FeelValue {
    guard let base = left.number, let power = right.number else { return .null }
    return FeelValue(base.raised(to: power))
  }

  var negated: FeelValue {
    switch self {
    case .number(let number): .number(-number)
    case .daysDuration(let nanoseconds): .daysDuration(-nanoseconds)
    case .monthsDuration(let months): .monthsDuration(-months)
    default: .null
    }
  }

  private static func days(_ result: (Int128, Bool)) -> FeelValue {
    result.1 ? .null : .daysDuration(result.0)
  }

  private static func months(_ result: (Int, Bool)) -> FeelValue {
    result.1 ? .null : .monthsDuration(result.0)
  }

  /// A duration whose number of nanoseconds or months is changed, and cut to a whole one.
  private func scaled(_ change: (FeelNumber) -> FeelNumber?) -> FeelValue {
    switch self {
    case .daysDuration(let nanoseconds):
      guard
        let result = FeelNumber(whole: nanoseconds).flatMap(change)?.rounded(to: 0, .towardZero),
        let whole = result.wholeNanoseconds
      else { return .null }
      return .daysDuration(whole)
    case .monthsDuration(let months):
      guard let result = change(FeelNumber(months))?.rounded(to: 0, .towardZero)?.int else {
        return .null
      }
      return .monthsDuration(result)
    default: return .null
    }
  }

  /// A date stays a date: the time that is left over is cut off.
  private func moved(nanoseconds: Int128) -> FeelValue {
    switch self {
    case .date(let date):
      let midnight = FeelDateTime(date: date, time: FeelTime(nanosecond: 0, zone: nil))
      let (sum, overflow) = midnight.localNanosecond.addingReportingOverflow(nanoseconds)
      guard !overflow, let moved = FeelDateTime(localNanosecond: sum, zone: nil) else {
        return .null
      }
      return .date(moved.date)
    case .dateTime(let moment):
      let (sum, overflow) = moment.localNanosecond.addingReportingOverflow(nanoseconds)
      guard !overflow, let moved = FeelDateTime(localNanosecond: sum, zone: moment.time.zone) else {
        return .null
      }
      return .dateTime(moved)
    case .time(let time):
      let day = Int128(FeelTime.nanosecondsPerDay)
      let sum = ((Int128(time.nanosecond) + nanoseconds % day) % day + day) % day
      return .time(FeelTime(nanosecond: Int(sum), zone: time.zone))
    default: return .null
    }
  }

  private func moved(months: Int) -> FeelValue {
    switch self {
    case .date(let date): return date.adding(months: months).map { .date($0) } ?? .null
    case .dateTime(var moment):
      guard let date = moment.date.adding(months: months) else { return .null }
      moment.date = date
      return .dateTime(moment)
    default: return .null
    }
  }
}

extension FeelNumber {
  /// nil past 34 digits.
  init?(whole: Int128) {
    self.init(isNegative: whole < 0, whole.magnitude, exponent: 0)
  }

  /// A whole number as `Int128`; nil past 10^34.
  var wholeNanoseconds: Int128? {
    guard exponent >= 0, exponent + Wide.digitCount(significand) <= Self.digitCountMax else {
      return nil
    }
    let size = Int128(significand * powerOfTen(exponent))
    return isNegative ? -size : size
  }
}
