import Foundation

/// Functions of strings. Positions and lengths count Unicode code points, from 1.
extension Builtins {
  static let texts: [String: FeelFunction] = [
    "substring": function("string, start position", "string, start position, length") {
      arguments, _ in substring(arguments)
    },
    "string length": function("string") { arguments, _ in
      arguments[0].singleString.map { FeelValue($0.unicodeScalars.count) } ?? .null
    },
    "upper case": function("string") { arguments, _ in
      arguments[0].singleString.map { .string($0.uppercased()) } ?? .null
    },
    "lower case": function("string") { arguments, _ in
      arguments[0].singleString.map { .string($0.lowercased()) } ?? .null
    },
    "substring before": function("string, match") { arguments, _ in
      withTwo(arguments) { text, match in
        guard !match.isEmpty, let range = text.range(of: match, options: .literal) else {
          return .string("")
        }
        return .string(String(text[..<range.lowerBound]))
      }
    },
    "substring after": function("string, match") { arguments, _ in
      withTwo(arguments) { text, match in
        if match.isEmpty { return .string(text) }
        guard let range = text.range(of: match, options: .literal) else { return .string("") }
        return .string(String(text[range.upperBound...]))
      }
    },
    "contains": function("string, match") { arguments, _ in
      withTwo(arguments) { text, match in
        .boolean(match.isEmpty || text.range(of: match, options: .literal) != nil)
      }
    },
    "starts with": function("string, match") { arguments, _ in
      withTwo(arguments) { .boolean($0.unicodeScalars.starts(with: $1.unicodeScalars)) }
    },
    "ends with": function("string, match") { arguments, _ in
      withTwo(arguments) {
        .boolean($0.unicodeScalars.reversed().starts(with: $1.unicodeScalars.reversed()))
      }
    },
    "string join": function("list", "list, delimiter", "list, delimiter, prefix, suffix") {
      arguments, _ in join(arguments)
    },
  ]

  private static func withTwo(
    _ arguments: [FeelValue], _ body: (String, String) -> FeelValue
  ) -> FeelValue {
    guard let first = arguments[0].singleString, let second = arguments[1].singleString else {
      return .null
    }
    return body(first, second)
  }

  private static func substring(_ arguments: [FeelValue]) -> FeelValue {
    guard let text = arguments[0].singleString, let start = wholePart(arguments[1]), start != 0
    else {
      return .null
    }
    let scalars = Array(text.unicodeScalars)
    guard start.magnitude <= scalars.count else { return .string("") }
    let first = start > 0 ? start - 1 : scalars.count + start
    var end = scalars.count
    if arguments.count == 3, !arguments[2].isNull {
      guard let length = wholePart(arguments[2]), length >= 1 else { return .null }
      end = min(scalars.count, first + min(length, scalars.count))
    }
    return .string(String(String.UnicodeScalarView(scalars[first..<end])))
  }

  private static func wholePart(_ value: FeelValue) -> Int? {
    value.singleNumber?.rounded(to: 0, .towardZero)?.int
  }

  private static func join(_ arguments: [FeelValue]) -> FeelValue {
    var texts: [String] = []
    if arguments[0].isNull { return .null }
    for element in arguments[0].elements where !element.isNull {
      guard let text = element.string else { return .null }
      texts.append(text)
    }
    var signs: [String] = []
    for argument in arguments.dropFirst() {
      guard argument.isNull || argument.singleString != nil else { return .null }
      signs.append(argument.singleString ?? "")
    }
    let joined = texts.joined(separator: signs.first ?? "")
    return .string(signs.count == 3 ? signs[1] + joined + signs[2] : joined)
  }
}
