/// A Markdown source cut into front matter, title and sections. Prose is passed over.
struct MarkdownDocument {
  struct Line {
    let number: Int
    let text: Substring
  }

  struct Section {
    /// As written, without the `##`.
    let name: String
    let location: SourceLocation
    var lines: [Line] = []
  }

  enum FrontMatterLines {
    /// The source does not begin with `---`.
    case missing
    /// There is no second `---`; reported already.
    case unterminated
    case lines([Line])
  }

  private(set) var frontMatter = FrontMatterLines.missing
  private(set) var title = ""
  /// Headings of the second level, in the order of the source.
  private(set) var sections: [Section] = []

  init(_ text: String, log: inout DiagnosticLog) {
    var lines: [Line] = []
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: Self.isLineEnd) {
      lines.append(Line(number: lines.count + 1, text: line))
    }
    takeFrontMatter(from: &lines, log: &log)
    var isCode = false
    for line in lines {
      if line.text.trimmed.hasPrefix("```") { isCode.toggle() }
      if isCode {
        continue
      } else if let name = line.text.heading(level: 1) {
        if title.isEmpty { title = name }
      } else if let name = line.text.heading(level: 2) {
        let location = SourceLocation(line: line.number, column: 1)
        sections.append(Section(name: name, location: location))
      } else if !sections.isEmpty {
        sections[sections.count - 1].lines.append(line)
      }
    }
  }

  /// The section of that name, whatever its letter case; a second one is an error.
  func section(_ name: String, log: inout DiagnosticLog) -> Section? {
    let found = sections.filter { $0.name.lowercased() == name.lowercased() }
    if found.count > 1 {
      log.error(
        at: found[1].location,
        "`## \(name)` is there twice (first in line \(found[0].location.line)); make it one table")
    }
    return found.first
  }

  private mutating func takeFrontMatter(from lines: inout [Line], log: inout DiagnosticLog) {
    guard lines.first?.text.trimmed == "---" else { return }
    guard let end = lines.dropFirst().firstIndex(where: { $0.text.trimmed == "---" }) else {
      log.error(
        at: SourceLocation(line: 1, column: 1),
        "the front matter has no end; put a line `---` after its last setting")
      frontMatter = .unterminated
      return
    }
    frontMatter = .lines(Array(lines[1..<end]))
    lines.removeSubrange(...end)
  }

  private static func isLineEnd(_ character: Character) -> Bool {
    character == "\n" || character == "\r\n" || character == "\r"
  }
}

extension MarkdownDocument.Section {
  /// The section's one table; a missing or malformed one is reported.
  func table(log: inout DiagnosticLog) -> MarkdownTable? {
    guard let first = lines.firstIndex(where: { $0.isTableLine }) else {
      log.error(at: location, "no table under `## \(name)`; its lines begin with `|`")
      return nil
    }
    let block = lines[first...].prefix { !$0.text.trimmed.isEmpty }
    if let second = lines[block.endIndex...].first(where: { $0.isTableLine }) {
      log.error(
        at: SourceLocation(line: second.number, column: 1),
        "a second table under `## \(name)`; join it to the first, without an empty line between")
    }
    let rows = block.map { MarkdownRow($0.text, number: $0.number) }
    guard rows.count > 1, rows[1].isDelimiter else {
      log.error(
        at: rows[0].location,
        "the table's second line must be dashes between pipes, as in `|---|---|`")
      return nil
    }
    guard rows[1].cells.count == rows[0].cells.count else {
      log.error(
        at: rows[1].location,
        "the line of dashes has \(rows[1].cells.count) cells and the header \(rows[0].cells.count);"
          + " GitHub shows a table only where they agree")
      return nil
    }
    return MarkdownTable(header: rows[0], rows: Array(rows.dropFirst(2)))
  }
}

extension MarkdownDocument.Line {
  fileprivate var isTableLine: Bool { text.trimmed.hasPrefix("|") }
}

extension Substring {
  /// Without spaces at either end.
  var trimmed: Substring {
    var text = self
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  /// The words of a heading of exactly this level, `nil` for any other line.
  fileprivate func heading(level: Int) -> String? {
    let marks = prefix { $0 == "#" }.count
    guard marks == level, dropFirst(marks).first?.isWhitespace ?? true else { return nil }
    return String(dropFirst(marks).trimmed)
  }
}
