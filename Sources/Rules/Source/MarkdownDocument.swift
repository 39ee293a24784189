import Tables

/// A Markdown source cut into front matter, title and sections. Prose is passed over.
struct MarkdownDocument {
  struct Section {
    /// As written, without the `##`.
    let name: String
    let location: SourceLocation
    /// Its first table and, behind an empty line, where a second one begins. Prose is not kept.
    var lines: [SourceLine] = []
    /// Lines of the table that are too many to be kept.
    private(set) var surplusCount = 0
    private var part = Part.beforeTable

    private enum Part {
      case beforeTable
      case table
      case behindTable
      case secondTable
    }

    init(name: String, location: SourceLocation) {
      self.name = name
      self.location = location
    }

    /// Takes the section's next line.
    fileprivate mutating func take(_ line: SourceLine) {
      switch part {
      case .beforeTable, .behindTable:
        guard line.isTableLine else { return }
        lines.append(line)
        part = part == .beforeTable ? .table : .secondTable
      case .table:
        let isEnd = line.text.trimmed.isEmpty
        if isEnd { part = .behindTable }
        // Above the rows stand the header and the dashes.
        if isEnd || lines.count < TablePlan.ruleCountMax + 2 {
          lines.append(line)
        } else {
          surplusCount += 1
        }
      case .secondTable: return
      }
    }
  }

  enum FrontMatterLines {
    /// The source does not begin with `---`.
    case missing
    /// There is no second `---`; reported already.
    case unterminated
    case lines(FrontMatter.Lines)
  }

  private(set) var frontMatter = FrontMatterLines.missing
  private(set) var title = ""
  /// Headings of the second level, in the order of the source; two of each that is for a table, and some
  /// of the others.
  private(set) var sections: [Section] = []

  /// Of the first heading of rules that is none of the second level.
  private var otherRulesLine: Int?
  /// Where code or a comment begins that has no end.
  private var openLine: Int?

  /// LIMIT: headings that are looked at where `## Rules` is missing.
  private static let otherSectionCountMax = 100

  init(_ text: String, log: inout DiagnosticLog) {
    var lines = SourceLine.lines(of: text)
    takeFrontMatter(from: &lines, log: &log)
    var blocks = MarkdownBlocks()
    var counts: [String: Int] = [:]
    var isKept = false
    for line in lines {
      let openLine = blocks.openLine
      if blocks.isHidden(line) {
        // What begins inside of a table ends it, and the rows behind would be lost.
        if isKept, openLine == nil { sections[sections.count - 1].take(line) }
        continue
      }
      let heading = line.text.heading
      if heading?.level == 1, title.isEmpty { title = heading!.words }
      if let heading, heading.level == 2 {
        let name = heading.words
        let known = ["rules", "examples"].first { $0 == name.lowercased() }
        counts[known ?? "", default: 0] += 1
        isKept = counts[known ?? ""]! <= (known == nil ? Self.otherSectionCountMax : 2)
        if isKept {
          let location = SourceLocation(line: line.number, column: 1)
          sections.append(Section(name: name, location: location))
        }
        continue
      }
      if otherRulesLine == nil, line.text.isOtherRulesHeading { otherRulesLine = line.number }
      if heading?.level != 1, isKept { sections[sections.count - 1].take(line) }
    }
    openLine = blocks.openLine
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
    if let otherRulesLine {
      log.error(
        at: SourceLocation(line: otherRulesLine, column: 1),
        "no heading `## Rules`; write this one so, with two `#` and a space")
    } else if let near = sections.first(where: { suggestion(for: $0.name, among: ["Rules"]) != nil }) {
      log.error(at: near.location, "no heading `## Rules`; did you mean it by `## \(near.name)`?")
    } else if let openLine {
      log.error(
        at: SourceLocation(line: openLine, column: 1),
        "no heading `## Rules` outside of the code or comment that begins here and has no end; end it")
    } else {
      log.error(at: .start, "no heading `## Rules`; put it above the table of rules")
    }
    return nil
  }

  private mutating func takeFrontMatter(
    from lines: inout SourceLines, log: inout DiagnosticLog
  ) {
    var rest = lines
    guard rest.next()?.text.trimmed == "---" else { return }
    var settings = FrontMatter.Lines()
    while let line = rest.next() {
      if line.text.trimmed == "---" {
        frontMatter = .lines(settings)
        lines = rest
        return
      }
      settings.append(FrontMatter.Line(line))
    }
    log.error(at: .start, "the front matter has no end; put a line `---` after its last setting")
    frontMatter = .unterminated
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
    guard let dashes = lines.dropFirst().first.map({ GridRow(markdown: $0) }), dashes.isDelimiter
    else {
      log.error(
        at: header.location,
        "the table's second line must be dashes between pipes, as in `|---|---|`")
      return nil
    }
    guard dashes.cellCount == header.cellCount else {
      log.error(
        at: dashes.location,
        "the line of dashes has \(dashes.cellCount) cells and the header \(header.cellCount);"
          + " GitHub shows a table only where they agree")
      return nil
    }
    return Grid(
      format: .markdown, header: header, lines: lines.dropFirst(2),
      rowCount: lines.count - 2 + surplusCount,
      { GridRow(markdown: $0, keeping: header.cells.count) }, log: &log)
  }
}

extension SourceLine {
  fileprivate var isTableLine: Bool { text.trimmed.hasPrefix("|") }
}

extension Substring {
  /// Whether the line is a heading of rules but for its marks: `### Rules`, `# Rules`, `##Rules`.
  fileprivate var isOtherRulesHeading: Bool {
    guard let indent = headingIndent, dropFirst(indent).first == "#" else { return false }
    return trimmed.drop { $0 == "#" }.trimmed.prefix { $0 != "#" }.trimmed.lowercased() == "rules"
  }
}
