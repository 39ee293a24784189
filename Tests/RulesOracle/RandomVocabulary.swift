import Rules
import Signals

/// What random tables are about, and the inputs at the edges of their cells.
package enum RandomVocabulary {
  /// One signal at least of each type, source and way of comparing.
  package static let signals: [Signal] = {
    var registry = SignalRegistry()
    for signal in customs { _ = registry.declare(signal.name, signal.type, signal.scale) }
    let names = [
      "akamaiUserRisk.score", "akamaiUserRisk.status", "akamaiUserRisk.standing",
      "akamaiUserRisk.risk.ugp.level", "akamaiUserRisk.risk.unp.number", "akamaiUserRisk.risk",
      "akamaiBot.botScore", "akamaiBot.type", "akamaiBot.botCategory", "request.ip",
      "request.path", "request.country", "session.mfaRequired", "stats.loginsCount",
      "authentication.methods",
    ]
    return (names + customs.map(\.name)).map { registry[$0]! }
  }()

  package static let customs: [Signal] = [
    .custom("shop.total", .number), .custom("shop.tier", .string), .custom("shop.isGift", .boolean),
    .custom("shop.tags", .list), .custom("shop.peer", .address), .custom("shop.since", .number, .date),
    .custom("shop.opens", .number, .time), .custom("shop.seen", .number, .dateTime),
    .custom("shop.idle", .number, .seconds), .custom("shop.member", .number, .months),
  ]

  /// Case variants, an empty text, quotes and pipes to escape, canonical equivalents, and words that
  /// have a meaning of their own outside of quotes.
  package static let texts = [
    "a", "A", "mfa", "MFA", "Web Search Engine Bots", "", "absent", "-", "say \"x\"", "a|b",
    "back\\slash", "Z", "[", "@", "{", "`", "\u{E9}", "e\u{301}", "0123456789abcdef", "01234567",
    "not(\"a\")", "a, b",
  ]

  package static func literal(_ text: String) -> String {
    let escaped = text.map { character in
      switch character {
      case "\"": "\\\""
      case "\\": "\\\\"
      default: String(character)
      }
    }
    return "\"\(escaped.joined())\""
  }

  /// As a cell says them, and what they are.
  package static func numbers(of signal: Signal) -> [(text: String, number: Double)] {
    if signal.scale != .plain { return points(of: signal.scale) }
    return decimals(of: signal).map { ($0, Double($0)!) }
  }

  /// Literals of dates, times and durations in each of their spellings.
  private static func points(of scale: SignalScale) -> [(text: String, number: Double)] {
    switch scale {
    case .plain: []
    case .date:
      [
        ("date(\"1969-12-31\")", -1), ("@\"1970-01-01\"", 0), ("date( \"2024-02-29\" )", 19_782),
        ("date(\"2026-01-31\")", 20_484), ("@\"2026-03-01\"", 20_513),
      ]
    case .time:
      [
        ("time(\"00:00:00\")", 0), ("@\"00:00:00.000000001\"", 1), ("time(\"08:30:00\")", 30_600e9),
        ("@\"13:45:00.5\"", 49_500.5e9), ("time(\"23:59:59.999999999\")", 86_399_999_999_999),
      ]
    case .dateTime:
      [
        ("@\"1969-12-31T23:59:59Z\"", -1), ("date and time(\"1970-01-01T00:00:00Z\")", 0),
        ("date  and time (\"2026-01-31T13:45:00+02:00\")", 1_769_859_900),
        ("@\"2026-01-31T11:45:01Z\"", 1_769_859_901), ("@\"2026-01-31T00:00:00-14:00\"", 1_769_868_000),
      ]
    case .seconds:
      [
        ("duration(\"-PT1S\")", -1), ("@\"PT0S\"", 0), ("duration(\"PT1M30S\")", 90),
        ("duration(\"P1DT2H\")", 93_600), ("@\"P30D\"", 2_592_000),
      ]
    case .months:
      [
        ("duration(\"-P1M\")", -1), ("@\"P0M\"", 0), ("duration(\"P1Y2M\")", 14), ("@\"P2Y\"", 24),
        ("duration(\"P100Y\")", 1200),
      ]
    }
  }

  private static func decimals(of signal: Signal) -> [String] {
    if let largest = signal.wholeMax {
      return ["0", "1", "2", "49", "50", "51", "89", "90", "91", "99", "100", "255"]
        .filter { Int($0)! <= largest }
    }
    return [
      "-1000000", "-1.5", "-1", "0", "0.1", "0.5", "1", "2", "3", "90", "90.25", "1000000000000",
    ]
  }

  package static func smallest(of signal: Signal) -> Double {
    signal.wholeMax == nil ? signal.scale.limits.lowerBound : 0
  }

  package static func largest(of signal: Signal) -> Double {
    signal.wholeMax.map(Double.init) ?? signal.scale.limits.upperBound
  }

  package static let blocks: [(String, ClosedRange<UInt128>)] = [
    ("10.0.0.0/8", mapped(10, 0, 0, 0)...mapped(10, 255, 255, 255)),
    ("10.1.0.0/16", mapped(10, 1, 0, 0)...mapped(10, 1, 255, 255)),
    ("10.1.2.3", mapped(10, 1, 2, 3)...mapped(10, 1, 2, 3)),
    ("\"10.1.2.4/31\"", mapped(10, 1, 2, 4)...mapped(10, 1, 2, 5)),
    ("0.0.0.0/0", mapped(0, 0, 0, 0)...mapped(255, 255, 255, 255)),
    ("255.255.255.255", mapped(255, 255, 255, 255)...mapped(255, 255, 255, 255)),
    ("::/0", 0...(.max)),
    ("::", 0...0),
    ("2001:db8::/32", (0x2001_0DB8 << 96)...((0x2001_0DB9 << 96) - 1)),
    ("2001:db8::1", ((0x2001_0DB8 << 96) + 1)...((0x2001_0DB8 << 96) + 1)),
    ("fe00::/7", (0xFE << 120)...(.max)),
    ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", .max...(.max)),
  ]

  package static func mapped(_ a: UInt128, _ b: UInt128, _ c: UInt128, _ d: UInt128) -> UInt128 {
    0xFFFF << 32 | a << 24 | b << 16 | c << 8 | d
  }

  /// Every state, every boundary, one below and one above, members and others, and case variants.
  package static func inputs(of signal: Signal) -> [PlainSignal] {
    let states: [PlainSignal] = [.absent, .invalid, .unverified]
    switch signal.type {
    case .number:
      let numbers = numbers(of: signal).map(\.number)
      if signal.scale != .plain {
        let isWhole = signal.scale != .dateTime && signal.scale != .seconds
        let near = numbers.flatMap { isWhole ? [$0 - 1, $0, $0 + 1] : [$0 - 1, $0 - 0.5, $0, $0 + 1e-3] }
        return states + near.filter(signal.scale.limits.contains).map(PlainSignal.number)
      }
      if let largest = signal.wholeMax {
        let near = numbers.flatMap { [$0 - 1, $0, $0 + 1] }
        return states + near.filter { (0...Double(largest)).contains($0) }.map(PlainSignal.number)
      }
      let near = numbers.flatMap { [$0 - 1, $0.nextDown, $0, $0.nextUp, $0 + 1] }
      let far = [-Double.greatestFiniteMagnitude, .greatestFiniteMagnitude, -0.0]
      return states + (near + far).map(PlainSignal.number)
    case .string: return states + inputTexts.map(PlainSignal.text)
    case .boolean: return states + [.boolean(true), .boolean(false)]
    case .enumeration: return states + signal.cases.indices.map(PlainSignal.enumeration)
    case .address:
      let near = blocks.flatMap { block in
        let (first, last) = (block.1.lowerBound, block.1.upperBound)
        return [first &- 1, first, last, last &+ 1]
      }
      return states + near.map(PlainSignal.address)
    case .list:
      return states + [.list([])] + inputTexts.map { .list([$0]) }
        + zip(inputTexts, inputTexts.dropFirst(3)).map { .list([$0, $1]) }
        + [.list(["none", "a", "Z", "z"]), .list(inputTexts)]
    }
  }

  private static let inputTexts =
    texts + texts.map { $0.uppercased() } + ["z", "other", "01234567 ", "ab", "\u{C9}"]
}
