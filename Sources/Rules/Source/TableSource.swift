/// A table's source, cut into its parts: the same for every format.
struct TableSource {
  let format: TableFormat
  /// `nil` where there is none or it cannot be read, which has been reported.
  var settings: FrontMatter?
  /// The source's heading; empty where it has none.
  var title = ""
  var rules: Grid?
  /// Of the line that names the rules.
  var rulesLocation = SourceLocation.start
  var examples: Grid?

  init(_ text: String, format: TableFormat, log: inout DiagnosticLog) {
    self.format = format
    switch format {
    case .markdown: readMarkdown(text, log: &log)
    case .csv: readCSV(text, log: &log)
    case .dmn: readDMN(text, log: &log)
    }
  }

  private mutating func readMarkdown(_ text: String, log: inout DiagnosticLog) {
    let document = MarkdownDocument(text, log: &log)
    switch document.frontMatter {
    case .lines(let lines):
      settings = FrontMatter(lines, at: .start, log: &log)
    case .unterminated: break
    case .missing:
      log.error(
        at: .start,
        "no front matter; begin with a line `---`, then `trigger:`, `hitPolicy:` and `mode:`, then"
          + " `---`"
      )
    }
    title = document.title
    if let section = document.rulesSection(log: &log) {
      rulesLocation = section.location
      rules = section.grid(log: &log)
    }
    examples = document.section("Examples", log: &log)?.grid(log: &log)
  }
}
