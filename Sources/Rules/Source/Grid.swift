import Tables

/// One line of a grid.
struct GridRow: Sendable {
  let location: SourceLocation
  let cells: [SourceText]
}

/// A table as any kind of source holds it: a header line and rows, each cell with its place.
struct Grid: Sendable {
  /// LIMIT: twice the input columns that a table may have, for outputs and the rest.
  static let columnCountMax = 128

  let format: TableFormat
  let header: GridRow
  let rows: [GridRow]

  /// What is wrong with a row of another width than the header's; `nil` for a row that fits.
  func widthError(of row: GridRow) -> String? {
    guard row.cells.count != header.cells.count else { return nil }
    let advice =
      switch format {
      case .markdown:
        "write `\\|` for a pipe that belongs to a cell, and `-` for a cell without a test"
      case .csv:
        "put quotes around a cell that has a separator in it, and `-` for a cell without a test"
      case .dmn: "write an entry for each column"
      }
    return "\(row.cells.count) cells in a table of \(header.cells.count) columns; \(advice)"
  }
}

extension Grid {
  /// Splits lines into rows, unless there are more rows or columns than a table may have.
  init?<Lines: Collection>(
    format: TableFormat, header: GridRow, lines: Lines, _ row: (Lines.Element) -> GridRow,
    log: inout DiagnosticLog
  ) {
    let limits = [
      ("columns", header.cells.count, Self.columnCountMax),
      ("rows", lines.count, TablePlan.ruleCountMax),
    ]
    if let (what, count, limit) = limits.first(where: { $0.1 > $0.2 }) {
      log.error(at: header.location, "\(count) \(what) in the table; \(limit) is the most")
      return nil
    }
    self.init(format: format, header: header, rows: lines.map(row))
  }
}
