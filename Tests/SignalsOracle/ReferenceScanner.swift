import Signals

/// The grammars of `signals.md`, written to be read: arrays are split, nothing is fast.
package struct ReferenceScanner {
  private let bot: ReferenceBot?
  private let userRisk: ReferenceUserRisk?
  private let value: [UInt8]

  /// A value that came in both headers.
  package init(_ value: [UInt8]) {
    self.value = value
    bot = ReferenceBot(value)
    userRisk = ReferenceUserRisk(value)
  }

  /// Whether one of the headers can be read.
  package var isUsable: Bool { bot != nil || userRisk != nil }

  /// The signal of that name, or an item's.
  package func reading(_ signal: Signal) -> Reading {
    switch signal.source {
    case .bot(let part): bot?.reading(part, text: value) ?? .invalid
    case .userRisk(let part): userRisk?.reading(part, text: value) ?? .invalid
    case .item(let list, let code, let part):
      userRisk?.item(list, Array(code.utf8), part) ?? .invalid
    case .field, .custom: .absent
    }
  }
}

/// `Akamai-User-Risk`; `nil` when the header as a whole is invalid.
package struct ReferenceUserRisk {
  package typealias Key = UserRiskHeader.Key

  /// Values by lower-case key.
  private var values: [[UInt8]: [UInt8]] = [:]

  package init?(_ bytes: [UInt8]) {
    guard bytes.count <= 8192, !bytes.contains(where: isControl), !isJoined(bytes) else { return nil }
    for pair in bytes.split(separator: UInt8(ascii: ";")) {
      guard let (key, value) = halves(Array(pair), at: "=") else { return nil }
      guard !key.isEmpty, key.allSatisfy({ isAlphanumeric($0) || $0 == 0x5F || $0 == 0x2D }) else {
        return nil
      }
      guard values[lowercased(key)] == nil else { return nil }
      values[lowercased(key)] = value
    }
    let ofRisk: [Key] = [.status, .score, .general, .risk, .trust, .allow, .action]
    guard !ofRisk.contains(where: { value($0)?.contains(UInt8(ascii: ",")) == true }) else { return nil }
    let itemCount = Key.lists.map { pieces($0).count }.reduce(0, +)
    guard values.count <= 64, itemCount <= 256 else { return nil }
  }

  /// Whether a second value follows a comma: what comes next, without spaces and tabs, is the name of
  /// a known key and "=".
  private func isJoined(_ bytes: [UInt8]) -> Bool {
    bytes.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).dropFirst()
      .contains { piece in
        let text = lowercased(piece.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") })
        return Key.allCases.contains { text.starts(with: Array("\($0.name.lowercased())=".utf8)) }
      }
  }

  package func reading(_ part: UserRiskHeader.Part, text: [UInt8]) -> Reading {
    switch part {
    case .header: return .string(text)
    case .standing: return standing
    case .reportedScore: return number(.score, max: 100)
    case .key(.status): return number(.status, max: 255)
    case .key(.allow): return number(.allow, max: 1)
    case .key(.score):
      if standing == .invalid || number(.score, max: 100) == .invalid { return .invalid }
      return standing == .enumeration("unusable") ? .absent : number(.score, max: 100)
    case .key(let key) where Key.lists.contains(key):
      guard value(key) != nil else { return .absent }
      return items(key).map { .list($0.map(\.code)) } ?? .invalid
    case .key(let key): return value(key).map { .string($0) } ?? .absent
    }
  }

  package func item(_ list: Key, _ code: [UInt8], _ part: UserRiskItem.Part) -> Reading {
    guard value(list) != nil else { return .absent }
    guard let items = items(list) else { return .invalid }
    let found = items.filter { lowercased($0.code) == lowercased(code) }
    guard let item = found.first else { return .absent }
    guard found.count == 1 else { return .invalid }
    let words = item.text.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let last = String(decoding: words.last!, as: UTF8.self).uppercased()
    let level = words.count > 1 && ["L", "M", "H"].contains(last) ? last : nil
    let value = level == nil ? item.text : Array(item.text.dropLast(2))
    switch part {
    case .text: return .string(item.text)
    case .value: return .string(value)
    case .level: return level.map { .enumeration($0) } ?? .absent
    case .number: return decimal(value)
    }
  }

  private var standing: Reading {
    switch number(.status, max: 255) {
    case .number(0): .enumeration("full")
    case .number(2), .number(3): .enumeration("noProfile")
    case .invalid: .invalid
    default: .enumeration("unusable")
    }
  }

  private func value(_ key: Key) -> [UInt8]? { values[Array(key.name.lowercased().utf8)] }

  private func number(_ key: Key, max: Int) -> Reading {
    guard let value = value(key) else { return .absent }
    let lengths = key == .allow ? 1...1 : 1...3
    guard lengths.contains(value.count), value.allSatisfy(isNumeral) else { return .invalid }
    let number = Int(String(decoding: value, as: UTF8.self))!
    if key == .score, value.count == 3, number != 100 { return .invalid }
    return number <= max ? .number(Double(number)) : .invalid
  }

  private func pieces(_ list: Key) -> [[UInt8]] {
    (value(list) ?? []).split(separator: UInt8(ascii: "|")).map(Array.init)
  }

  private func items(_ list: Key) -> [(code: [UInt8], text: [UInt8])]? {
    var items: [(code: [UInt8], text: [UInt8])] = []
    for piece in pieces(list) {
      guard let (code, text) = halves(piece, at: ":"), let first = code.first,
        isAlphanumeric(first), !isNumeral(first),
        code.allSatisfy({ isAlphanumeric($0) || $0 == UInt8(ascii: "_") })
      else { return nil }
      items.append((code, text))
    }
    return items
  }

  private func decimal(_ bytes: [UInt8]) -> Reading {
    var words = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    if words[0].first == UInt8(ascii: "-") { words[0] = words[0].dropFirst() }
    guard words.count <= 2, words.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isNumeral) }),
      words.map(\.count).reduce(0, +) <= 15
    else { return .invalid }
    return .number(Double(String(decoding: bytes, as: UTF8.self))!)
  }
}

/// `Akamai-Bot`; `nil` when the header as a whole is invalid.
package struct ReferenceBot {
  private var type: [UInt8]
  private var botnetID: [UInt8]
  private var action: [UInt8]
  private var categories: [UInt8]
  private var score: [UInt8]?
  private var segment: [UInt8]?
  private var hasLostScore = false

  package init?(_ bytes: [UInt8]) {
    guard bytes.count <= 8192, !bytes.contains(where: isControl),
      let (type, afterType) = halves(bytes, at: " ("),
      let (botnetID, afterBotnetID) = halves(afterType, at: "):"),
      let (action, rest) = halves(afterBotnetID, at: ":")
    else { return nil }
    (self.type, self.botnetID, self.action, categories) = (type, botnetID, action, rest)
    var fields = rest.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      .map(Array.init)
    if fields.count >= 3, isSegment(fields[fields.count - 1]), isScore(fields[fields.count - 2]) {
      let comma = UInt8(ascii: ",")
      let before = fields.dropLast(2)
      guard before.last!.last(where: { $0 != UInt8(ascii: " ") }) != comma else { return nil }
      if !before.dropFirst().contains(where: { $0.contains(comma) }) {
        segment = fields.removeLast()
        score = fields.removeLast()
        categories = Array(fields.joined(separator: [UInt8(ascii: ":")]))
      }
    }
    if let (_, behindComma) = halves(botnetID, at: ","), halves(behindComma, at: " (") != nil { return nil }
    hasLostScore = score == nil && categories.contains(UInt8(ascii: ":"))
    guard !type.isEmpty, type.allSatisfy({ $0 == 0x20 || isSegment([$0]) }), !botnetID.isEmpty,
      isSegment(action), !categories.isEmpty,
      halves(categories, at: "):") == nil, members.count <= 256
    else { return nil }
  }

  package func reading(_ part: BotHeader.Part, text: [UInt8]) -> Reading {
    switch part {
    case .header: return .string(text)
    case .type: return .string(type)
    case .botnetID: return .string(botnetID)
    case .action: return .string(action)
    case .categories: return .list(members)
    case .segment: return segment.map { .string($0) } ?? (hasLostScore ? .invalid : .absent)
    case .score:
      guard let score else { return hasLostScore ? .invalid : .absent }
      let number = Int(String(decoding: score, as: UTF8.self))!
      return score.count < 3 || number == 100 ? .number(Double(number)) : .invalid
    }
  }

  private var members: [[UInt8]] {
    categories.split(separator: UInt8(ascii: ",")).map { member in
      let start = member.drop { $0 == UInt8(ascii: " ") }
      return Array(start.reversed().drop { $0 == UInt8(ascii: " ") }.reversed())
    }.filter { !$0.isEmpty }
  }

  private func isSegment(_ field: [UInt8]) -> Bool {
    !field.isEmpty && field.allSatisfy { isAlphanumeric($0) || $0 == 0x5F || $0 == 0x2D }
  }

  private func isScore(_ field: [UInt8]) -> Bool {
    (1...3).contains(field.count) && field.allSatisfy(isNumeral)
  }
}

/// What stands before and after the first `separator`; `nil` when there is none.
private func halves(_ bytes: [UInt8], at separator: String) -> ([UInt8], [UInt8])? {
  let separator = Array(separator.utf8)
  guard bytes.count >= separator.count else { return nil }
  for index in 0...(bytes.count - separator.count)
  where bytes[index..<index + separator.count].elementsEqual(separator) {
    return (Array(bytes[..<index]), Array(bytes[(index + separator.count)...]))
  }
  return nil
}

private func lowercased(_ bytes: some Sequence<UInt8>) -> [UInt8] {
  bytes.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
}

private func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7F }
private func isNumeral(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

private func isAlphanumeric(_ byte: UInt8) -> Bool {
  (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
}
