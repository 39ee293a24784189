/// A regular expression of XPath's, which FEEL has, as the same one of ICU's.
///
/// They differ in what blanks of flag `x`, blocks, and brackets within brackets mean. What ICU takes beyond
/// XPath, such as looking ahead, is let through.
struct PatternText {
  /// nil for what XPath does not have and ICU would give another meaning.
  let text: String?

  /// `ignoresBlanks` is flag `x`: blanks that stand in no brackets are left out, also inside of an escape.
  init(_ pattern: String, ignoresBlanks: Bool) {
    var rewriter = Rewriter(
      scalars: Array(ignoresBlanks ? Self.withoutBlanks(pattern) : pattern.unicodeScalars))
    text = rewriter.run() ? String(rewriter.result) : nil
  }

  private static let blanks: Set<Unicode.Scalar> = ["\t", "\n", "\r", " "]

  private static func withoutBlanks(_ pattern: String) -> String.UnicodeScalarView {
    var kept = String.UnicodeScalarView()
    var bracketCount = 0
    var isEscaped = false
    for scalar in pattern.unicodeScalars where bracketCount > 0 || !blanks.contains(scalar) {
      kept.append(scalar)
      if isEscaped {
        isEscaped = false
      } else if scalar == "\\" {
        isEscaped = true
      } else if scalar == "[" {
        bracketCount += 1
      } else if scalar == "]", bracketCount > 0 {
        bracketCount -= 1
      }
    }
    return kept
  }
}

/// One walk over a pattern.
private struct Rewriter {
  let scalars: [Unicode.Scalar]
  var result = String.UnicodeScalarView()
  private var offset = 0
  private var bracketCount = 0

  init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

  /// Whether the pattern is XPath's.
  mutating func run() -> Bool {
    while offset < scalars.count {
      let scalar = scalars[offset]
      offset += 1
      switch scalar {
      case "\\": if !escape() { return false }
      case "[":
        // Without what is in these brackets: ICU writes a second sign for it.
        if bracketCount > 0, result.last == "-" { result.append("-") }
        bracketCount += 1
        result.append(scalar)
      case "]":
        bracketCount = max(0, bracketCount - 1)
        result.append(scalar)
      // Of ICU, what two sets have in common.
      case "&" where bracketCount > 0: result.append(contentsOf: "\\&".unicodeScalars)
      default: result.append(scalar)
      }
    }
    return true
  }

  /// What stands behind a backslash. Brackets hold no reference to a group.
  private mutating func escape() -> Bool {
    guard offset < scalars.count else { return false }
    let kind = scalars[offset]
    if bracketCount > 0, ("0"..."9").contains(kind) { return false }
    result.append("\\")
    result.append(kind)
    offset += 1
    guard kind == "p" || kind == "P", scalars[offset...].starts(with: "{Is".unicodeScalars) else {
      return true
    }
    result.append(contentsOf: "{block=".unicodeScalars)
    offset += 3
    return true
  }
}
