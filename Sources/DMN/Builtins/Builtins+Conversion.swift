/// Conversions between kinds of values, and what needs no kind.
extension Builtins {
  static let conversions: [String: FeelFunction] = [
    "not": function("negand") { arguments, _ in
      if case .boolean(let value) = arguments[0].single { .boolean(!value) } else { .null }
    },
    "is": function("value1, value2") { arguments, _ in
      .boolean(isSame(arguments[0], arguments[1]))
    },
    "string": function("from") { arguments, _ in
      arguments[0].isNull ? .null : .string(arguments[0].text)
    },
    "number": function("from", "from, grouping separator, decimal separator") { arguments, _ in
      number(arguments)
    },
    "date": function("from", "year, month, day") { arguments, _ in date(arguments) },
    "time": function("from", "hour, minute, second", "hour, minute, second, offset") {
      arguments, _ in time(arguments)
    },
    "date and time": function("from", "date, time", "date, timezone") { arguments, _ in
      dateTime(arguments)
    },
    "duration": function("from") { arguments, _ in
      guard let text = arguments[0].singleString else { return .null }
      var scanner = TemporalScanner(text)
      guard let duration = scanner.duration(), scanner.isAtEnd else { return .null }
      return duration
    },
    "years and months duration": function("from, to") { arguments, _ in
      guard let from = arguments[0].single.day, let to = arguments[1].single.day else {
        return .null
      }
      return .monthsDuration(wholeMonths(from, to))
    },
    "range": function("from") { arguments, interpreter in
      guard let text = arguments[0].singleString,
        let expression = try? FeelParser.range(text), case .range(let low, _, let high, _) = expression,
        [low, high].allSatisfy({ $0?.isLiteral ?? true })
      else { return .null }
      let value = interpreter.evaluate(expression, Scope())
      return isRising(value) ? value : .null
    },
  ]

  /// Whether a value is a range of ends that have an order, the lower one first.
  private static func isRising(_ value: FeelValue) -> Bool {
    guard case .range(let range) = value, ![range.low, range.high].contains(where: { $0?.isNull ?? false })
    else { return false }
    guard let low = range.low, let high = range.high else { return true }
    return low.order(against: high).map { $0 <= 0 } ?? false
  }

  /// Whether two values are the same in kind and in everything they say, zones included.
  private static func isSame(_ left: FeelValue, _ right: FeelValue) -> Bool {
    switch (left, right) {
    case (.time(let left), .time(let right)): left == right
    case (.dateTime(let left), .dateTime(let right)): left == right
    default: left.equals(right) == true
    }
  }

  private static func number(_ arguments: [FeelValue]) -> FeelValue {
    guard arguments.count == 3 else {
      if let number = arguments[0].singleNumber { return .number(number) }
      return FeelValue(arguments[0].singleString.flatMap { FeelNumber($0) })
    }
    guard var text = arguments[0].singleString else { return .null }
    let (grouping, decimal) = (arguments[1].single, arguments[2].single)
    if let sign = grouping.string {
      guard [" ", ".", ","].contains(sign) else { return .null }
      text = text.replacing(sign, with: "")
    } else if !grouping.isNull {
      return .null
    }
    if let sign = decimal.string {
      guard [".", ","].contains(sign), sign != grouping.string else { return .null }
      text = text.replacing(sign, with: ".")
    } else if !decimal.isNull {
      return .null
    }
    return FeelValue(FeelNumber(text))
  }

  private static func date(_ arguments: [FeelValue]) -> FeelValue {
    if arguments.count == 3 {
      guard let year = arguments[0].singleInt, let month = arguments[1].singleInt,
        let day = arguments[2].singleInt
      else { return .null }
      return FeelDate(year: year, month: month, day: day).map { .date($0) } ?? .null
    }
    switch arguments[0].single {
    case .string(let text): return FeelDate(text).map { .date($0) } ?? .null
    case .date(let date): return .date(date)
    case .dateTime(let moment): return .date(moment.date)
    default: return .null
    }
  }

  private static func time(_ arguments: [FeelValue]) -> FeelValue {
    if arguments.count == 1 {
      switch arguments[0].single {
      case .string(let text):
        let clock = text.hasPrefix("T") ? text.dropFirst() : Substring(text)
        return FeelTime(clock).map { .time($0) } ?? .null
      case .time(let time): return .time(time)
      case .dateTime(let moment): return .time(moment.time)
      case .date: return .time(FeelTime(nanosecond: 0, zone: .offset(0)))
      default: return .null
      }
    }
    guard let hour = arguments[0].singleInt, let minute = arguments[1].singleInt,
      let exact = arguments[2].singleNumber, !exact.isNegative || exact.isZero,
      let second = exact.rounded(to: 0, .down)?.int,
      let fraction = exact.subtracting(FeelNumber(second))?.multiplied(
        by: FeelNumber(1_000_000_000))?
        .rounded(to: 0, .down)?.int
    else { return .null }
    var zone: FeelZone?
    if arguments.count == 4, !arguments[3].isNull {
      guard case .daysDuration(let offset) = arguments[3].single,
        offset.magnitude <= 14 * 3_600_000_000_000
      else { return .null }
      zone = .offset(Int(offset / 1_000_000_000))
    }
    return FeelTime(hour: hour, minute: minute, second: second, nanosecond: fraction, zone: zone)
      .map { .time($0) } ?? .null
  }

  private static func dateTime(_ arguments: [FeelValue]) -> FeelValue {
    if arguments.count == 2 {
      guard let date = arguments[0].single.day else { return .null }
      switch arguments[1].single {
      case .time(let time): return .dateTime(FeelDateTime(date: date, time: time))
      case .string(let zone):
        guard case .dateTime(var moment) = arguments[0].single,
          let time = FeelTime("00:00:00@\(zone)"),
          let target = FeelDateTime(date: date, time: time).offset, moment.offset != nil
        else { return .null }
        moment =
          FeelDateTime(
            localNanosecond: moment.instant + Int128(target) * 1_000_000_000, zone: time.zone)
          ?? moment
        return .dateTime(moment)
      default: return .null
      }
    }
    switch arguments[0].single {
    case .string(let text): return FeelDateTime(text).map { .dateTime($0) } ?? .null
    case .dateTime(let moment): return .dateTime(moment)
    case .date(let date):
      return .dateTime(FeelDateTime(date: date, time: FeelTime(nanosecond: 0, zone: .offset(0))))
    default: return .null
    }
  }

  /// Months from one day to another, those that are not whole left out.
  private static func wholeMonths(_ from: FeelDate, _ to: FeelDate) -> Int {
    var months = (to.year - from.year) * 12 + to.month - from.month
    if months > 0, to.day < from.day { months -= 1 }
    if months < 0, to.day > from.day { months += 1 }
    return months
  }
}

extension FeelExpression {
  /// Whether it stands for the same value everywhere: a literal, or a call of one as in `date("...")`.
  fileprivate var isLiteral: Bool {
    switch self {
    case .value: true
    case .negate(let value): value.isLiteral
    case .call(.name(let name), let arguments, _):
      ["date", "time", "date and time", "duration"].contains(name)
        && arguments.allSatisfy(\.isLiteral)
    default: false
    }
  }
}

extension FeelValue {
  /// The day of a date or of a date and time.
  var day: FeelDate? {
    switch self {
    case .date(let date): date
    case .dateTime(let moment): moment.date
    default: nil
    }
  }

  /// As `string(...)` writes it; inside lists and contexts, texts have quotes.
  var text: String {
    switch self {
    case .null: "null"
    case .string(let text): text
    case .number(let number): number.description
    case .boolean(let value): value ? "true" : "false"
    case .date(let date): date.description
    case .time(let time): time.description
    case .dateTime(let moment): moment.description
    case .daysDuration(let nanoseconds): durationText(nanoseconds: nanoseconds)
    case .monthsDuration(let months): durationText(months: months)
    case .list(let elements): "[\(elements.map(\.quotedText).joined(separator: ", "))]"
    case .context(let context):
      "{\(context.entries.map { "\($0.key): \($0.value.quotedText)" }.joined(separator: ", "))}"
    case .range(let range):
      (range.isLowClosed ? "[" : "(") + (range.low?.quotedText ?? "") + ".."
        + (range.high?.quotedText ?? "") + (range.isHighClosed ? "]" : ")")
    case .function: "function"
    }
  }

  private var quotedText: String {
    if case .string(let text) = self {
      return "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
    return text
  }
}
