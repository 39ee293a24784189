/// Writes lines of comma-separated values (RFC 4180).
enum CSVWriter {
  static func line(_ cells: [String], separator: Unicode.Scalar = ",") -> String {
    var cells = cells
    // A line that begins with `#` is a comment.
    if let first = cells.first, first.hasPrefix("#") { cells[0] = "`\(first)`" }
    return cells.map { cell($0, separator: separator) }.joined(separator: String(separator))
  }

  /// A cell, in quotes where it needs them.
  static func cell(_ text: String, separator: Unicode.Scalar = ",") -> String {
    let special: [Unicode.Scalar] = [separator, "\"", "\n", "\r"]
    guard text.unicodeScalars.contains(where: special.contains) || text[...].trimmed != text[...]
    else { return text }
    // Scalar by scalar: a quote with an accent behind it is a quote.
    var quoted = "\"".unicodeScalars
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted.append(scalar) }
      quoted.append(scalar)
    }
    quoted.append("\"")
    return String(quoted)
  }
}
