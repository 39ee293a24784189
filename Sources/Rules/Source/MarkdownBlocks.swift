/// Which lines of a Markdown source are code or a comment, line by line as CommonMark has it: nothing in them
/// is a heading or a table.
struct MarkdownBlocks {
  private enum Block {
    /// Ends with a line of at least so many of the same marks.
    case fence(Character, count: Int)
    /// Ends with the line that `-->` is in.
    case comment
  }

  private var block: Block?
  /// Where the block begins that has no end yet.
  private(set) var openLine: Int?

  /// Whether the next line is in such a block, or begins or ends one.
  mutating func isHidden(_ line: SourceLine) -> Bool {
    let text = line.text.trimmed
    switch block {
    case .fence(let mark, let count):
      let marks = text.prefix { $0 == mark }
      if marks.count >= count, marks.count == text.count { end() }
      return true
    case .comment:
      if text.contains("-->") { end() }
      return true
    case nil: return begins(text, of: line)
    }
  }

  private mutating func begins(_ text: Substring, of line: SourceLine) -> Bool {
    if text.hasPrefix("<!--") {
      // Four spaces before it make it code, and a comment of one line is over.
      guard line.text.headingIndent != nil else { return false }
      if !Self.endsComment(text) { open(.comment, at: line) }
      return true
    }
    guard let mark = text.first, mark == "`" || mark == "~" else { return false }
    let count = text.prefix { $0 == mark }.count
    // In a list a fence stands further right. A line of prose may begin with code in many backticks.
    guard count >= 3, mark == "~" || !text.dropFirst(count).contains("`") else { return false }
    open(.fence(mark, count: count), at: line)
    return true
  }

  /// `<!-->` and `<!--->` are whole comments.
  private static func endsComment(_ text: Substring) -> Bool { text.dropFirst(2).contains("-->") }

  private mutating func open(_ block: Block, at line: SourceLine) {
    self.block = block
    openLine = line.number
  }

  private mutating func end() {
    block = nil
    openLine = nil
  }
}

extension Substring {
  /// LIMIT: spaces before a heading; four begin code.
  private static let headingIndentMax = 3

  /// How many spaces stand before the text, `nil` for more than a heading may have.
  var headingIndent: Int? {
    let count = prefix { $0 == " " }.count
    return count <= Self.headingIndentMax && dropFirst(count).first != "\t" ? count : nil
  }

  /// The level of a heading and its words, `nil` for any other line. Marks behind them are no words.
  var heading: (level: Int, words: String)? {
    guard let indent = headingIndent else { return nil }
    let text = dropFirst(indent)
    let level = text.prefix { $0 == "#" }.count
    guard 1...6 ~= level, text.dropFirst(level).first?.isWhitespace ?? true else { return nil }
    let words = text.dropFirst(level).trimmed
    var end = words.endIndex
    while end > words.startIndex, words[words.index(before: end)] == "#" { end = words.index(before: end) }
    let isClosed = end == words.startIndex || words[..<end].last!.isWhitespace
    return (level, String(isClosed ? words[..<end].trimmed : words))
  }
}
