import Tables

/// One line of a grid.
struct GridRow: Sendable {
  let location: SourceLocation
  /// No more than were asked for.
  let cells: [SourceText]
  /// Those that were not kept as well.
  let cellCount: Int

  init(location: SourceLocation, cells: [SourceText], cellCount: Int? = nil) {
    self.location = location
    self.cells = cells
    self.cellCount = cellCount ?? cells.count
  }
}

/// The rows of a grid, each made when it is asked for: the cells of all together take ten times the file.
struct GridRows: RandomAccessCollection, Sendable {
  let endIndex: Int
  private let row: @Sendable (Int) -> GridRow

  init<Lines: RandomAccessCollection & Sendable>(
    _ lines: Lines, _ row: @escaping @Sendable (Lines.Element) -> GridRow
  ) {
    endIndex = lines.count
    self.row = { row(lines[lines.index(lines.startIndex, offsetBy: $0)]) }
  }

  var startIndex: Int { 0 }

  subscript(index: Int) -> GridRow { row(index) }
}

/// A table as any kind of source holds it: a header line and rows, each cell with its place.
struct Grid: Sendable {
  /// LIMIT: twice the input columns that a table may have, for outputs and the rest.
  static let columnCountMax = 128

  let format: TableFormat
  let header: GridRow
  let rows: GridRows

  /// What is wrong with a row of another width than the header's; `nil` for a row that fits.
  func widthError(of row: GridRow) -> String? {
    guard row.cellCount != header.cellCount else { return nil }
    let advice =
      switch format {
      case .markdown:
        "write `\\|` for a pipe that belongs to a cell, and `-` for a cell without a test"
      case .csv:
        "put quotes around a cell that has a separator in it, and `-` for a cell without a test"
      case .dmn: "write an entry for each column"
      }
    return "\(row.cellCount) cells in a table of \(header.cellCount) columns; \(advice)"
  }
}

extension Grid {
  /// Splits lines into rows, unless there are more rows or columns than a table may have. `rowCount`
  /// counts lines that were not kept as well.
  init?<Lines: RandomAccessCollection & Sendable>(
    format: TableFormat, header: GridRow, lines: Lines, rowCount: Int? = nil,
    _ row: @escaping @Sendable (Lines.Element) -> GridRow, log: inout DiagnosticLog
  ) {
    let limits = [
      ("columns", header.cellCount, Self.columnCountMax),
      ("rows", rowCount ?? lines.count, TablePlan.ruleCountMax),
    ]
    if let (what, count, limit) = limits.first(where: { $0.1 > $0.2 }) {
      log.error(at: header.location, "\(count) \(what) in the table; \(limit) is the most")
      return nil
    }
    self.init(format: format, header: header, rows: GridRows(lines, row))
  }
}
