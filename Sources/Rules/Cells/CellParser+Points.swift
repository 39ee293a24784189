import DMN
import Signals

extension CellParser {
  /// The point of a date, a time or a duration as FEEL writes it: `date("2026-01-31")` or `@"2026-01-31"`.
  mutating func takePoint() throws(CellError) -> Double {
    let start = offset
    let example = signal.scale.literalExample
    guard let (function, text) = try takeTemporal() else {
      let word = peek == "\"" ? quoted(try takeLiteral()) : take { !$0.isWhitespace && !",)]".contains($0) }
      throw CellError(
        "`\(word)` is no \(signal.typeName); write one like `\(example)`"
          + hint(for: word, among: SignalState.allCases.dropFirst().map(\.name)), at: start)
    }
    let written = String(characters[start..<offset])
    guard let literal = TemporalLiteral(function: function, text: text) else {
      throw CellError("`\(written)` is no \(signal.typeName); write one like `\(example)`", at: start)
    }
    guard let point = literal.point else {
      throw CellError(
        "`\(written)` is \(literal.inexactness ?? "beyond what is told apart"); write one like `\(example)`",
        at: start)
    }
    switch (LiteralScale(signal.scale), point.scale) {
    case (let wanted, let found) where wanted == found: return point.value
    case (.zonedDateTime, .dateTime):
      let utc = LiteralScale.zonedDateTime.feelText(point.value) ?? example
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
        "`\(written)` is a \(found.name), and `\(signal.name)` is of type \(signal.typeName); write one like"
          + " `\(example)`", at: start)
    }
  }

  /// Steps past a function's name and the text it is called with, or `@` and a text, if that is next.
  private mutating func takeTemporal() throws(CellError) -> (function: String, text: String)? {
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
          + hint(for: text, among: SignalState.allCases.dropFirst().map(\.name)), at: 0)
    }
    return .number(point)
  }
}
