import DMN

/// Why a model cannot be written in a format: what, and where it stands in the source.
public struct UnwritableModel: Error, Sendable {
  public let position: SourcePosition
  public let message: String
}

/// Texts of a model as a line of Markdown holds them, one line each, and back.
enum ModelCell {
  /// Stands for a line end in a cell.
  static let lineEnd: Character = "\u{23CE}"
  /// Says that an expression stands below, under a heading with its number.
  static let below = "\u{2192}"
  /// What Markdown would not show as it is.
  private static let marks: Set<Character> = ["*", "_", "~", "<", "\\"]

  /// One line that `text(of:)` reads as this text. With `isCode`, in backticks where Markdown would
  /// change how it looks.
  static func line(
    _ text: String, isCode: Bool = false, at position: SourcePosition
  ) throws(UnwritableModel) -> String {
    var line = String(text.map { $0 == "\n" ? lineEnd : $0 })
    if isCode, !line.contains("`"), line.contains(where: marks.contains) { line = "`\(line)`" }
    guard !text.contains(lineEnd), !text.contains(where: { $0.isNewline && $0 != "\n" }),
      self.text(of: SourceText(line, at: .start)).text == text, line[...].trimmed == line[...]
    else {
      throw UnwritableModel(
        position: position,
        message: "`\(text)` is no text that a cell can hold; remove backticks, `\(lineEnd)` and line"
          + " ends other than a line feed")
    }
    return line
  }

  static func line(
    _ text: String?, isCode: Bool = false, at position: SourcePosition
  ) throws(UnwritableModel) -> String {
    guard let text else { return "" }
    guard !text.isEmpty else {
      throw UnwritableModel(position: position, message: "an empty text; remove it")
    }
    return try line(text, isCode: isCode, at: position)
  }

  /// What a cell says.
  static func text(of cell: SourceText) -> DMN.SourceText {
    let bare = cell.withoutBackticks
    return .init(
      String(bare.text.map { $0 == lineEnd ? "\n" : $0 }),
      at: SourcePosition(line: bare.location.line, column: bare.location.column))
  }
}
