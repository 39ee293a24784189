/// One record of comma-separated values (RFC 4180), with the place of each cell.
///
/// Why not a package: a table's errors name line and column of a cell, and an unterminated quote is
/// one of them; SwiftCSV 0.10 yields texts without places and takes such a quote as it comes.
struct CSVRecord {
  let location: SourceLocation
  /// Without the quotes around a cell, and without the spaces around it. The first, as many as were
  /// asked for.
  let cells: [SourceText]
  /// Of all, and of those up to the last that says anything.
  let cellCount: Int
  let filledCount: Int
  /// As it stands in the source, without the line end.
  let text: Substring
  /// The line end behind it; nothing behind the last.
  let end: Substring

  /// Whether no cell says anything: an empty line, or what a spreadsheet makes of one.
  var isBlank: Bool { filledCount == 0 }

  /// Whether it is a line of settings or a heading.
  var isComment: Bool { cells[0].text.hasPrefix("#") }

  /// The record as a row, as wide as `columnCount`, without the empty cells that a spreadsheet puts
  /// behind.
  func row(columnCount: Int = 0) -> GridRow {
    var cells = cells[...]
    while cells.count > max(1, columnCount), cells.last!.isEmpty { cells.removeLast() }
    return GridRow(
      location: location, cells: Array(cells), cellCount: max(cells.count, filledCount))
  }
}
