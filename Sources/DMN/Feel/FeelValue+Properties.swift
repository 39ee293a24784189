/// What can be asked of a value with a dot.
extension FeelValue {
  func property(_ name: String) -> FeelValue? {
    switch self {
    case .date(let date): return Self.property(name, of: date)
    case .time(let time): return Self.property(name, of: time, at: nil)
    case .dateTime(let moment):
      return Self.property(name, of: moment.date)
        ?? Self.property(name, of: moment.time, at: moment)
    case .daysDuration(let nanoseconds):
      let seconds = nanoseconds / 1_000_000_000
      switch name {
      case "days": return FeelValue(Int(seconds / 86_400))
      case "hours": return FeelValue(Int(seconds / 3600 % 24))
      case "minutes": return FeelValue(Int(seconds / 60 % 60))
      case "seconds":
        let rest = FeelNumber(whole: nanoseconds % 60_000_000_000) ?? .zero
        return FeelValue(rest.divided(by: FeelNumber(1_000_000_000)))
      default: return nil
      }
    case .monthsDuration(let months):
      switch name {
      case "years": return FeelValue(months / 12)
      case "months": return FeelValue(months % 12)
      default: return nil
      }
    case .range(let range):
      switch name {
      case "start": return range.low ?? .null
      case "end": return range.high ?? .null
      case "start included": return .boolean(range.isLowClosed)
      case "end included": return .boolean(range.isHighClosed)
      default: return nil
      }
    default: return nil
    }
  }

  private static func property(_ name: String, of date: FeelDate) -> FeelValue? {
    switch name {
    case "year": FeelValue(date.year)
    case "month": FeelValue(date.month)
    case "day": FeelValue(date.day)
    case "weekday": FeelValue(date.weekday)
    default: nil
    }
  }

  private static func property(
    _ name: String, of time: FeelTime, at moment: FeelDateTime?
  ) -> FeelValue? {
    switch name {
    case "hour": return FeelValue(time.hour)
    case "minute": return FeelValue(time.minute)
    case "second":
      let fraction = FeelNumber(time.nanosecond % 60_000_000_000)
      return FeelValue(fraction.divided(by: FeelNumber(1_000_000_000)))
    case "time offset":
      let day = FeelDate(year: 2000, month: 1, day: 1)!
      guard let offset = (moment ?? FeelDateTime(date: day, time: time)).offset else {
        return .null
      }
      return .daysDuration(Int128(offset) * 1_000_000_000)
    case "timezone":
      if case .named(let name) = time.zone { return .string(name) }
      return .null
    default: return nil
    }
  }
}
