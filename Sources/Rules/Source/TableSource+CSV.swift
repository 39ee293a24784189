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
    } else if sections.rules.header == nil {
      log.error(at: .start, "no rules; put a line of column names behind the settings")
    }
    if let heading = sections.examplesHeading {
      examples = sections.examples.grid(log: &log)
      if sections.examples.header == nil {
        log.error(at: heading, "no table under `## Examples`; put a line of column names there")
      }
    }
  }
}

/// The records of a source by what they are for. What makes a table too large is counted, not kept.
struct CSVSections {
  struct Section {
    private let reader: CSVReader
    private(set) var header: CSVRecord?
    /// Where the rows are: their cells take ten times the file.
    private var rows: [CSVReader.Place] = []
    /// Below the header, kept or not.
    private var rowCount = 0

    init(of reader: CSVReader) { self.reader = reader }

    /// Cells of the next record that are looked at: the header's are not known before it is read.
    var keptCountMax: Int {
      min(header.map { max(1, $0.filledCount) } ?? .max, Grid.columnCountMax)
    }

    mutating func append(_ record: CSVRecord, at place: CSVReader.Place) {
      guard header != nil else {
        header = record
        return
      }
      rowCount += 1
      if rowCount <= TablePlan.ruleCountMax { rows.append(place) }
    }

    /// The header and the rows below it; `nil` where there is none, or too much.
    func grid(log: inout DiagnosticLog) -> Grid? {
      guard let header = header?.row() else { return nil }
      let (reader, keptCountMax) = (reader, keptCountMax)
      return Grid(
        format: .csv, header: header, lines: rows, rowCount: rowCount,
        { place in
          // A place is one that the reader has given.
          reader.record(at: place, keeping: keptCountMax)!.row(columnCount: header.cells.count)
        }, log: &log)
    }
  }

  private(set) var settings = FrontMatter.Lines()
  private(set) var rules: Section
  private(set) var examples: Section
  private(set) var examplesHeading: SourceLocation?

  init(_ text: String, log: inout DiagnosticLog) {
    var reader = CSVReader(text)
    (rules, examples) = (Section(of: reader), Section(of: reader))
    while true {
      let place = reader.place
      guard
        let record = reader.next(
          keeping: (examplesHeading == nil ? rules : examples).keptCountMax, log: &log)
      else { break }
      if record.isBlank { continue }
      if record.isComment {
        add(comment: record, log: &log)
      } else if examplesHeading == nil {
        rules.append(record, at: place)
      } else {
        examples.append(record, at: place)
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
    } else if rules.header == nil {
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
