import DMN
import Signals

extension CellParser {
  /// The point of a date, a time or a duration as FEEL writes it: `date("2026-01-31")` or `@"2026-01-31"`.
  mutating func takePoint() throws(CellError) -> Double {
    let start = offset
    guard let (function, text) = try takeTemporal() else {
      let word = peek == "\"" ? quoted(try takeLiteral()) : takePiece()
      if word.isEmpty { throw missingValue(at: start) }
      throw CellError("`\(word)` is no \(signal.typeName)\(advice)\(stateHint(for: word))", at: start)
    }
    let written = String(characters[start..<offset])
    guard let literal = TemporalLiteral(function: function, text: text) else {
      throw CellError(
        "`\(written)` is no \(signal.typeName)\(Self.functionHint(for: function) ?? advice)", at: start)
    }
    guard let point = literal.point else {
      throw CellError(
        "`\(written)` is \(literal.inexactness ?? "beyond what is told apart")\(advice)", at: start)
    }
    switch (LiteralScale(signal.scale), point.scale) {
    case (let wanted, let found) where wanted == found:
      guard !hasMoreThanNanoseconds(text) else {
        let cure = signal.scale == .time ? "; leave nine digits of the fraction" : advice
        throw CellError("`\(written)` is finer than nanoseconds\(cure)", at: start)
      }
      return point.value
    case (.zonedDateTime, .dateTime):
      let utc = LiteralScale.zonedDateTime.feelText(point.value) ?? signal.scale.literalExample
      throw CellError(
        "`\(written)` has no zone, so it is another moment in each; write `\(utc)`, or an offset for the `Z`",
        at: start)
    case (.time, .zonedTime):
      let clock = text.prefix { $0.isNumber || $0 == ":" || $0 == "." }
      throw CellError(
        "`\(written)` has a zone, and values of `\(signal.name)` have none; write `time(\"\(clock)\")`",
        at: start)
    case (_, let found):
      throw CellError(
        "`\(written)` is a \(found.name), and `\(signal.name)` is of type \(signal.typeName)\(advice)",
        at: start)
    }
  }

  /// How a value of the signal is written.
  private var advice: String { "; write one like `\(signal.scale.literalExample)`" }

  /// Nothing stands where a value should.
  func missingValue(at start: Int) -> CellError {
    CellError("a \(signal.typeName) is missing here\(advice)", at: start)
  }

  /// The state that a word may be meant for.
  func stateHint(for word: String, otherwise: String = "") -> String {
    meantState(word).map { "; did you mean `\($0)`?" } ?? otherwise
  }

  /// The function that the name of none is meant for.
  private static func functionHint(for name: String) -> String? {
    let known = SignalScale.allCases.dropFirst().map { LiteralScale($0).function }
    if name == "@" || known.contains(name) { return nil }
    let meant =
      SignalScale(typeRef: name).map { LiteralScale($0).function } ?? suggestion(for: name, among: known)
    return meant.map { "; did you mean `\($0)`?" }
  }

  /// Steps past what stands in place of a value: to a comma or the end of an interval or of `not(...)`, with
  /// parentheses and texts of its own.
  mutating func takePiece() -> String {
    let start = offset
    var depth = 0
    var isText = false
    while let character = peek {
      if depth == 0, !isText, ",)][".contains(character) || characters[offset...].starts(with: "..") { break }
      switch character {
      case "\"": isText.toggle()
      case "(" where !isText: depth += 1
      case ")" where !isText: depth -= 1
      default: break
      }
      offset += 1
    }
    return String(characters[start..<offset]).trimmingSpaces
  }

  /// Steps past a function's name and the text it is called with, or `@` and a text, if that is next.
  mutating func takeTemporal() throws(CellError) -> (function: String, text: String)? {
    let start = offset
    let isCall = !take("@")
    var function = "@"
    if isCall {
      function = take { $0.isLetter || $0 == " " }.split(separator: " ").joined(separator: " ")
      guard take("(") else {
        offset = start
        return nil
      }
      skipSpaces()
    }
    guard peek == "\"" else {
      offset = start
      return nil
    }
    let text = try takeLiteral()
    guard isCall else { return (function, text) }
    skipSpaces()
    guard take(")") else { throw CellError("`)` is missing behind the text", at: offset) }
    return (function, text)
  }

  /// The value of an example's cell: a text in ISO form, or a literal of it.
  static func point(_ text: String, of signal: Signal) throws(CellError) -> PlainSignal {
    var parser = CellParser(signal: signal, characters: Array(text))
    var iso = text
    if text.hasPrefix("\"") {
      iso = try literal(text)
    } else if let found = try parser.takeTemporal(), parser.isAtEnd,
      ["@", LiteralScale(signal.scale).function].contains(found.function)
    {
      iso = found.text
    }
    guard let point = signal.scale.point(iso) else {
      throw CellError(
        "`\(text)` is no \(signal.typeName); write one like `\(signal.scale.isoExample)`"
          + parser.stateHint(for: text), at: 0)
    }
    return .number(point)
  }
}

/// Whether FEEL cuts digits off a text's fraction that are not zero.
private func hasMoreThanNanoseconds(_ text: String) -> Bool {
  text.drop { $0 != "." }.dropFirst().prefix { $0.isASCII && $0.isNumber }.dropFirst(9).contains { $0 != "0" }
}
