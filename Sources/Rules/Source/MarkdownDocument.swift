/// A Markdown source cut into front matter, title and sections. Prose is passed over.
struct MarkdownDocument {
  struct Section {
    /// As written, without the `##`.
    let name: String
    let location: SourceLocation
    var lines: [SourceLine] = []
  }

  enum FrontMatterLines {
    /// The source does not begin with `---`.
    case missing
    /// There is no second `---`; reported already.
    case unterminated
    case lines([SourceLine])
  }

  private(set) var frontMatter = FrontMatterLines.missing
  private(set) var title = ""
  /// Headings of the second level, in the order of the source.
  private(set) var sections: [Section] = []

  init(_ text: String, log: inout DiagnosticLog) {
    var lines = SourceLine.lines(of: text)[...]
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

  /// The section of the rules; a missing one is reported.
  func rulesSection(log: inout DiagnosticLog) -> Section? {
    if let section = section("Rules", log: &log) { return section }
    let near = sections.first { suggestion(for: $0.name, among: ["Rules"]) != nil }
    log.error(
      at: near?.location ?? .start,
      near.map { "no heading `## Rules`; did you mean it by `## \($0.name)`?" }
        ?? "no heading `## Rules`; put it above the table of rules")
    return nil
  }

  private mutating func takeFrontMatter(
    from lines: inout ArraySlice<SourceLine>, log: inout DiagnosticLog
  ) {
    guard lines.first?.text.trimmed == "---" else { return }
    guard let end = lines.dropFirst().firstIndex(where: { $0.text.trimmed == "---" }) else {
      log.error(
        at: .start, "the front matter has no end; put a line `---` after its last setting")
      frontMatter = .unterminated
      return
    }
    frontMatter = .lines(Array(lines[1..<end]))
    lines = lines[(end + 1)...]
  }
}

extension MarkdownDocument.Section {
  /// The lines of the section's first table; a missing one is reported.
  func tableLines(log: inout DiagnosticLog) -> ArraySlice<SourceLine>? {
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
    return block
  }

  /// The section's one table; a missing or malformed one is reported.
  func grid(log: inout DiagnosticLog) -> Grid? {
    guard let lines = tableLines(log: &log) else { return nil }
    let header = GridRow(markdown: lines.first!)
    guard let dashes = lines.dropFirst().first.map(GridRow.init(markdown:)), dashes.isDelimiter
    else {
      log.error(
        at: header.location,
        "the table's second line must be dashes between pipes, as in `|---|---|`")
      return nil
    }
    guard dashes.cells.count == header.cells.count else {
      log.error(
        at: dashes.location,
        "the line of dashes has \(dashes.cells.count) cells and the header \(header.cells.count);"
          + " GitHub shows a table only where they agree")
      return nil
    }
    return Grid(
      format: .markdown, header: header, lines: lines.dropFirst(2), GridRow.init(markdown:),
      log: &log)
  }
}

extension SourceLine {
  fileprivate var isTableLine: Bool { text.trimmed.hasPrefix("|") }
}

extension Substring {
  /// The words of a heading of exactly this level, `nil` for any other line.
  fileprivate func heading(level: Int) -> String? {
    guard first == "#" else { return nil }
    let marks = prefix { $0 == "#" }.count
    guard marks == level, dropFirst(marks).first?.isWhitespace ?? true else { return nil }
    return String(dropFirst(marks).trimmed)
  }
}
