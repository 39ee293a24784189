import DMN

/// The rows of a grid with their cells by the names of the columns.
struct Rows {
  struct Row {
    fileprivate var cells: [String: SourceText]
    var position: SourcePosition

    /// `nil` where the cell is empty or there is none.
    subscript(_ column: String) -> String? {
      let text = text(column).text
      return text.isEmpty ? nil : text
    }

    func text(_ column: String) -> DMN.SourceText {
      cells[column].map { ModelCell.text(of: $0) } ?? .init("", at: position)
    }
  }

  private(set) var rows: [Row] = []

  /// Columns other than `known` are reported, as are rows of another width.
  init(_ grid: Grid, _ known: [String], log: inout DiagnosticLog) {
    for cell in grid.header.cells where !known.contains(cell.text) {
      log.error(
        at: cell.location,
        "no column `\(cell.text)`; the columns are `\(known.joined(separator: "`, `"))`")
    }
    for row in grid.rows {
      if let message = grid.widthError(of: row) {
        log.error(at: row.location, message)
      } else {
        let pairs = zip(grid.header.cells.map(\.text), row.cells)
        rows.append(
          Row(
            cells: Dictionary(pairs, uniquingKeysWith: { first, _ in first }),
            position: SourcePosition(row.location)))
      }
    }
  }
}
