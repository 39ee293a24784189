/// Names that hold more than one word or sign, by their first part: what plain lexing would take apart.
struct KnownNames: Sendable {
  /// For each first part the names, as parts, longest first.
  private var byFirst: [String: [[String]]] = [:]

  init() {}

  init(_ names: some Sequence<String>) {
    for name in names { insert(name) }
  }

  mutating func insert(_ name: String) {
    let parts = Self.parts(of: name)
    guard parts.count > 1 else { return }
    var known = byFirst[parts[0], default: []]
    if known.contains(parts) { return }
    let index = known.firstIndex { $0.count < parts.count } ?? known.endIndex
    known.insert(parts, at: index)
    byFirst[parts[0]] = known
  }

  mutating func formUnion(_ other: KnownNames) {
    for names in other.byFirst.values {
      for parts in names { insert(parts.joined(separator: " ")) }
    }
  }

  func candidates(startingWith first: String) -> [[String]] { byFirst[first] ?? [] }

  /// A name's words and signs: `a-b c` is `a`, `-`, `b`, `c`.
  static func parts(of name: String) -> [String] {
    var parts: [String] = []
    var isInWord = false
    for scalar in name.unicodeScalars {
      if isNamePart(scalar) {
        if !isInWord { parts.append("") }
        parts[parts.count - 1].unicodeScalars.append(scalar)
        isInWord = true
      } else {
        if !scalar.properties.isWhitespace { parts.append(String(scalar)) }
        isInWord = false
      }
    }
    return parts
  }

  /// The spelling by which names are found: what `a - b` and `a-b` have in common.
  static func canonical(_ name: String) -> String {
    var result = ""
    var wasWord = false
    for part in parts(of: name) {
      let isWord = part.unicodeScalars.first.map(isNamePart) ?? false
      if wasWord && isWord { result += " " }
      result += part
      wasWord = isWord
    }
    return result
  }
}

func isNameStart(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x41...0x5A, 0x61...0x7A, 0x5F: true
  case 0..<0xC0, 0xD7, 0xF7, 0x2000...0x200B, 0x2010...0x206F, 0x2190...0x2BFF, 0x3000...0x3000:
    false
  default: true
  }
}

func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
  isNameStart(scalar) || (0x30...0x39).contains(scalar.value) || scalar.value == 0xB7
}
