/// Writes lines of comma-separated values (RFC 4180).
enum CSVWriter {
  static func line(_ cells: [String], separator: Character = ",") -> String {
    var cells = cells
    // A line that begins with `#` is a comment.
    if let first = cells.first, first.hasPrefix("#") { cells[0] = "`\(first)`" }
    return cells.map { cell($0, separator: separator) }.joined(separator: String(separator))
  }

  /// A cell, in quotes where it needs them.
  static func cell(_ text: String, separator: Character = ",") -> String {
    let needsQuotes =
      text.contains { $0 == separator || $0 == "\"" || $0.isNewline }
      || text.first?.isWhitespace == true || text.last?.isWhitespace == true
    return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }
}
