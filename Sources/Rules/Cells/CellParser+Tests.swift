import Signals

extension CellParser {
  /// One test of the signal's type; `!= 42` makes two.
  mutating func takeTests() throws(CellError) -> [UnaryTest] {
    let start = offset
    if isAtEnd || peek == "," || peek == ")" {
      throw CellError("a test is missing here; write a value or remove the comma", at: offset)
    }
    if takeWord() == "not" {
      throw CellError(
        "`not` stands first in a cell, with every test in its parentheses: `not(...)`", at: start)
    }
    offset = start
    try refuseOtherIn()
    if let name = try takeList() { return [.list(NamedList(unread: name))] }
    switch signal.type {
    case .number: return try takeIntervals().map(UnaryTest.number)
    case .string, .list: return [.text(ExactText(try takeText()))]
    case .boolean: return [.boolean(try takeBoolean())]
    case .enumeration: return [.enumeration(try takeCase())]
    case .address: return [.addresses(try takeBlock())]
    }
  }

  // MARK: Lists

  static let listWord = "in"

  /// Steps past `in NAME`, if it is next.
  private mutating func takeList() throws(CellError) -> String? {
    let start = offset
    guard takeWord() == Self.listWord, peek?.isWhitespace == true else {
      offset = start
      return nil
    }
    skipSpaces()
    let nameStart = offset
    let name = take { !$0.isWhitespace && !",)".contains($0) }
    guard [.string, .list, .address].contains(signal.type) else {
      throw CellError(
        "a list holds texts or addresses, and `\(signal.name)` is of type \(signal.typeName)",
        at: start)
    }
    guard lists.contains(name) else {
      let bare = name.filter { $0 != "\"" }
      throw CellError(
        "no list `\(name)`"
          + hint(
            for: bare, among: lists,
            otherwise: "; name its file in the front matter: `\(bare): lists/\(bare).txt` under"
              + " `lists:`"), at: nameStart, isUnknownList: true)
    }
    return name
  }

  // MARK: Text

  private mutating func takeText() throws(CellError) -> String {
    _ = takeEquals()
    guard peek == "\"" else {
      try refuseComparison()
      throw noText()
    }
    let text = try takeLiteral()
    return signal.foldsCase && !keepsCase ? foldedASCII(text) : text
  }

  /// Steps past a DMN string literal.
  mutating func takeLiteral() throws(CellError) -> String {
    let start = offset
    offset += 1
    var text = ""
    while let character = peek {
      offset += 1
      if character == "\"" { return text }
      if character == "\\" {
        text.unicodeScalars.append(try takeEscape())
      } else {
        text.append(character)
      }
    }
    throw noEnd(ofTextAt: start)
  }

  /// What stands behind a backslash.
  private mutating func takeEscape() throws(CellError) -> Unicode.Scalar {
    let start = offset - 1
    guard let character = peek else {
      throw CellError("nothing after `\\`; write `\\\\` for a backslash", at: start)
    }
    offset += 1
    switch character {
    case "\"", "\\", "'", "/": return character.unicodeScalars.first!
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "u", "U":
      let digits = String(characters[offset...].prefix(character == "u" ? 4 : 6))
      guard digits.count == (character == "u" ? 4 : 6), digits.allSatisfy(\.isHexDigit),
        let scalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init)
      else {
        throw CellError(
          "`\\\(character)\(digits)` is no character; write `\\u` and 4 hexadecimal"
            + " digits or `\\U` and 6",
          at: start)
      }
      offset += digits.count
      return scalar
    default:
      throw CellError(
        "`\\\(character)` is no escape of DMN; write `\\\\` for a backslash", at: start)
    }
  }

  // MARK: Booleans and enumerations

  private mutating func takeBoolean() throws(CellError) -> Bool {
    _ = takeEquals()
    try refuseComparison()
    let start = offset
    let word = take { $0 != "," && $0 != ")" && !$0.isWhitespace }
    switch word {
    // Spreadsheets write capitals.
    case "true", "TRUE": return true
    case "false", "FALSE": return false
    default:
      throw CellError(
        "`\(signal.name)` is true or false; `\(word)` is neither"
          + valueHint(for: word, among: ["true", "false"]), at: start)
    }
  }

  private mutating func takeCase() throws(CellError) -> Int {
    _ = takeEquals()
    try refuseComparison()
    let start = offset
    let word =
      peek == "\"" ? try takeLiteral() : take { $0 != "," && $0 != ")" }.trimmingSpaces
    if let index = signal.index(ofCase: word) { return index }
    throw noCase(word, at: start)
  }

  // MARK: Addresses

  private mutating func takeBlock() throws(CellError) -> ClosedRange<UInt128> {
    _ = takeEquals()
    try refuseComparison()
    let start = offset
    let text =
      peek == "\"" ? try takeLiteral() : take { $0 != "," && $0 != ")" && !$0.isWhitespace }
    do throws(CellError) {
      return try addressBlock(text)
    } catch {
      throw CellError(error.message, at: start + error.offset)
    }
  }

  // MARK: Common

  /// Steps past `=`, which a single value may have before it.
  private mutating func takeEquals() -> Bool {
    guard peek == "=" else { return false }
    offset += 1
    skipSpaces()
    return true
  }

  /// `<`, `!=` and their like are for numbers.
  private func refuseComparison() throws(CellError) {
    if peek == "!" {
      throw CellError("`!=` compares numbers; write `not(...)` around the value", at: offset)
    }
    if let sign = peek, "<>[](".contains(sign) {
      throw CellError(
        "`\(sign)` compares numbers, and `\(signal.name)` is of type \(signal.type.name);"
          + " list the values", at: offset)
    }
  }
}

extension Signal {
  /// The case of that name.
  func index(ofCase name: String) -> Int? {
    cases.firstIndex {
      foldsCase ? foldedASCII($0) == foldedASCII(name) : $0 == name
    }
  }
}

extension String {
  var trimmingSpaces: String { String(self[...].trimmed) }
}
