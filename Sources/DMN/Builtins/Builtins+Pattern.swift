import Foundation

/// Functions of regular expressions.
extension Builtins {
  static let patterns: [String: FeelFunction] = [
    "matches": function("input, pattern", "input, pattern, flags") { arguments, _ in
      guard let text = arguments[0].singleString,
        let pattern = expression(arguments[1], flags: arguments.count > 2 ? arguments[2] : .null)
      else { return .null }
      return .boolean(pattern.firstMatch(in: text, range: whole(text)) != nil)
    },
    "replace": function("input, pattern, replacement", "input, pattern, replacement, flags") {
      arguments, _ in
      guard let text = arguments[0].singleString, let replacement = arguments[2].singleString,
        let pattern = expression(arguments[1], flags: arguments.count > 3 ? arguments[3] : .null),
        pattern.firstMatch(in: "", range: whole("")) == nil
      else { return .null }
      return .string(
        pattern.stringByReplacingMatches(in: text, range: whole(text), withTemplate: replacement))
    },
    "split": function("string, delimiter") { arguments, _ in
      guard let text = arguments[0].singleString,
        let pattern = expression(arguments[1], flags: .null)
      else { return .null }
      var parts: [FeelValue] = []
      var start = 0
      let units = text as NSString
      for match in pattern.matches(in: text, range: whole(text)) where match.range.length > 0 {
        let part = NSRange(location: start, length: match.range.location - start)
        parts.append(.string(units.substring(with: part)))
        start = match.range.location + match.range.length
      }
      parts.append(.string(units.substring(from: start)))
      return .list(parts)
    },
  ]

  /// LIMIT: matching may go back over the text many times.
  private static let textUnitCountMax = 100_000

  private static func whole(_ text: String) -> NSRange {
    NSRange(location: 0, length: min(text.utf16.count, textUnitCountMax))
  }

  /// nil for a pattern or flags that are not right.
  private static func expression(_ pattern: FeelValue, flags: FeelValue) -> NSRegularExpression? {
    guard let text = pattern.singleString, flags.isNull || flags.singleString != nil else {
      return nil
    }
    var options: NSRegularExpression.Options = []
    for flag in flags.singleString ?? "" {
      switch flag {
      case "s": options.insert(.dotMatchesLineSeparators)
      case "m": options.insert(.anchorsMatchLines)
      case "i": options.insert(.caseInsensitive)
      case "x": options.insert(.allowCommentsAndWhitespace)
      case "q": options.insert(.ignoreMetacharacters)
      default: return nil
      }
    }
    return try? NSRegularExpression(pattern: text, options: options)
  }
}
