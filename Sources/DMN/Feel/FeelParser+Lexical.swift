/// Signs, words, blanks and comments.
extension FeelParser {
  var isAtEnd: Bool { offset >= scalars.count }
  var current: Unicode.Scalar? { offset < scalars.count ? scalars[offset] : nil }

  func scalar(after count: Int) -> Unicode.Scalar? {
    offset + count < scalars.count ? scalars[offset + count] : nil
  }

  /// Skips white space and comments.
  mutating func skipBlanks() {
    while let scalar = current {
      if scalar.properties.isWhitespace || scalar == "\u{FEFF}" || scalar == "\u{180E}" {
        offset += 1
      } else if scalar == "/", self.scalar(after: 1) == "/" {
        while let scalar = current, scalar != "\n" { offset += 1 }
      } else if scalar == "/", self.scalar(after: 1) == "*" {
        offset += 2
        while !isAtEnd, !(current == "*" && self.scalar(after: 1) == "/") { offset += 1 }
        offset = min(offset + 2, scalars.count)
      } else {
        return
      }
    }
  }

  /// Whether these signs come next, after blanks.
  func peek(_ sign: String) -> Bool {
    var copy = self
    return copy.take(sign)
  }

  mutating func take(_ sign: String) -> Bool {
    skipBlanks()
    guard scalars[offset...].starts(with: sign.unicodeScalars) else { return false }
    offset += sign.unicodeScalars.count
    return true
  }

  /// Takes a word that is not the beginning of a longer one.
  mutating func takeWord(_ word: String) -> Bool {
    let start = offset
    skipBlanks()
    let end = offset + word.unicodeScalars.count
    if scalars[offset...].starts(with: word.unicodeScalars),
      end >= scalars.count || !isNamePart(scalars[end])
    {
      offset = end
      return true
    }
    offset = start
    return false
  }

  func peekWord(_ word: String) -> Bool {
    var copy = self
    return copy.takeWord(word)
  }

  /// The word that comes next, after blanks.
  func peekedWord() -> String? {
    var copy = self
    return copy.word()
  }

  mutating func takeComparison() -> FeelExpression.Operator? {
    if take("!=") { return .notEqual }
    if take("<=") { return .lessOrEqual }
    if take(">=") { return .greaterOrEqual }
    if take("<") { return .less }
    if take(">") { return .greater }
    if take("=") { return .equal }
    return nil
  }

  /// A run of name characters; nil where none starts here.
  mutating func word() -> String? {
    skipBlanks()
    guard let first = current, isNameStart(first) else { return nil }
    let start = offset
    while current.map(isNamePart) ?? false { offset += 1 }
    return String(String.UnicodeScalarView(scalars[start..<offset]))
  }

  /// The longest of the known names that starts here, in its canonical spelling.
  mutating func knownName(in sets: [KnownNames]) -> String? {
    let start = offset
    guard let first = word() else { return nil }
    let candidates = sets.flatMap { $0.candidates(startingWith: first) }.sorted {
      $0.count > $1.count
    }
    let afterFirst = offset
    for parts in candidates {
      offset = afterFirst
      if parts.dropFirst().allSatisfy({ takePart($0) }) {
        return KnownNames.canonical(parts.joined(separator: " "))
      }
    }
    offset = start
    return nil
  }

  private mutating func takePart(_ part: String) -> Bool {
    guard let first = part.unicodeScalars.first else { return false }
    if !isNamePart(first) { return take(part) }
    return takeWord(part)
  }

  /// A name that is being declared: everything up to one of the signs or the word that end it.
  mutating func declaredName(before ends: Set<Unicode.Scalar>, orWord end: String? = nil) -> String?
  {
    let start = offset
    skipBlanks()
    let first = offset
    while let scalar = current, !ends.contains(scalar) {
      if let end, offset > first, peekWord(end), scalars[offset - 1].properties.isWhitespace {
        break
      }
      let isSign = ".-+*/'".unicodeScalars.contains(scalar)
      guard isNamePart(scalar) || scalar.properties.isWhitespace || isSign else {
        offset = start
        return nil
      }
      offset += 1
    }
    let name = KnownNames.canonical(String(String.UnicodeScalarView(scalars[first..<offset])))
    guard let initial = name.unicodeScalars.first, isNameStart(initial) else {
      offset = start
      return nil
    }
    return name
  }
}
