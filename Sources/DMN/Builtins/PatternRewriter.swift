/// One walk over a pattern of XPath's, which writes ICU's.
struct PatternRewriter {
  private let scalars: [Unicode.Scalar]
  private let flags: PatternText.Flags
  private(set) var result = ""
  private var offset = 0

  /// LIMIT: brackets within brackets.
  private static let depthMax = 100

  init(_ scalars: [Unicode.Scalar], _ flags: PatternText.Flags) {
    self.scalars = scalars
    self.flags = flags
  }

  /// Whether the pattern is XPath's.
  mutating func run() -> Bool {
    while let scalar = take() {
      switch scalar {
      case "\\":
        guard let escape = escape() else { return false }
        result += escape.text
      case "[":
        guard let set = brackets(depth: 0) else { return false }
        result += set
      // Of ICU, `.` is a carriage return and the line feed behind it, or stops at six kinds of line ends.
      case ".": result += flags.dotMatchesAll ? #"[\s\S]"# : #"[^\n\r]"#
      case "^": result += flags.matchesLines ? #"(?:\A|(?<=\n)(?!\z))"# : "^"
      // Of ICU, `$` is in front of a last line end, too.
      case "$": result += flags.matchesLines ? #"(?:(?=\n)|\z)"# : #"\z"#
      case "(":
        // Flags inside of a pattern would change what is written here.
        if peek() == "?", !(peek(1).map { ":=!<>".unicodeScalars.contains($0) } ?? false) { return false }
        result += "("
      default: result.unicodeScalars.append(scalar)
      }
    }
    return true
  }

  private func peek(_ distance: Int = 0) -> Unicode.Scalar? {
    offset + distance < scalars.count ? scalars[offset + distance] : nil
  }

  private mutating func take() -> Unicode.Scalar? {
    guard let scalar = peek() else { return nil }
    offset += 1
    return scalar
  }

  // MARK: - Escapes

  private enum Escape {
    case sign(Unicode.Scalar)
    case set(String)
    /// To a group.
    case reference(Unicode.Scalar)

    var text: String {
      switch self {
      case .sign(let sign): PatternRewriter.quoted(sign)
      case .set(let text): text
      case .reference(let digit): "\\\(digit)"
      }
    }
  }

  /// What a backslash, which was taken, and the signs behind it stand for; nil for nothing of XPath's.
  private mutating func escape() -> Escape? {
    guard let kind = take() else { return nil }
    switch kind {
    case "n": return .sign("\n")
    case "r": return .sign("\r")
    case "t": return .sign("\t")
    case "d", "D": return .set("\\\(kind)")
    case "p", "P": return property(kind)
    case "1"..."9": return .reference(kind)
    case _ where #"\|.?*+(){}-[]^$"#.unicodeScalars.contains(kind): return .sign(kind)
    default: return Self.sets[kind].map { .set($0) }
    }
  }

  /// A category, or a block, which ICU names otherwise.
  private mutating func property(_ kind: Unicode.Scalar) -> Escape? {
    guard take() == "{", let end = scalars[offset...].firstIndex(of: "}") else { return nil }
    let name = String(String.UnicodeScalarView(scalars[offset..<end]))
    offset = end + 1
    return .set("\\\(kind){\(name.hasPrefix("Is") ? "block=\(name.dropFirst(2))" : name)}")
  }

  /// `NameStartChar` and `NameChar` of XML 1.0, without brackets around them.
  private static let initials =
    #"\:A-Z_a-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{37D}\x{37F}-\x{1FFF}\x{200C}-\x{200D}"#
    + #"\x{2070}-\x{218F}\x{2C00}-\x{2FEF}\x{3001}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFFD}"#
    + #"\x{10000}-\x{EFFFF}"#
  private static let nameSigns = initials + #"\-\.0-9\x{B7}\x{300}-\x{36F}\x{203F}-\x{2040}"#

  /// What ICU has not, or means otherwise.
  private static let sets: [Unicode.Scalar: String] = [
    "s": #"[\t\n\r\x{20}]"#, "S": #"[^\t\n\r\x{20}]"#,
    "w": #"[^\p{P}\p{Z}\p{C}]"#, "W": #"[\p{P}\p{Z}\p{C}]"#,
    "i": "[\(initials)]", "I": "[^\(initials)]",
    "c": "[\(nameSigns)]", "C": "[^\(nameSigns)]",
  ]

  /// A sign that means itself, in brackets or not.
  private static func quoted(_ sign: Unicode.Scalar) -> String {
    switch sign {
    case "0"..."9", "A"..."Z", "a"..."z", "_": String(sign)
    case "!"..."~": "\\\(sign)"
    case _ where sign.isASCII: "\\x{\(String(sign.value, radix: 16))}"
    default: String(sign)
    }
  }

  // MARK: - Brackets

  /// The set of brackets whose opening one was taken; nil where XPath has no such set.
  private mutating func brackets(depth: Int) -> String? {
    guard depth < Self.depthMax else { return nil }
    var set = "["
    if peek() == "^" {
      offset += 1
      set += "^"
    }
    let start = offset
    while let scalar = take() {
      switch scalar {
      case "]": return offset > start + 1 ? set + "]" : nil
      case "[": return nil
      case "-" where peek() == "[" && offset > start + 1:
        // XPath has the other signs first, and then leaves these out of them; ICU would negate what is left.
        offset += 1
        guard let without = brackets(depth: depth + 1), take() == "]" else { return nil }
        return "[\(set)]--\(without)]"
      case "\\":
        switch escape() {
        case .set(let text): set += text
        case .sign(let sign):
          guard let range = range(from: sign) else { return nil }
          set += range
        case .reference, nil: return nil
        }
      default:
        guard let range = range(from: scalar) else { return nil }
        set += range
      }
    }
    return nil
  }

  /// A sign in brackets, or all up to another one; nil for a range that has no end.
  private mutating func range(from first: Unicode.Scalar) -> String? {
    guard peek() == "-", let next = peek(1), next != "[", next != "]" else { return Self.quoted(first) }
    if next == "-" { return peek(2) == "[" ? Self.quoted(first) : nil }
    offset += 2
    var last = next
    if next == "\\" {
      guard case .sign(let sign)? = escape() else { return nil }
      last = sign
    }
    return "\(Self.quoted(first))-\(Self.quoted(last))"
  }
}
