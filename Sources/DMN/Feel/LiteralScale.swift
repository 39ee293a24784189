/// A kind of values that are ordered, as points on a line: what the numbers there mean, and how they are
/// written. Times with a zone and times without are two kinds.
public enum LiteralScale: CaseIterable, Sendable {
  case number
  /// Days since 1970-01-01.
  case date
  /// Seconds of a days and time duration.
  case seconds
  /// Months of a years and months duration.
  case months
  /// Nanoseconds since midnight, of a time without a zone.
  case time
  /// Nanoseconds since midnight in UTC, of a time with a zone; below 0 on days that begin before UTC's.
  case zonedTime
  /// Seconds since 1970 on the wall clock, of a date and time without a zone.
  case dateTime
  /// Seconds since 1970, of a date and time with a zone.
  case zonedDateTime

  /// Whether there is nothing between two whole numbers that follow one another.
  public var isWhole: Bool {
    switch self {
    case .date, .months, .time, .zonedTime: true
    case .number, .seconds, .dateTime, .zonedDateTime: false
    }
  }

  private var type: FeelType.Basic {
    switch self {
    case .number: .number
    case .date: .date
    case .seconds: .daysDuration
    case .months: .monthsDuration
    case .time, .zonedTime: .time
    case .dateTime, .zonedDateTime: .dateTime
    }
  }

  /// What FEEL calls such values; no two scales have one name.
  public var name: String {
    switch self {
    case .zonedTime, .zonedDateTime: "\(type.rawValue) with a zone"
    default: type.rawValue
    }
  }

  /// The first point and the last, where all values lie between two; infinite elsewhere.
  public var limits: ClosedRange<Double> {
    let last = Double(FeelTime.nanosecondsPerDay - 1)
    switch self {
    case .time: return 0...last
    case .zonedTime:
      let offset = Double(FeelZone.secondsMax) * 1e9
      return -offset...last + offset
    default: return -.infinity ... .infinity
    }
  }

  /// The first that FEEL calls so: of times those without a zone.
  public init?(named name: String) {
    guard let scale = Self.allCases.first(where: { $0.isNamed(name) }) else { return nil }
    self = scale
  }

  /// Whether FEEL, in one of its versions, calls them so.
  public func isNamed(_ name: String) -> Bool { FeelType(name: name) == .basic(type) }

  /// A point as XML Schema writes it, as in `2026-01-31` and `P1DT2H`; `nil` for a number, and for what is
  /// beyond all dates.
  public func isoText(_ point: Double) -> String? {
    switch self {
    case .number: nil
    case .date: Int(exactly: point).flatMap { FeelDate(dayNumber: $0) }?.description
    case .seconds: Self.nanoseconds(point).map { durationText(nanoseconds: $0) }
    case .months: Int(exactly: point).map { durationText(months: $0) }
    case .time: Int(exactly: point).map { FeelTime(nanosecond: $0, zone: nil).description }
    case .zonedTime: Int(exactly: point).map { Self.zonedTime(utc: $0).description }
    case .dateTime: Self.dateTime(point, zone: nil)?.description
    case .zonedDateTime: Self.dateTime(point, zone: .offset(0))?.description
    }
  }

  /// In UTC where its day has that time, else as many whole hours beside it as are needed.
  private static func zonedTime(utc: Int) -> FeelTime {
    let (day, hour) = (FeelTime.nanosecondsPerDay, 3_600_000_000_000)
    let beyond = max(-utc, utc - day + 1, 0)
    let hours = (beyond + hour - 1) / hour * (utc < 0 ? 1 : -1)
    return FeelTime(nanosecond: utc + hours * hour, zone: .offset(hours * 3600))
  }

  private static func dateTime(_ seconds: Double, zone: FeelZone?) -> FeelDateTime? {
    nanoseconds(seconds).flatMap { FeelDateTime(localNanosecond: $0, zone: zone) }
  }

  /// To the microsecond, which is what binary64 holds of seconds in our days.
  private static func nanoseconds(_ seconds: Double) -> Int128? {
    let whole = seconds.rounded(.down)
    return Int(exactly: whole).map {
      Int128($0) * 1_000_000_000 + Int128(((seconds - whole) * 1e6).rounded()) * 1000
    }
  }

  /// The function that makes such a value of a text.
  public var function: String {
    switch type {
    case .daysDuration, .monthsDuration: "duration"
    default: type.rawValue
    }
  }

  /// A point as an expression, as in `date("2026-01-31")`; `nil` as above.
  public func feelText(_ point: Double) -> String? {
    isoText(point).map { "\(function)(\"\($0)\")" }
  }
}

extension FeelValue {
  /// LIMIT: decimals of this many digits are different ones as binary64 too.
  private static let digitCountMax = 15

  /// Where the value is on its scale; `nil` for one without, and for one that binary64 does not tell from
  /// others. With a zone and without, times have two orders.
  package var point: (scale: LiteralScale, value: Double)? {
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
    case .time(let time):
      guard time.zone != nil else { return (.time, Double(time.nanosecond)) }
      return time.utc.map { (.zonedTime, Double($0)) }
    case .dateTime(let moment):
      guard moment.time.zone == nil || moment.offset != nil, moment.instant % 1_000_000_000 == 0,
        let seconds = Int(exactly: moment.instant / 1_000_000_000), seconds.magnitude < 1 << 40
      else { return nil }
      return (moment.time.zone == nil ? .dateTime : .zonedDateTime, Double(seconds))
    default: return nil
    }
  }

  /// What a value of an ordered kind is that has no point.
  var inexactness: String? {
    switch self {
    case .number: "a number of more than \(Self.digitCountMax) digits, or beyond 1E308"
    case .daysDuration(let nanoseconds):
      nanoseconds % 1_000_000_000 == 0 ? "a duration of centuries" : "a duration with a fraction of a second"
    case .monthsDuration: "a duration of more months than are told apart"
    case .time: "a time whose zone has another offset from day to day"
    case .dateTime(let moment):
      moment.time.zone != nil && moment.offset == nil
        ? "a date and time in a zone that is not known here"
        : moment.instant % 1_000_000_000 == 0
          ? "a date and time far from our days" : "a date and time with a fraction of a second"
    default: nil
    }
  }
}
