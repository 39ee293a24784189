import Wire

extension SignalScale {
  /// The point that a text in ISO form stands for, as XML Schema writes it: `2026-01-31`, `13:45:00`,
  /// `2026-01-31T13:45:00+02:00`, `P1DT2H`, `P1Y2M`. `nil` for any other text, for a time with a zone, for a
  /// date and time without an offset or in a zone by its name, and beyond `limits`. O(count).
  ///
  /// Of a fraction of a second, what is beyond microseconds is cut; beyond nanoseconds for a time.
  public func point(_ bytes: Span<UInt8>, _ range: ByteRange) -> Double? {
    var cursor = TemporalCursor(bytes, range)
    let read: Double? =
      switch self {
      case .plain: nil
      case .date: cursor.takeDay().map { Double($0) }
      case .time: cursor.takeTime().map { Double($0) }
      case .dateTime: cursor.takeMoment()
      case .seconds, .months: cursor.takeDuration(of: self)
      }
    guard let read, cursor.isAtEnd, limits.contains(read) else { return nil }
    return read
  }
}

/// Reads dates, times and durations from bytes. What it has stepped past where it gives `nil` is not said.
private struct TemporalCursor: ~Escapable {
  private let bytes: Span<UInt8>
  private var offset: Int
  private let end: Int

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, _ range: ByteRange) {
    self.bytes = bytes
    offset = range.start
    end = range.end
  }

  var isAtEnd: Bool { offset == end }

  /// The day since 1970-01-01 of `["-"] 4*9DIGIT "-" 2DIGIT "-" 2DIGIT`; years of five digits and more begin
  /// with no zero.
  mutating func takeDay() -> Int? {
    let isNegative = take("-")
    let start = offset
    guard let number = takeDigits(upTo: 9), offset - start >= 4,
      offset - start == 4 || bytes[start] != UInt8(ascii: "0"), take("-"), let month = takeTwoDigits(),
      take("-"), let day = takeTwoDigits()
    else { return nil }
    let year = isNegative ? -number : number
    guard let last = dayCount(year: year, month: month), (1...last).contains(day) else { return nil }
    return dayNumber(year: year, month: month, day: day)
  }

  /// The nanosecond of `2DIGIT ":" 2DIGIT ":" 2DIGIT ["." 1*18DIGIT]`.
  mutating func takeTime() -> Int? {
    guard let hour = takeTwoDigits(), hour < 24, take(":"), let minute = takeTwoDigits(), minute < 60,
      take(":"), let second = takeTwoDigits(), second < 60
    else { return nil }
    var nanosecond = 0
    if take(".") {
      let start = offset
      guard let fraction = takeFraction(), offset - start <= 18 else { return nil }
      nanosecond = fraction
    }
    return (hour * 3600 + minute * 60 + second) * 1_000_000_000 + nanosecond
  }

  /// The second since 1970 of a day, `T`, a time and an offset from UTC.
  mutating func takeMoment() -> Double? {
    guard let day = takeDay(), take("T"), let time = takeTime(), let zone = takeZone() else { return nil }
    return Self.point(seconds: day * 86_400 + time / 1_000_000_000 - zone, nanoseconds: time % 1_000_000_000)
  }

  /// The seconds of `"Z" / ("+" / "-") 2DIGIT ":" 2DIGIT [":" 2DIGIT]`, up to 14 hours.
  private mutating func takeZone() -> Int? {
    if take("Z") || take("z") { return 0 }
    let isNegative = take("-")
    guard isNegative || take("+"), let hours = takeTwoDigits(), take(":"), let minutes = takeTwoDigits(),
      minutes < 60
    else { return nil }
    var seconds = hours * 3600 + minutes * 60
    if take(":") {
      guard let rest = takeTwoDigits(), rest < 60 else { return nil }
      seconds += rest
    }
    guard seconds <= 14 * 3600 else { return nil }
    return isNegative ? -seconds : seconds
  }

  /// Seconds of days, hours, minutes and seconds, or months of years and months.
  mutating func takeDuration(of scale: SignalScale) -> Double? {
    let isNegative = take("-")
    guard take("P"), !isAtEnd else { return nil }
    var total = 0
    var nanoseconds = 0
    var order = 0
    while !isAtEnd {
      if order < 4, take("T") {
        // Hours and what is smaller stand behind a `T`, and something does.
        guard !isAtEnd else { return nil }
        order = 4
        continue
      }
      guard let number = takeDigits(upTo: 18) else { return nil }
      let hasFraction = take(".")
      if hasFraction {
        guard let fraction = takeFraction() else { return nil }
        nanoseconds = fraction
      }
      guard let unit = takeUnit(isTime: order >= 4), unit.order > order, unit.scale == scale,
        !hasFraction || unit.size == 1 && scale == .seconds, Double(number) <= scale.limits.upperBound
      else { return nil }
      total += number * unit.size
      order = unit.order
    }
    let point = scale == .months ? Double(total) : Self.point(seconds: total, nanoseconds: nanoseconds)
    return isNegative ? 0 - point : point  // Not `-point`: "-PT0S" is 0.
  }

  private mutating func takeUnit(isTime: Bool) -> (order: Int, scale: SignalScale, size: Int)? {
    if isTime {
      if take("H") { return (5, .seconds, 3600) }
      if take("M") { return (6, .seconds, 60) }
      return take("S") ? (7, .seconds, 1) : nil
    }
    if take("Y") { return (1, .months, 12) }
    if take("M") { return (2, .months, 1) }
    return take("D") ? (3, .seconds, 86_400) : nil
  }

  // MARK: Parts

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard offset < end, bytes[offset] == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  /// All digits that follow; `nil` where there are none, or more than `countMax`, which is 18 at most.
  private mutating func takeDigits(upTo countMax: Int) -> Int? {
    let start = offset
    var number = 0
    while offset < end, isDigit(bytes[offset]) {
      guard offset - start < countMax else { return nil }
      number = number * 10 + Int(bytes[offset] - UInt8(ascii: "0"))
      offset += 1
    }
    return offset == start ? nil : number
  }

  private mutating func takeTwoDigits() -> Int? {
    guard end - offset >= 2, isDigit(bytes[offset]), isDigit(bytes[offset + 1]) else { return nil }
    defer { offset += 2 }
    return Int(bytes[offset] - UInt8(ascii: "0")) * 10 + Int(bytes[offset + 1] - UInt8(ascii: "0"))
  }

  /// Nanoseconds of the digits behind a point, those behind the ninth cut off; `nil` where there are none.
  private mutating func takeFraction() -> Int? {
    let start = offset
    var nanoseconds = 0
    var unit = 100_000_000
    while offset < end, isDigit(bytes[offset]) {
      nanoseconds += unit * Int(bytes[offset] - UInt8(ascii: "0"))
      unit /= 10
      offset += 1
    }
    return offset == start ? nil : nanoseconds
  }

  /// Whole seconds and microseconds, never the next second: where binary64 has no room for these, it is
  /// the last point before it.
  private static func point(seconds: Int, nanoseconds: Int) -> Double {
    let point = Double(seconds) + Double(nanoseconds / 1000) / 1e6
    return min(point, Double(seconds + 1).nextDown)
  }
}
