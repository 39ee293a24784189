/// One line of a Markdown table.
struct MarkdownRow: Sendable {
  let location: SourceLocation
  let cells: [SourceText]
}

/// A table as GitHub-flavoured Markdown writes it: a header line, a line of dashes, rows.
struct MarkdownTable: Sendable {
  let header: MarkdownRow
  let rows: [MarkdownRow]
}

extension MarkdownRow {
  /// Splits a line at its pipes; `\|` is a pipe that belongs to the text.
  init(_ line: Substring, number: Int) {
    var characters = Array(line)
    while characters.last?.isWhitespace == true { characters.removeLast() }
    let isEscaped = { (index: Int) in index > 0 && characters[index - 1] == "\\" }
    if let last = characters.indices.last, characters[last] == "|", !isEscaped(last) {
      characters.removeLast()
    }
    var start = characters.firstIndex { !$0.isWhitespace } ?? characters.count
    location = SourceLocation(line: number, column: start + 1)
    if start < characters.count, characters[start] == "|" { start += 1 }
    var cells: [SourceText] = []
    for end in start..<characters.count where characters[end] == "|" && !isEscaped(end) {
      cells.append(SourceText(cell: characters[start..<end], line: number))
      start = end + 1
    }
    cells.append(SourceText(cell: characters[start...], line: number))
    self.cells = cells
  }

  /// Whether it is the line of dashes under a header.
  var isDelimiter: Bool {
    cells.allSatisfy { cell in
      var dashes = cell.text[...]
      if dashes.first == ":" { dashes = dashes.dropFirst() }
      if dashes.last == ":" { dashes = dashes.dropLast() }
      return !dashes.isEmpty && dashes.allSatisfy { $0 == "-" }
    }
  }
}

extension SourceText {
  /// A cell without the spaces around it and the backslashes of its pipes.
  fileprivate init(cell: ArraySlice<Character>, line: Int) {
    // Of a blank cell, where its text would begin.
    let start = cell.firstIndex { !$0.isWhitespace } ?? min(cell.startIndex + 1, cell.endIndex)
    let column = start + 1
    var cell = cell[start...]
    while cell.last?.isWhitespace == true { cell = cell.dropLast() }
    var text: [Character] = []
    var escapedOffsets: [Int] = []
    for character in cell {
      if character == "|" {
        text.removeLast()
        escapedOffsets.append(text.count)
      }
      text.append(character)
    }
    self.init(
      String(text), at: SourceLocation(line: line, column: column),
      escapedOffsets: escapedOffsets)
  }
}
