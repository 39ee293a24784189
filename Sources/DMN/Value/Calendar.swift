import Foundation

/// A day of the proleptic Gregorian calendar.
public struct FeelDate: Sendable, Hashable {
  public let year: Int
  public let month: Int
  public let day: Int

  /// LIMIT: years as XML Schema and the standard's test kit use them.
  static let yearMax = 999_999_999

  public init?(year: Int, month: Int, day: Int) {
    guard (-Self.yearMax...Self.yearMax).contains(year), (1...12).contains(month),
      day >= 1, day <= Self.dayCount(year: year, month: month)
    else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  static func dayCount(year: Int, month: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1970-01-01.
  var dayNumber: Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = floorDivide(shifted, 400)
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  init?(dayNumber: Int) {
    guard dayNumber.magnitude < 400_000_000_000 else { return nil }
    let shifted = dayNumber + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthIndex = (5 * dayOfYear + 2) / 153
    let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
    self.init(
      year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
      day: dayOfYear - (153 * monthIndex + 2) / 5 + 1)
  }

  /// Monday is 1.
  var weekday: Int { floorModulo(dayNumber + 3, 7) + 1 }

  var dayOfYear: Int { dayNumber - FeelDate(year: year, month: 1, day: 1)!.dayNumber + 1 }

  /// The week of ISO 8601: week 1 has the year's first Thursday.
  var weekOfYear: Int {
    let thursday = FeelDate(dayNumber: dayNumber - weekday + 4)!
    return (thursday.dayOfYear - 1) / 7 + 1
  }

  /// The same day of another month, or that month's last.
  func adding(months: Int) -> FeelDate? {
    guard months.magnitude < 12 * 2 * Self.yearMax else { return nil }
    let index = year * 12 + month - 1 + months
    let (year, month) = (floorDivide(index, 12), floorModulo(index, 12) + 1)
    return FeelDate(
      year: year, month: month, day: min(day, Self.dayCount(year: year, month: month)))
  }
}

/// A time of day, with or without a zone.
public struct FeelTime: Sendable, Hashable {
  /// Nanoseconds since midnight.
  public let nanosecond: Int
  public let zone: FeelZone?

  static let nanosecondsPerDay = 86_400 * 1_000_000_000

  init(nanosecond: Int, zone: FeelZone?) {
    self.nanosecond = nanosecond
    self.zone = zone
  }

  init?(hour: Int, minute: Int, second: Int, nanosecond: Int = 0, zone: FeelZone? = nil) {
    guard (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second) else {
      return nil
    }
    self.nanosecond = (hour * 3600 + minute * 60 + second) * 1_000_000_000 + nanosecond
    self.zone = zone
  }

  var hour: Int { nanosecond / 3_600_000_000_000 }
  var minute: Int { nanosecond / 60_000_000_000 % 60 }
  var second: Int { nanosecond / 1_000_000_000 % 60 }
}

/// A day and a time of it.
public struct FeelDateTime: Sendable, Hashable {
  public var date: FeelDate
  public var time: FeelTime

  /// Seconds from UTC, where the zone is known.
  var offset: Int? { time.zone?.offset(at: self) }

  /// Nanoseconds since 1970 of the wall clock, whatever the zone.
  var localNanosecond: Int128 {
    Int128(date.dayNumber) * Int128(FeelTime.nanosecondsPerDay) + Int128(time.nanosecond)
  }

  /// Nanoseconds since 1970; without a zone, as if it were UTC.
  package var instant: Int128 { localNanosecond - Int128(offset ?? 0) * 1_000_000_000 }

  init(date: FeelDate, time: FeelTime) {
    self.date = date
    self.time = time
  }

  init?(localNanosecond: Int128, zone: FeelZone?) {
    let day = Int128(FeelTime.nanosecondsPerDay)
    var number = localNanosecond / day
    var rest = localNanosecond % day
    if rest < 0 {
      rest += day
      number -= 1
    }
    guard let dayNumber = Int(exactly: number), let date = FeelDate(dayNumber: dayNumber) else {
      return nil
    }
    self.init(date: date, time: FeelTime(nanosecond: Int(rest), zone: zone))
  }
}

/// An offset from UTC, or a zone of the IANA database.
public enum FeelZone: Sendable, Hashable {
  /// Seconds.
  case offset(Int)
  case named(String)

  /// Of an offset, to either side: XML Schema's.
  static let secondsMax = 14 * 3600

  func offset(at moment: FeelDateTime) -> Int? {
    switch self {
    case .offset(let seconds): return seconds
    case .named(let name):
      guard let zone = TimeZone(identifier: name) else { return nil }
      // The wall clock as if UTC, then corrected by the offset found there.
      let local = Double(moment.localNanosecond / 1_000_000_000)
      let guess = zone.secondsFromGMT(for: Date(timeIntervalSince1970: local))
      return zone.secondsFromGMT(for: Date(timeIntervalSince1970: local - Double(guess)))
    }
  }
}

func floorDivide(_ left: Int, _ right: Int) -> Int {
  left / right - (left % right != 0 && (left < 0) != (right < 0) ? 1 : 0)
}

func floorModulo(_ left: Int, _ right: Int) -> Int { left - floorDivide(left, right) * right }
