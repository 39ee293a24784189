import DMN
import Signals

extension CellParser {
  /// `42`, `= 42`, `< 42`, `[40..50)`; `!= 42` is an interval on each side. Where numbers stand for something
  /// else, their literals stand in place of them.
  mutating func takeIntervals() throws(CellError) -> [NumberInterval] {
    let start = offset
    let intervals: [NumberInterval]
    if let sign = peek, "[](".contains(sign) {
      intervals = [try takeRange()]
    } else {
      intervals = try takeComparison()
    }
    try check(intervals, from: start)
    return intervals
  }

  private mutating func takeComparison() throws(CellError) -> [NumberInterval] {
    let start = offset
    let sign = take { "<>=!".contains($0) }
    skipSpaces()
    try refuseComparedState(sign)
    let number = try takeNumber()
    switch sign {
    case "", "=": return [NumberInterval(number)]
    case "<": return [NumberInterval(upper: number)]
    case "<=": return [NumberInterval(upper: number, includesUpper: true)]
    case ">": return [NumberInterval(lower: number)]
    case ">=": return [NumberInterval(lower: number, includesLower: true)]
    case "!=": return [NumberInterval(upper: number), NumberInterval(lower: number)]
    default:
      throw CellError(
        "`\(sign)` is no comparison; write one of `<`, `<=`, `>`, `>=`, `=`, `!=`", at: start)
    }
  }

  /// An interval with two ends; `]a` and `(a` leave the end out, as do `b[` and `b)`.
  private mutating func takeRange() throws(CellError) -> NumberInterval {
    let start = offset
    let includesLower = characters[offset] == "["
    offset += 1
    skipSpaces()
    let lower = try takeNumber()
    skipSpaces()
    guard take("..") else {
      throw CellError("an interval is written `[40..50)`; `..` is missing here", at: offset)
    }
    skipSpaces()
    let upper = try takeNumber()
    skipSpaces()
    guard let end = peek, "[])".contains(end) else {
      throw CellError("the interval has no end; close it with `]` or `)`", at: offset)
    }
    offset += 1
    let interval = NumberInterval(
      lower: lower, includesLower: includesLower, upper: upper, includesUpper: end == "]")
    try checkEnds(of: interval, from: start)
    return interval
  }

  /// From a lower end to a higher one, with a number between them.
  private func checkEnds(of interval: NumberInterval, from start: Int) throws(CellError) {
    let scale = signal.numberScale
    if interval.lower <= interval.upper, scale.hasNumber(in: interval) { return }
    let written = characters[start..<offset]
    let (from, to) = (scale.cellText(interval.lower), scale.cellText(interval.upper))
    guard interval.lower > interval.upper else {
      throw CellError(
        "no \(signal.typeName) is in `\(String(written))`; include its ends: `[\(from)..\(to)]`", at: start)
    }
    // Turned around, a night would be the day.
    let halves = [
      NumberInterval(lower: interval.lower, includesLower: interval.includesLower),
      NumberInterval(upper: interval.upper, includesUpper: interval.includesUpper),
    ].filter(scale.hasNumber)
    guard signal.scale == .time, !halves.isEmpty else {
      throw CellError(
        "the interval is reversed; write `\(written.first!)\(to)..\(from)\(written.last!)`", at: start)
    }
    let tests = halves.map { $0.text(scale) }.joined(separator: ", ")
    let why = halves.count > 1 ? "; a night is two tests: write" : "; write"
    throw CellError("the interval ends before it begins\(why) `\(tests)`", at: start)
  }

  private mutating func takeNumber() throws(CellError) -> Double {
    if signal.scale != .plain { return try takePoint() }
    let start = offset
    var text = take("-") ? "-" : ""
    text += take { $0.isASCII && $0.isNumber }
    if peek == ".", offset + 1 < characters.count, characters[offset + 1].isASCII,
      characters[offset + 1].isNumber
    {
      offset += 1
      text += "." + take { $0.isASCII && $0.isNumber }
    }
    let end = peek
    guard text.last?.isNumber == true, end == nil || end!.isWhitespace || ",)].[".contains(end!)
    else {
      offset = start
      throw noNumber()
    }
    guard let number = Double(text), number.isFinite else {
      throw CellError("`\(text)` is beyond every number; write a smaller one", at: start)
    }
    try checkDigits(of: text, takenAs: number + 0, at: start)
    return number + 0  // Makes -0 the 0 that it equals.
  }

  /// LIMIT: decimal digits that every number keeps, but those below 1e-307.
  private static let keptDigitCount = 15

  /// Digits that are lost would be lost from the source too, when it is formatted.
  private func checkDigits(of text: String, takenAs number: Double, at start: Int) throws(CellError) {
    if text.utf8.count <= Self.keptDigitCount { return }
    let taken = numberText(number)
    let hasNoWhole = text.drop { $0 == "-" }.first == "."
    let written = hasNoWhole ? text.replacing(".", with: "0.", maxReplacements: 1) : text
    guard decimalText(written) == decimalText(taken) else {
      throw CellError(
        "`\(text)` has digits that a number does not keep; it would be taken as `\(taken)`, so write that"
          + " or a shorter number", at: start)
    }
  }

  /// What is wrong with what stands in place of a number.
  private mutating func noNumber() -> CellError {
    let start = offset
    let literal = (try? takeTemporal()).flatMap { TemporalLiteral(function: $0.function, text: $0.text) }
    offset = start
    let word = takePiece()
    if word.isEmpty { return missingValue(at: start) }
    let type = "`\(word)` is no number, and `\(signal.name)` is of type number"
    if let found = literal?.point?.scale, signal.source == .custom {
      return CellError("\(type); declare it as `\(SignalScale(found).name)`", at: start)
    }
    let advice = stateHint(for: word, otherwise: "; write one like `90`, or a test like `>= 90` or `[1..5]`")
    return CellError(type + advice, at: start)
  }

  /// A test that no value of the signal can pass is a mistake.
  private func check(_ intervals: [NumberInterval], from start: Int) throws(CellError) {
    let isPossible =
      if let largest = signal.wholeMax {
        (0...largest).contains { value in intervals.contains { $0.contains(Double(value)) } }
      } else {
        intervals.contains(where: signal.numberScale.hasNumber)
      }
    guard isPossible else {
      let text = String(characters[start..<offset])
      let values = signal.wholeMax.map { "whole number from 0 to \($0)" } ?? signal.typeName
      throw CellError("`\(signal.name)` is a \(values); `\(text)` is never true", at: start)
    }
  }
}
