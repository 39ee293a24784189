import Signals

/// Writes the cells of a grid in their canonical spelling.
struct GridFormatter {
  /// By column: the signal whose tests it holds.
  private let signals: [Signal?]
  private let lists: [String]
  /// By column: whether it is an answer, behind the inputs.
  private let isAnswer: [Bool]
  /// Whether answers are lists.
  private let hasLists: Bool

  /// Of a table of rules; a table of examples has no tests.
  private init(_ header: GridRow, _ settings: TableSettings, isRules: Bool) {
    hasLists = !isRules && settings.hitPolicy?.isMultiHit ?? false
    let names = header.cells.map { $0.withoutBackticks.text }
    let verdict = names.firstIndex(of: "verdict") ?? names.count
    lists = settings.lists.map(\.declaration.name)
    signals = names.indices.map { $0 < verdict && isRules ? settings.registry[names[$0]] : nil }
    isAnswer = names.indices.map { $0 >= verdict && !["comment", "source"].contains(names[$0]) }
  }

  /// The texts of a grid that has been read without an error, row by row, each made when it is asked for.
  static func texts(
    of grid: Grid, _ settings: TableSettings, isRules: Bool
  ) -> some Sequence<[String]> {
    let formatter = GridFormatter(grid.header, settings, isRules: isRules)
    return (-1..<grid.rows.count).lazy.map { row in
      row < 0 ? grid.header.cells.map(\.text) : formatter.texts(of: grid.rows[row])
    }
  }

  private func texts(of row: GridRow) -> [String] {
    row.cells.enumerated().map { column, cell in
      if let signal = signals[column] { return test(cell, signal) }
      return isAnswer[column] ? answer(cell) : cell.text
    }
  }

  /// A test in canonical spelling, inside of the backticks that it had.
  private func test(_ cell: SourceText, _ signal: Signal) -> String {
    let bare = cell.withoutBackticks
    guard
      let tests = try? CellParser.parse(
        bare.text, for: signal, keepingCase: true, lists: lists),
      let text = tests.text(for: signal)
    else { return cell.text }
    return bare == cell || text == "-" || text.contains("`") ? text : "`\(text)`"
  }

  /// A text with a line end in it, as only CSV has it, becomes a literal; a list, literals.
  private func answer(_ cell: SourceText) -> String {
    guard cell.text.contains(where: \.isLineEnd) else { return cell.text }
    let bare = cell.withoutBackticks
    if hasLists, let texts = try? CellParser.texts(bare) {
      return texts.map { quoted($0.text) }.joined(separator: ", ")
    }
    let text = bare.text
    return quoted(text.hasPrefix("\"") ? (try? CellParser.literal(text)) ?? text : text)
  }
}
