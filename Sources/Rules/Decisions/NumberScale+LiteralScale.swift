import DMN
import Signals
import Wire

extension NumberScale {
  /// `limits`: all of the scale's own where there are none.
  init(_ scale: LiteralScale, limits: ClosedRange<Double>? = nil) {
    guard scale != .number else {
      self = .plain
      return
    }
    self.init(
      name: scale.name, isWhole: scale.isWhole,
      limits: (limits ?? scale.limits).clamped(to: Self.plain.limits),
      cellText: { scale.feelText($0) ?? numberText($0) }, inputText: { scale.isoText($0) })
  }
}

extension NumberScale {
  /// Of a signal's numbers.
  init(_ scale: SignalScale) { self = Self.ofSignals[Int(scale.rawValue)] }

  /// Made once: each cell that is read, compared or written asks for one.
  private static let ofSignals = SignalScale.allCases.map { NumberScale(LiteralScale($0), limits: $0.limits) }
}

extension LiteralScale {
  /// That of FEEL's literals for a signal: its times have no zone, its dates and times have one.
  init(_ scale: SignalScale) {
    switch scale {
    case .plain: self = .number
    case .date: self = .date
    case .time: self = .time
    case .dateTime: self = .zonedDateTime
    case .seconds: self = .seconds
    case .months: self = .months
    }
  }
}

extension SignalScale {
  /// That of signals which a literal may stand for, whatever its zone.
  init(_ scale: LiteralScale) {
    switch scale {
    case .number: self = .plain
    case .date: self = .date
    case .time, .zonedTime: self = .time
    case .dateTime, .zonedDateTime: self = .dateTime
    case .seconds: self = .seconds
    case .months: self = .months
    }
  }
}

extension Signal {
  /// What its numbers mean, and how they are written.
  var numberScale: NumberScale { NumberScale(scale) }
}

extension SignalScale {
  /// FEEL's name of a type, also as older versions and editors spell it; `nil` for any that is not of dates,
  /// times or durations.
  init?(typeRef name: String) {
    guard
      let scale = Self.allCases.first(where: { $0 != .plain && LiteralScale($0).isNamed(name) })
    else { return nil }
    self = scale
  }

  /// A point that is easily read.
  private var example: Double {
    switch self {
    case .plain: 90
    case .date: 20_484
    case .time: 49_500e9
    case .dateTime: 20_484 * 86_400 + 49_500
    case .seconds: 93_600
    case .months: 14
    }
  }

  /// As a rule's cell says it.
  var literalExample: String { LiteralScale(self).feelText(example) ?? numberText(example) }

  /// As JSON, an example's cell and a request say it.
  var isoExample: String { LiteralScale(self).isoText(example) ?? numberText(example) }

  /// The point of a text, read as a request's is.
  func point(_ text: String) -> Double? {
    let bytes = Array(text.utf8)
    return point(bytes.span, ByteRange(offset: 0, count: bytes.count))
  }
}
