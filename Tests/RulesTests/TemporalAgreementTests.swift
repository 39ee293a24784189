import RulesOracle
import Signals
import Testing

@testable import DMN
@testable import Rules

/// What a server reads of dates, times and durations is what FEEL says of them.
@Suite struct TemporalAgreementTests {
  @Test(arguments: SignalScale.allCases.filter { $0 != .plain }, 0..<4)
  func `texts are read as DMN reads them`(scale: SignalScale, part: Int) {
    let seed = 0x7E3_0000 + UInt64(part) * 16 + UInt64(scale.rawValue)
    var random = SeededGenerator(seed: seed)
    var acceptedCount = 0
    for _ in 0..<10_000 {
      var text = Self.text(scale, using: &random)
      if random.chance(60) { Self.mutate(&text, using: &random) }
      let (read, expected) = (scale.point(text), scale.pointByDMN(text))
      if read != expected || read == 0 && read?.sign == .minus {
        Issue.record("seed \(seed): `\(text)` is \(read as Any), not \(expected as Any)")
      }
      acceptedCount += read == nil ? 0 : 1
    }
    #expect(acceptedCount > 1000, "seed \(seed)")
  }

  @Test(arguments: SignalScale.allCases.filter { $0 != .plain })
  func `a point's text is read as the same point`(scale: SignalScale) {
    var random = SeededGenerator(seed: 0x1505 + UInt64(scale.rawValue))
    for _ in 0..<20_000 {
      guard let point = scale.point(Self.text(scale, using: &random)) else { continue }
      let text = LiteralScale(scale).isoText(point)
      #expect(text.flatMap(scale.point) == point, "\(text ?? "nothing")")
    }
    for limit in [scale.limits.lowerBound, scale.limits.upperBound] {
      #expect(LiteralScale(scale).isoText(limit).flatMap(scale.point) == limit)
    }
  }

  // MARK: Texts

  private static func digits(_ count: Int, using random: inout SeededGenerator) -> String {
    (0..<count).map { _ in "\(random.below(10))" }.joined()
  }

  private static func two(below end: Int, using random: inout SeededGenerator) -> String {
    let number = random.below(end)
    return number < 10 ? "0\(number)" : "\(number)"
  }

  private static func date(using random: inout SeededGenerator) -> String {
    let year =
      switch random.below(5) {
      case 0: digits(1 + random.below(10), using: &random)
      case 1: "-" + digits(4, using: &random)
      case 2: "1\(digits(4 + random.below(6), using: &random))"
      default: "\(1960 + random.below(100))"
      }
    return "\(year)-\(two(below: 14, using: &random))-\(two(below: 32, using: &random))"
  }

  private static func fraction(using random: inout SeededGenerator) -> String {
    guard random.chance(40) else { return "" }
    let digits = random.chance(30) ? "999999999" : digits(1 + random.below(20), using: &random)
    return "." + digits.prefix(1 + random.below(digits.count))
  }

  private static func time(using random: inout SeededGenerator) -> String {
    let parts = [25, 61, 61].map { two(below: $0, using: &random) }
    return parts.joined(separator: ":") + fraction(using: &random)
  }

  private static func zone(using random: inout SeededGenerator) -> String {
    switch random.below(8) {
    case 0: return ""
    case 1: return random.pick(["@Europe/Paris", "@UTC", "@nowhere", "z"])
    case 2, 3, 4: return "Z"
    default:
      let seconds = random.chance(20) ? ":" + two(below: 61, using: &random) : ""
      return random.pick(["+", "-"]) + two(below: 15, using: &random) + ":" + two(below: 61, using: &random)
        + seconds
    }
  }

  private static func duration(_ units: String, using random: inout SeededGenerator) -> String {
    units.filter { _ in random.chance(60) }.map { unit in
      let long = random.chance(10)
      let number = long ? digits(1 + random.below(20), using: &random) : "\(random.below(100))"
      return number + (unit == "S" ? fraction(using: &random) : "") + String(unit)
    }.joined()
  }

  private static func text(_ scale: SignalScale, using random: inout SeededGenerator) -> String {
    let sign = random.chance(30) ? "-" : ""
    switch scale {
    case .plain: return ""
    case .date: return date(using: &random)
    case .time: return time(using: &random)
    case .dateTime: return date(using: &random) + "T" + time(using: &random) + zone(using: &random)
    case .seconds:
      let time = duration("HMS", using: &random)
      return sign + "P" + duration("D", using: &random) + (time.isEmpty ? "" : "T" + time)
    case .months: return sign + "P" + duration("YM", using: &random)
    }
  }

  private static let pieces = "0123456789-+:.TZzPYMDHSW@/ ,\u{E9}\u{301}\u{661}\r\n".map(String.init)

  private static func mutate(_ text: inout String, using random: inout SeededGenerator) {
    var scalars = Array(text.unicodeScalars)
    for _ in 0...random.below(2) {
      let place = random.below(scalars.count + 1)
      let new = Array(random.pick(pieces).unicodeScalars)
      switch random.below(3) {
      case 0: scalars.insert(contentsOf: new, at: place)
      case 1 where place < scalars.count: scalars.remove(at: place)
      case 2 where place < scalars.count: scalars.replaceSubrange(place...place, with: new)
      default: break
      }
    }
    text = String(String.UnicodeScalarView(scalars))
  }
}
