import Foundation

/// Dates, times and durations as ISO 8601 text, read as XML Schema has them.
struct TemporalScanner {
  private var rest: Substring
  init(_ text: some StringProtocol) { rest = Substring(text) }

  var isAtEnd: Bool { rest.isEmpty }
  var peek: Character? { rest.first }
  var remainder: String { String(rest) }

  mutating func take(_ character: Character) -> Bool {
    guard rest.first == character else { return false }
    rest.removeFirst()
    return true
  }

  /// A run of ASCII digits.
  mutating func digits() -> Substring {
    let run = rest.prefix { $0.isASCII && $0.isNumber }
    rest.removeFirst(run.count)
    return run
  }

  mutating func twoDigits() -> Int? {
    let run = rest.prefix(2)
    guard run.count == 2, run.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    rest.removeFirst(2)
    return Int(run)
  }

  mutating func date() -> FeelDate? {
    let isNegative = take("-")
    let yearDigits = digits()
    guard (4...9).contains(yearDigits.count), yearDigits.count == 4 || yearDigits.first != "0",
      let year = Int(yearDigits), take("-"), let month = twoDigits(), take("-"),
      let day = twoDigits()
    else { return nil }
    return FeelDate(year: isNegative ? -year : year, month: month, day: day)
  }

  mutating func time() -> FeelTime? {
    guard let hour = twoDigits(), take(":"), let minute = twoDigits(), take(":"),
      let second = twoDigits()
    else { return nil }
    var nanosecond = 0
    if take(".") {
      let fraction = digits()
      guard (1...18).contains(fraction.count) else { return nil }
      nanosecond = Int(fraction.prefix(9))!
      for _ in fraction.count..<max(9, fraction.count) { nanosecond *= 10 }
    }
    var zone: FeelZone?
    if !isAtEnd {
      guard let found = self.zone() else { return nil }
      zone = found
    }
    return FeelTime(hour: hour, minute: minute, second: second, nanosecond: nanosecond, zone: zone)
  }

  private mutating func zone() -> FeelZone? {
    if take("Z") || take("z") { return .offset(0) }
    if take("@") {
      let name = remainder
      rest = ""
      guard TimeZone(identifier: name) != nil, name.contains("/") || name == "UTC" || name == "GMT"
      else { return nil }
      return .named(name)
    }
    let isNegative = peek == "-"
    guard take("+") || take("-"), let hours = twoDigits(), take(":"), let minutes = twoDigits()
    else {
      return nil
    }
    var seconds = hours * 3600 + minutes * 60
    if take(":") {
      guard let extra = twoDigits(), extra < 60 else { return nil }
      seconds += extra
    }
    guard minutes < 60, seconds <= FeelZone.secondsMax else { return nil }
    return .offset(isNegative ? -seconds : seconds)
  }

  /// A duration of either kind; nil for one that mixes them.
  mutating func duration() -> FeelValue? {
    let isNegative = take("-")
    guard take("P"), !isAtEnd else { return nil }
    var (months, nanoseconds) = (Int128(0), Int128(0))
    var (hasMonths, hasDays, isTime) = (false, false, false)
    var order = 0
    while !isAtEnd {
      if !isTime, take("T") {
        isTime = true
        if isAtEnd { return nil }
        order = 3
        continue
      }
      let whole = digits()
      var fraction: Substring = ""
      if take(".") {
        fraction = digits()
        guard !fraction.isEmpty, peek == "S" else { return nil }
      }
      guard (1...18).contains(whole.count), let number = Int128(whole), let unit = peek else {
        return nil
      }
      _ = take(unit)
      let rank: Int
      switch (isTime, unit) {
      case (false, "Y"): (rank, months, hasMonths) = (1, months + number * 12, true)
      case (false, "M"): (rank, months, hasMonths) = (2, months + number, true)
      case (false, "D"):
        (rank, nanoseconds, hasDays) = (3, nanoseconds + number * 86_400_000_000_000, true)
      case (true, "H"):
        (rank, nanoseconds, hasDays) = (4, nanoseconds + number * 3_600_000_000_000, true)
      case (true, "M"):
        (rank, nanoseconds, hasDays) = (5, nanoseconds + number * 60_000_000_000, true)
      case (true, "S"):
        let digits = fraction.prefix(9)
        let scaled = (Int128(digits) ?? 0) * Int128(powerOfTen(9 - digits.count))
        (rank, nanoseconds, hasDays) = (6, nanoseconds + number * 1_000_000_000 + scaled, true)
      default: return nil
      }
      guard rank > order else { return nil }
      order = rank
    }
    guard hasMonths != hasDays else { return nil }
    if hasMonths { return Int(exactly: months).map { .monthsDuration(isNegative ? -$0 : $0) } }
    return .daysDuration(isNegative ? -nanoseconds : nanoseconds)
  }
}

extension FeelDate: CustomStringConvertible {
  public init?(_ text: some StringProtocol) {
    var scanner = TemporalScanner(text)
    guard let date = scanner.date(), scanner.isAtEnd else { return nil }
    self = date
  }

  public var description: String {
    let digits = String(year.magnitude)
    let padded = String(repeating: "0", count: max(4 - digits.count, 0)) + digits
    return "\(year < 0 ? "-" : "")\(padded)-\(twoDigits(month))-\(twoDigits(day))"
  }
}

extension FeelTime: CustomStringConvertible {
  public init?(_ text: some StringProtocol) {
    var scanner = TemporalScanner(text)
    guard let time = scanner.time(), scanner.isAtEnd else { return nil }
    self = time
  }

  public var description: String {
    let clock = "\(twoDigits(hour)):\(twoDigits(minute)):\(twoDigits(second))"
    return clock + fractionText(nanosecond % 1_000_000_000) + (zone?.description ?? "")
  }
}

extension FeelDateTime: CustomStringConvertible {
  /// A date alone is its midnight.
  public init?(_ text: some StringProtocol) {
    var scanner = TemporalScanner(text)
    guard let date = scanner.date() else { return nil }
    if scanner.isAtEnd {
      self.init(date: date, time: FeelTime(nanosecond: 0, zone: nil))
      return
    }
    guard scanner.take("T"), let time = scanner.time(), scanner.isAtEnd else { return nil }
    self.init(date: date, time: time)
  }

  public var description: String { "\(date)T\(time)" }
}

extension FeelZone: CustomStringConvertible {
  public var description: String {
    switch self {
    case .named(let name): return "@\(name)"
    case .offset(0): return "Z"
    case .offset(let seconds):
      let size = abs(seconds)
      let extra = size % 60 == 0 ? "" : ":\(twoDigits(size % 60))"
      return
        "\(seconds < 0 ? "-" : "+")\(twoDigits(size / 3600)):\(twoDigits(size / 60 % 60))\(extra)"
    }
  }
}

/// `P1DT2H`, `PT0S`.
func durationText(nanoseconds: Int128) -> String {
  let size = nanoseconds.magnitude
  let (seconds, fraction) = (size / 1_000_000_000, Int(size % 1_000_000_000))
  let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60)
  var time = ""
  if hours > 0 { time += "\(hours)H" }
  if minutes > 0 { time += "\(minutes)M" }
  if seconds % 60 > 0 || fraction > 0 { time += "\(seconds % 60)\(fractionText(fraction))S" }
  if size == 0 { time = "0S" }
  let sign = nanoseconds < 0 ? "-" : ""
  return "\(sign)P\(days > 0 ? "\(days)D" : "")\(time.isEmpty ? "" : "T\(time)")"
}

/// `P1Y2M`, `P0M`.
func durationText(months: Int) -> String {
  let (years, rest) = (months.magnitude / 12, months.magnitude % 12)
  let text = (years > 0 ? "\(years)Y" : "") + (rest > 0 || years == 0 ? "\(rest)M" : "")
  return (months < 0 ? "-P" : "P") + text
}

/// `.5`, or nothing.
private func fractionText(_ nanosecond: Int) -> String {
  if nanosecond == 0 { return "" }
  let digits = String(nanosecond + 1_000_000_000).dropFirst()
  return "." + String(digits.reversed().drop { $0 == "0" }.reversed())
}

private func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
