/// One line of a source.
struct SourceLine {
  /// Counted from 1.
  let number: Int
  /// Without the line's end.
  let text: Substring
  /// `\n`, `\r\n` or `\r`; of the last line, nothing.
  let end: Substring

  init(number: Int, text: Substring, end: Substring = "") {
    self.number = number
    self.text = text
    self.end = end
  }

  /// The lines of a text; `\n`, `\r\n` and `\r` end one.
  static func lines(of text: String) -> SourceLines { SourceLines(text) }
}

/// The lines of a text, one by one: those of a file of empty lines would take 70 times its bytes.
struct SourceLines: Sequence, IteratorProtocol {
  private let text: String
  private var start: String.Index
  private var number = 0
  private var isAtEnd = false

  fileprivate init(_ text: String) {
    self.text = text
    start = text.startIndex
  }

  mutating func next() -> SourceLine? {
    if isAtEnd { return nil }
    number += 1
    let bytes = text.utf8
    var index = start
    while index < bytes.endIndex {
      let byte = bytes[index]
      let next = bytes.index(after: index)
      guard byte == 0x0A || byte == 0x0D else {
        index = next
        continue
      }
      let isPair = byte == 0x0D && next < bytes.endIndex && bytes[next] == 0x0A
      let lineEnd = isPair ? bytes.index(after: next) : next
      defer { start = lineEnd }
      return SourceLine(number: number, text: text[start..<index], end: text[index..<lineEnd])
    }
    isAtEnd = true
    return SourceLine(number: number, text: text[start...])
  }
}

extension Substring {
  /// Without spaces at either end. Scalar by scalar: a space with an accent behind it is a space.
  var trimmed: Substring {
    var text = unicodeScalars
    while let scalar = text.first, scalar.isSpace { text.removeFirst() }
    while let scalar = text.last, scalar.isSpace { text.removeLast() }
    return Substring(text)
  }
}

extension Unicode.Scalar {
  fileprivate var isSpace: Bool {
    value < 0x80
      ? value == 0x20 || (0x09...0x0D).contains(value) : properties.isWhitespace
  }
}

extension Character {
  /// Whether a line of a source ends with it.
  var isLineEnd: Bool { self == "\n" || self == "\r\n" || self == "\r" }
}
