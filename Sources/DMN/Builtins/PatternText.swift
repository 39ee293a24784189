/// A regular expression of XPath's, which FEEL has, as the same one of ICU's (XPath Functions 3.1, 5.6.1; XML
/// Schema 1.1 part 2, annex G).
///
/// What they read otherwise is written as ICU has it: `.`, `^` and `$`, escapes, blocks, brackets, and blanks
/// of flag `x`. An escape, a flag or brackets that XPath does not have make no pattern, for ICU may mean
/// another thing by them. What else ICU takes beyond XPath is let through: looking ahead and behind,
/// quantifiers that give nothing back, its names of properties. Flag `i` is ICU's, for which `\p{Lu}` is
/// `\p{Ll}`, too.
struct PatternText {
  struct Flags {
    /// `x`: blanks that stand in no brackets are left out, also inside of an escape.
    var ignoresBlanks = false
    /// `m`
    var matchesLines = false
    /// `s`
    var dotMatchesAll = false
  }

  /// nil for what is no pattern of XPath's.
  let text: String?

  init(_ pattern: String, _ flags: Flags) {
    let scalars = flags.ignoresBlanks ? Self.withoutBlanks(pattern) : pattern.unicodeScalars
    var rewriter = PatternRewriter(Array(scalars), flags)
    text = rewriter.run() ? rewriter.result : nil
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
