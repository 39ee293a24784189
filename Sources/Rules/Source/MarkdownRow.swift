extension GridRow {
  /// Splits a line of a Markdown table at its pipes; `\|` is a pipe that belongs to the text. Keeps
  /// the first cells.
  init(markdown line: SourceLine, keeping keptCountMax: Int = Grid.columnCountMax) {
    let text = line.text
    let bytes = text.utf8
    let start = text.firstIndex { !$0.isWhitespace } ?? text.endIndex
    var column = text[..<start].count + 1
    location = SourceLocation(line: line.number, column: column)
    var pieceStart = start
    if start < bytes.endIndex, bytes[start] == UInt8(ascii: "|") {
      pieceStart = bytes.index(after: start)
      column += 1
    }
    var cells: [SourceText] = []
    var count = 0
    var wasBackslash = false
    var index = pieceStart
    while index < bytes.endIndex {
      let byte = bytes[index]
      let next = bytes.index(after: index)
      if byte == UInt8(ascii: "|"), !wasBackslash {
        let piece = text[pieceStart..<index]
        count += 1
        if count <= keptCountMax {
          cells.append(SourceText(cell: piece, at: column, in: line.number))
        }
        column += piece.count + 1
        pieceStart = next
      }
      wasBackslash = byte == UInt8(ascii: "\\")
      index = next
    }
    // What stands behind the last pipe is a cell too, unless it is nothing.
    let rest = text[pieceStart...]
    if count == 0 || rest.contains(where: { !$0.isWhitespace }) {
      count += 1
      if count <= keptCountMax {
        cells.append(SourceText(cell: rest, at: column, in: line.number))
      }
    }
    self.cells = cells
    cellCount = count
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
  fileprivate init(cell: Substring, at column: Int, in line: Int) {
    let trimmed = cell.trimmed
    // Of a blank cell, where its text would begin.
    let skipped =
      trimmed.isEmpty ? min(cell.count, 1) : cell[..<trimmed.startIndex].count
    let location = SourceLocation(line: line, column: column + skipped)
    guard trimmed.utf8.contains(UInt8(ascii: "\\")) else {
      self.init(String(trimmed), at: location)
      return
    }
    var text = String.UnicodeScalarView()
    var escapedOffsets: [Int] = []
    var count = 0
    for scalar in trimmed.unicodeScalars {
      if scalar == "|" {
        text.removeLast()
        count -= 1
        if escapedOffsets.count < SourceText.escapedCountMax { escapedOffsets.append(count) }
      }
      text.append(scalar)
      count += 1
    }
    self.init(String(text), at: location, escapedOffsets: escapedOffsets)
  }
}
