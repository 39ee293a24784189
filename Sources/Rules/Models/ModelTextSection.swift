import DMN

/// A heading of a decision model's text, and what stands below it up to the next.
struct ModelTextSection {
  /// The whole line, with its marks.
  var heading: SourceText
  /// `- key: value` each.
  var bullets: [(key: SourceText, value: SourceText)] = []
  /// The tables; a right section has one at most.
  var grids: [Grid] = []
  /// The texts between fences; a right section has one at most.
  var codes: [DMN.SourceText] = []

  /// Cuts lines into sections. Prose and headings of the first level are passed over.
  static func sections(
    _ lines: ArraySlice<SourceLine>, log: inout DiagnosticLog
  ) -> [ModelTextSection] {
    var sections: [ModelTextSection] = []
    var rest = lines
    while let line = rest.popFirst() {
      let text = line.text.trimmed
      let place = SourceLocation(
        line: line.number, column: line.text[..<text.startIndex].count + 1)
      if text.hasPrefix("## ") || text.hasPrefix("### ") {
        sections.append(ModelTextSection(heading: SourceText(String(text), at: place)))
        continue
      }
      guard let last = sections.indices.last else { continue }
      if text.hasPrefix("```") {
        sections[last].codes.append(code(behind: text, at: place, in: &rest, log: &log))
      } else if text.hasPrefix("- "), let colon = text.firstIndex(of: ":") {
        let key = text[text.index(text.startIndex, offsetBy: 2)..<colon].trimmed
        let value = text[text.index(after: colon)...].trimmed
        let column = place.column + text[..<value.startIndex].count
        sections[last].bullets.append((
          SourceText(String(key), at: place),
          SourceText(String(value), at: SourceLocation(line: line.number, column: column))
        ))
      } else if text.hasPrefix("|") {
        var block = MarkdownDocument.Section(name: sections[last].heading.text, location: place)
        block.lines = [line] + rest.prefix { $0.text.trimmed.hasPrefix("|") }
        rest = rest.dropFirst(block.lines.count - 1)
        if let grid = block.grid(log: &log) { sections[last].grids.append(grid) }
      }
    }
    return sections
  }

  /// The lines up to the fence that closes the one in `opening`.
  private static func code(
    behind opening: Substring, at place: SourceLocation, in rest: inout ArraySlice<SourceLine>,
    log: inout DiagnosticLog
  ) -> DMN.SourceText {
    let fence = opening.prefix { $0 == "`" }
    let content = rest.prefix { $0.text.trimmed != fence }
    if content.count == rest.count {
      log.error(at: place, "the text has no end; put a line `\(fence)` behind it")
    }
    rest = rest.dropFirst(content.count + 1)
    let text = content.map(\.text).joined(separator: "\n")
    let trimmed = text[...].trimmed
    let skipped = text[..<trimmed.startIndex]
    let lineCount = skipped.count { $0.isNewline }
    let column = skipped.count - (skipped.lastIndex(where: \.isNewline).map { skipped[...$0].count } ?? 0)
    return .init(
      String(trimmed), at: SourcePosition(line: place.line + 1 + lineCount, column: column + 1))
  }
}
