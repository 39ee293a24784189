import Tables

extension TableSource {
  /// Reads comma-separated values: lines of settings, `# trigger: post-login`, then the rules, then
  /// a line `## Examples` and the examples. Lines that begin with `##` are comments otherwise.
  ///
  /// A spreadsheet leaves such lines as they are: they are texts in the first column.
  mutating func readCSV(_ text: String, log: inout DiagnosticLog) {
    let sections = CSVSections(text, log: &log)
    if let number = sections.settings.firstNumber {
      settings = FrontMatter(
        sections.settings, at: SourceLocation(line: number, column: 1), log: &log)
    } else {
      log.error(
        at: .start,
        "no settings; begin with lines like `# trigger: post-login`, `# hitPolicy: FIRST` and"
          + " `# mode: audit`")
    }
    rules = sections.rules.grid(log: &log)
    if let rules {
      rulesLocation = rules.header.location
    } else if sections.rules.records.isEmpty {
      log.error(at: .start, "no rules; put a line of column names behind the settings")
    }
    if let heading = sections.examplesHeading {
      examples = sections.examples.grid(log: &log)
      if sections.examples.records.isEmpty {
        log.error(at: heading, "no table under `## Examples`; put a line of column names there")
      }
    }
  }
}

/// The records of a source by what they are for. What makes a table too large is counted, not kept.
struct CSVSections {
  struct Section {
    private(set) var records: [CSVRecord] = []
    /// Below the header, kept or not.
    private var rowCount = 0

    /// Cells of the next record that are looked at: the header's are not known before it is read.
    var keptCountMax: Int {
      min(records.first.map { max(1, $0.filledCount) } ?? .max, Grid.columnCountMax)
    }

    mutating func append(_ record: CSVRecord) {
      if !records.isEmpty { rowCount += 1 }
      if rowCount <= TablePlan.ruleCountMax { records.append(record) }
    }

    /// The header and the rows below it; `nil` where there is none, or too much.
    func grid(log: inout DiagnosticLog) -> Grid? {
      guard let header = records.first?.row() else { return nil }
      return Grid(
        format: .csv, header: header, lines: records.dropFirst(), rowCount: rowCount,
        { $0.row(columnCount: header.cells.count) }, log: &log)
    }
  }

  private(set) var settings = FrontMatter.Lines()
  private(set) var rules = Section()
  private(set) var examples = Section()
  private(set) var examplesHeading: SourceLocation?

  init(_ text: String, log: inout DiagnosticLog) {
    var reader = CSVReader(text)
    while let record = reader.next(
      keeping: (examplesHeading == nil ? rules : examples).keptCountMax, log: &log)
    {
      if record.isBlank { continue }
      if record.isComment {
        add(comment: record, log: &log)
      } else if examplesHeading == nil {
        rules.append(record)
      } else {
        examples.append(record)
      }
    }
  }

  private mutating func add(comment record: CSVRecord, log: inout DiagnosticLog) {
    let cell = record.cells[0]
    let marks = cell.text.prefix { $0 == "#" }
    if marks.count > 1 {
      guard cell.text.dropFirst(2).trimmed.lowercased() == "examples" else { return }
      if examplesHeading != nil {
        log.error(at: cell.location, "`## Examples` is there twice; make it one table")
      }
      examplesHeading = cell.location
    } else if rules.records.isEmpty {
      let skipped = cell.text.dropFirst().first == " " ? 2 : 1
      settings.append(
        FrontMatter.Line(
          SourceLine(number: record.location.line, text: cell.text.dropFirst(skipped)),
          skippedColumnCount: cell.location.column - 1 + skipped))
    } else {
      log.error(
        at: cell.location,
        "settings stand before the rules; move this line up, or begin a comment with `##`")
    }
  }
}
