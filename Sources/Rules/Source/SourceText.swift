/// A stretch of one line, and where each of its characters stands in the file.
struct SourceText: Hashable, Sendable {
  /// Without the backslash of each escaped pipe.
  let text: String
  /// Of its first character, or of where that would be.
  let location: SourceLocation
  /// Offsets into `text` of the characters that had a backslash before them; ascending.
  private let escapedOffsets: [Int]

  init(_ text: String, at location: SourceLocation, escapedOffsets: [Int] = []) {
    self.text = text
    self.location = location
    self.escapedOffsets = escapedOffsets
  }

  var isEmpty: Bool { text.isEmpty }

  /// Whether it says that there is nothing here.
  var isBlank: Bool { text.isEmpty || text == "-" }

  /// Where the character at an offset into `text` stands.
  func location(at offset: Int) -> SourceLocation {
    let dropped = escapedOffsets.count { $0 <= offset }
    return SourceLocation(line: location.line, column: location.column + offset + dropped)
  }

  /// Without the backticks around the whole of it, if there are any.
  var withoutBackticks: SourceText {
    let characters = Array(text)
    let fence = characters.prefix { $0 == "`" }.count
    guard fence > 0, characters.count > 2 * fence,
      characters.suffix(fence).allSatisfy({ $0 == "`" })
    else { return self }
    var inner = characters[fence..<(characters.count - fence)]
    guard !inner.contains("`") else { return self }
    while inner.first == " " { inner = inner.dropFirst() }
    let start = inner.startIndex
    while inner.last == " " { inner = inner.dropLast() }
    return SourceText(
      String(inner), at: location(at: start),
      escapedOffsets: escapedOffsets.map { $0 - start })
  }
}
