/// Writes tables in GitHub-flavoured Markdown, their columns aligned.
enum MarkdownTableWriter {
  /// LIMIT: longer cells, raw headers most often, stand out of their column: to fill every other
  /// cell up to them would make each line as long.
  static let alignedCharacterCountMax = 50

  enum Alignment {
    case none
    case left
    case center
    case right

    /// Of a cell in the line of dashes.
    init(dashes: String) {
      switch (dashes.hasPrefix(":"), dashes.hasSuffix(":")) {
      case (false, false): self = .none
      case (true, false): self = .left
      case (true, true): self = .center
      case (false, true): self = .right
      }
    }
  }

  /// The header's line, the line of dashes and one line a row. Rows are as wide as the header.
  static func lines(of grid: [[String]], alignments: [Alignment] = []) -> [String] {
    // Cells are escaped twice and not kept: of a large table they are as large as itself.
    var widths = grid[0].map { _ in 1 }
    for row in grid {
      for column in widths.indices {
        let count = escaped(row[column]).count
        if count <= alignedCharacterCountMax { widths[column] = max(widths[column], count) }
      }
    }
    let dashes = widths.indices.map { column in
      Self.dashes(width: widths[column], alignments.isEmpty ? .none : alignments[column])
    }
    var lines = grid.map { row in
      "| " + widths.indices.map { padded(escaped(row[$0]), to: widths[$0]) }.joined(separator: " | ") + " |"
    }
    lines.insert("|" + dashes.joined(separator: "|") + "|", at: 1)
    return lines
  }

  /// With a backslash before each pipe, on one line.
  private static func escaped(_ text: String) -> String {
    let special: [Unicode.Scalar] = ["|", "\n", "\r"]
    guard text.unicodeScalars.contains(where: special.contains) else { return text }
    // Scalar by scalar: a pipe with an accent behind it is a pipe.
    var escaped = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar == "|" { escaped.append("\\") }
      escaped.append(scalar == "\n" || scalar == "\r" ? " " : scalar)
    }
    return String(escaped)
  }

  private static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private static func dashes(width: Int, _ alignment: Alignment) -> String {
    switch alignment {
    case .none: String(repeating: "-", count: width + 2)
    case .left: ":" + String(repeating: "-", count: width + 1)
    case .right: String(repeating: "-", count: width + 1) + ":"
    case .center: ":" + String(repeating: "-", count: max(1, width)) + ":"
    }
  }
}
