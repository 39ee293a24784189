/// A stretch of a file, most often of one line, and where each of its characters stands in the file.
struct SourceText: Hashable, Sendable {
  /// Without what only escapes: the backslash of a pipe, the second quote of a pair.
  let text: String
  /// Of its first character, or of where that would be.
  let location: SourceLocation
  /// LIMIT: no cell that is taken has more; of one that is refused, the place may be off.
  static let escapedCountMax = 8192

  /// Offsets into `text` of the characters before which one was left out; ascending.
  private let escapedOffsets: [Int]

  init(_ text: String, at location: SourceLocation, escapedOffsets: [Int] = []) {
    self.text = text
    self.location = location
    self.escapedOffsets = escapedOffsets
  }

  /// A text without the spaces around it.
  init(trimming text: String, at location: SourceLocation, escapedOffsets: [Int]) {
    let trimmed = text[...].trimmed
    let skipped = text[..<trimmed.startIndex].count
    self = SourceText(text, at: location, escapedOffsets: escapedOffsets)
      .part(String(trimmed), at: skipped)
  }

  var isEmpty: Bool { text.isEmpty }

  /// Whether it says that there is nothing here.
  var isBlank: Bool { text.isEmpty || text == "-" }

  /// Where the character at an offset into `text` stands.
  func location(at offset: Int) -> SourceLocation {
    let before = text.prefix(offset)
    guard let lineEnd = before.lastIndex(where: \.isLineEnd) else {
      let dropped = escapedOffsets.count { $0 <= offset }
      return SourceLocation(line: location.line, column: location.column + offset + dropped)
    }
    let lineOffset = before[...lineEnd].count
    let dropped = escapedOffsets.count { (lineOffset...offset).contains($0) }
    return SourceLocation(
      line: location.line + before.count { $0.isLineEnd },
      column: 1 + offset - lineOffset + dropped)
  }

  /// Without the backticks around the whole of it, if there are any.
  var withoutBackticks: SourceText {
    // LIMIT: no cell that is taken has as much; as characters it would take 16 times its bytes.
    guard text.utf8.first == UInt8(ascii: "`"), text.utf8.count <= 1 << 16 else { return self }
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
    return part(String(inner), at: start)
  }

  /// The part that begins at an offset.
  private func part(_ part: String, at offset: Int) -> SourceText {
    var place = location(at: offset)
    // What was left out before the part's first character belongs to the part.
    if escapedOffsets.contains(offset) { place.column -= 1 }
    return SourceText(
      part, at: place,
      escapedOffsets: escapedOffsets.compactMap { $0 < offset ? nil : $0 - offset })
  }
}
