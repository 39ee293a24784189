import DMN
import Signals

/// Rewrites the tables of a source: canonical cells, in Markdown aligned columns. Every byte outside
/// of the tables stays as it is.
public enum TableFormatter {
  /// The formatted bytes of a source that has no error, and what is said of it; `nil` for one that
  /// has.
  ///
  /// The formatted source is the same table, and formatting it again changes nothing. `isWhole` as in
  /// `TableReader.read`.
  public static func format(
    _ bytes: [UInt8], file: String, isWhole: Bool = false
  ) -> (bytes: [UInt8]?, diagnostics: [Diagnostic]) {
    // The table itself, larger than its source, is gone before the source is read again.
    let (columns, diagnostics) = columns(bytes, file: file, isWhole: isWhole)
    var log = DiagnosticLog(file: file)
    guard let columns, let text = TableReader.text(bytes, log: &log),
      let (source, settings) = TableReader.parts(bytes, file: file, log: &log)
    else { return (nil, diagnostics) }
    let formatted =
      switch TableFormat(reading: file) ?? .markdown {
      case .markdown: markdown(text, settings)
      case .csv: csv(text, settings)
      case .dmn: dmn(text, source, columns)
      }
    let mark = bytes.starts(with: TableReader.byteOrderMark) ? TableReader.byteOrderMark : []
    return (mark + Array(formatted.utf8), diagnostics)
  }

  /// What the cells of a source are about.
  private struct Columns {
    let inputs: [Signal]
    let lists: [String]
  }

  /// `nil` for a source that has an error.
  private static func columns(
    _ bytes: [UInt8], file: String, isWhole: Bool
  ) -> (columns: Columns?, diagnostics: [Diagnostic]) {
    let (table, diagnostics) = TableReader.read(bytes, file: file, isWhole: isWhole)
    return (table.map { Columns(inputs: $0.inputs, lists: $0.lists.map(\.name)) }, diagnostics)
  }

  private static func markdown(_ text: String, _ settings: TableSettings) -> String {
    var log = DiagnosticLog(file: "")
    var lines = SourceLine.lines(of: text).map { ($0.text, $0.end) }
    let document = MarkdownDocument(text, log: &log)
    for (name, isRules) in [("Rules", true), ("Examples", false)] {
      guard let section = document.section(name, log: &log),
        let block = section.tableLines(log: &log), let grid = section.grid(log: &log)
      else { continue }
      let dashes = GridRow(markdown: block[block.startIndex + 1])
      let formatted = MarkdownTableWriter.lines(
        of: Array(GridFormatter.texts(of: grid, settings, isRules: isRules)),
        alignments: dashes.cells.map { .init(dashes: $0.text) })
      for (line, text) in zip(block, formatted) { lines[line.number - 1].0 = text[...] }
    }
    var formatted = ""
    for (text, end) in lines {
      formatted += text
      formatted += end
    }
    return formatted
  }

  private static func csv(_ text: String, _ settings: TableSettings) -> String {
    var log = DiagnosticLog(file: "")
    var reader = CSVReader(text)
    let separator = Unicode.Scalar(reader.separator)
    let sections = CSVSections(text, log: &log)
    let grids = [(sections.rules, true), (sections.examples, false)].compactMap { section, isRules in
      section.grid(log: &log).map { AnySequence(GridFormatter.texts(of: $0, settings, isRules: isRules)) }
    }
    var rows = grids.joined().makeIterator()
    var formatted = ""
    while let record = reader.next(log: &log) {
      if record.isBlank || record.isComment {
        formatted += record.text
      } else {
        guard let row = rows.next() else { preconditionFailure("each of these records is a row of a grid") }
        formatted += CSVWriter.line(row, separator: separator)
      }
      formatted += record.end
    }
    return formatted
  }

  private static func dmn(_ text: String, _ source: TableSource, _ columns: Columns) -> String {
    let inputs = columns.inputs
    let ranges = XMLCells(of: "inputEntry", in: text).ranges
    let cells = source.rules.map { $0.rows.flatMap { $0.cells.dropFirst().prefix(inputs.count) } } ?? []
    // An entry without a text says `-`, and which one it is cannot be told.
    guard ranges.count == cells.count else { return text }
    var formatted = ""
    var end = text.startIndex
    for (index, cell) in cells.enumerated() {
      let signal = inputs[index % inputs.count]
      guard let range = ranges[index],
        let tests = try? CellParser.parse(
          cell.text, for: signal, keepingCase: true, lists: columns.lists),
        let canonical = tests.text(for: signal, quotingAddresses: true), canonical != cell.text
      else { continue }
      formatted += text[end..<range.lowerBound] + ModelWriter.escaped(canonical)
      end = range.upperBound
    }
    return formatted + text[end...]
  }
}
