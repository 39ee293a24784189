import Signals

extension CellParser {
  /// What an example's cell says of a signal: a state's name, or one value. Texts need no quotes.
  static func value(_ text: String, of signal: Signal) throws(CellError) -> PlainSignal {
    if let state = SignalState.allCases.first(where: { $0.name == text }),
      let plain = PlainSignal(state)
    {
      return plain
    }
    switch signal.type {
    case .string: return .text(text.hasPrefix("\"") ? try literal(text) : text)
    case .list: return .list(try pieces(text).map(\.text))
    case .number where signal.scale != .plain:
      try refuseTest(text, of: signal)
      return try point(text, of: signal)
    case .number, .boolean, .enumeration, .address: return try single(text, of: signal)
    }
  }

  /// The text of a DMN string literal that is the whole of `text`.
  static func literal(_ text: String) throws(CellError) -> String {
    var parser = CellParser(
      signal: .custom("literal", .string), characters: Array(text))
    let literal = try parser.takeLiteral()
    guard parser.isAtEnd else {
      throw CellError(
        "`\(parser.rest)` behind the end of the text; write `\\\"` for a quote inside it",
        at: parser.offset)
    }
    return literal
  }

  /// The text of a DMN string literal that `text` begins with, and what stands behind it without the
  /// spaces before.
  static func leadingLiteral(_ text: String) throws(CellError) -> (text: String, rest: String) {
    var parser = CellParser(signal: .custom("literal", .string), characters: Array(text))
    let literal = try parser.takeLiteral()
    parser.skipSpaces()
    return (literal, parser.rest)
  }

  /// Texts between commas, each quoted or bare, and at which offsets they begin.
  static func pieces(
    _ text: String
  ) throws(CellError) -> [(offset: Int, text: String)] {
    var parser = CellParser(signal: .custom("literal", .string), characters: Array(text))
    var pieces: [(offset: Int, text: String)] = []
    while true {
      parser.skipSpaces()
      let start = parser.offset
      if parser.peek == "\"" {
        pieces.append((start, try parser.takeLiteral()))
        parser.skipSpaces()
      } else {
        pieces.append((start, parser.take { $0 != "," }.trimmingSpaces))
      }
      if parser.isAtEnd { return pieces }
      guard parser.take(",") else {
        throw CellError(
          "`\(parser.rest)` behind the end of a text; separate texts by commas", at: parser.offset)
      }
    }
  }

  /// Texts between commas, each quoted or bare.
  static func texts(_ source: SourceText) throws(CellError) -> [SourceText] {
    try pieces(source.text).map { SourceText($0.text, at: source.location(at: $0.offset)) }
  }

  private static func refuseTest(_ text: String, of signal: Signal) throws(CellError) {
    if let first = text.first, "<>=![]()".contains(first) {
      throw CellError(
        "an example gives one value of `\(signal.name)`; `\(text)` is a test", at: 0)
    }
  }

  /// A test that just one value passes, as that value.
  private static func single(_ text: String, of signal: Signal) throws(CellError) -> PlainSignal {
    try refuseTest(text, of: signal)
    let cell = try parse(text, for: signal)
    let notOne = CellError(
      "an example gives one value of `\(signal.name)`; `\(text)` is not one", at: 0)
    guard cell.states.isEmpty, case .anyOf(let tests) = cell.values, tests.count == 1 else {
      throw notOne
    }
    switch tests[0] {
    case .number(let interval): return .number(interval.lower)
    case .boolean(let boolean): return .boolean(boolean)
    case .enumeration(let index): return .enumeration(index)
    case .addresses(let block):
      guard block.lowerBound == block.upperBound else { throw notOne }
      return .address(block.lowerBound)
    case .text, .list: throw notOne
    }
  }
}
