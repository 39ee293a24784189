import Rules
import Signals

/// What random tables are about, and the inputs at the edges of their cells.
package enum RandomVocabulary {
  /// One signal at least of each type, source and way of comparing.
  package static let signals: [Signal] = {
    var registry = SignalRegistry()
    for (name, type) in customs { _ = registry.declare(name, type) }
    let names = [
      "akamaiUserRisk.score", "akamaiUserRisk.status", "akamaiUserRisk.standing",
      "akamaiUserRisk.risk.ugp.level", "akamaiUserRisk.risk.unp.number", "akamaiUserRisk.risk",
      "akamaiBot.botScore", "akamaiBot.type", "akamaiBot.botCategory", "request.ip",
      "request.path", "request.country", "session.mfaRequired", "stats.loginsCount",
      "authentication.methods",
    ]
    return (names + customs.map(\.0)).map { registry[$0]! }
  }()

  package static let customs: [(String, SignalType)] = [
    ("shop.total", .number), ("shop.tier", .string), ("shop.isGift", .boolean),
    ("shop.tags", .list), ("shop.peer", .address),
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

  package static func numbers(of signal: Signal) -> [String] {
    if let largest = signal.wholeMax {
      return ["0", "1", "2", "49", "50", "51", "89", "90", "91", "99", "100", "255"]
        .filter { Int($0)! <= largest }
    }
    return [
      "-1000000", "-1.5", "-1", "0", "0.1", "0.5", "1", "2", "3", "90", "90.25", "1000000000000",
    ]
  }

  package static func smallest(of signal: Signal) -> Double { signal.wholeMax == nil ? -.infinity : 0 }

  package static func largest(of signal: Signal) -> Double { signal.wholeMax.map(Double.init) ?? .infinity }

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
      let numbers = numbers(of: signal).map { Double($0)! }
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
