import Foundation

/// Functions of regular expressions.
extension Builtins {
  static let patterns: [String: FeelFunction] = [
    "matches": function("input, pattern", "input, pattern, flags") { arguments, interpreter in
      guard let text = arguments[0].singleString,
        let pattern = pattern(arguments[1], flags: arguments.count > 2 ? arguments[2] : .null, interpreter),
        let found = matches(of: pattern, in: text, onlyFirst: true, interpreter)
      else { return .null }
      return .boolean(!found.isEmpty)
    },
    "replace": function("input, pattern, replacement", "input, pattern, replacement, flags") {
      arguments, interpreter in
      guard let text = arguments[0].singleString, let template = arguments[2].singleString,
        let pattern = pattern(arguments[1], flags: arguments.count > 3 ? arguments[3] : .null, interpreter),
        matches(of: pattern, in: "", onlyFirst: true, interpreter)?.isEmpty == true,
        let found = matches(of: pattern, in: text, interpreter)
      else { return .null }
      return .string(
        between(found, in: text) { match in
          pattern.expression.replacementString(for: match, in: text, offset: 0, template: template)
        }.joined())
    },
    "split": function("string, delimiter") { arguments, interpreter in
      guard let text = arguments[0].singleString,
        let pattern = pattern(arguments[1], flags: .null, interpreter),
        let found = matches(of: pattern, in: text, interpreter)
      else { return .null }
      return .list(between(found.filter { $0.range.length > 0 }, in: text).map { .string($0) })
    },
  ]

  /// The parts of a text before, between and after matches; `replacement` gives what comes in their place.
  private static func between(
    _ matches: [NSTextCheckingResult], in text: String,
    _ replacement: ((NSTextCheckingResult) -> String)? = nil
  ) -> [String] {
    let units = text as NSString
    var parts: [String] = []
    var start = 0
    for match in matches {
      let part = NSRange(location: start, length: match.range.location - start)
      parts.append(units.substring(with: part))
      if let replacement { parts.append(replacement(match)) }
      start = match.range.location + match.range.length
    }
    return parts + [units.substring(from: start)]
  }

  /// LIMIT: reports of progress, one for some ten thousand steps: some patterns try every way to divide a
  /// text.
  private static let progressCountMax = 2_000

  /// All matches, or the first; nil, and the evaluation fails, where it takes too long.
  private static func matches(
    of pattern: Pattern, in text: String, onlyFirst: Bool = false,
    _ interpreter: Interpreter
  ) -> [NSTextCheckingResult]? {
    var found: [NSTextCheckingResult] = []
    var progressCount = 0
    let whole = NSRange(location: 0, length: text.utf16.count)
    // SAFETY: the closure's pointer is the enumeration's own, and is written only while it calls.
    unsafe pattern.expression.enumerateMatches(in: text, options: .reportProgress, range: whole) {
      match, _, stop in
      if let match { found.append(match) } else { progressCount += 1 }
      if (onlyFirst && match != nil) || progressCount > progressCountMax {
        unsafe stop.pointee = true
      }
    }
    if progressCount > progressCountMax {
      interpreter.fail("the pattern `\(pattern.text)` takes too long; write it simpler")
      return nil
    }
    return found
  }

  private struct Pattern {
    /// As it is written.
    var text: String
    var expression: NSRegularExpression
  }

  /// nil for a pattern or flags that are not right, with a warning where they are texts.
  private static func pattern(
    _ pattern: FeelValue, flags: FeelValue, _ interpreter: Interpreter
  ) -> Pattern? {
    guard let text = pattern.singleString, flags.isNull || flags.singleString != nil else {
      return nil
    }
    var options: NSRegularExpression.Options = []
    var own = PatternText.Flags()
    for flag in flags.singleString ?? "" {
      switch flag {
      case "s": own.dotMatchesAll = true
      case "m": own.matchesLines = true
      case "i": options.insert(.caseInsensitive)
      case "x": own.ignoresBlanks = true
      case "q": options.insert(.ignoreMetacharacters)
      default:
        interpreter.warn("`\(flag)` is no flag of a pattern: `i`, `m`, `q`, `s` and `x` are; it is null")
        return nil
      }
    }
    let translated = options.contains(.ignoreMetacharacters) ? text : PatternText(text, own).text
    guard let translated, let expression = try? NSRegularExpression(pattern: translated, options: options)
    else {
      interpreter.warn("`\(text)` is no pattern of XPath, which lacks some escapes of others; it is null")
      return nil
    }
    return Pattern(text: text, expression: expression)
  }
}
