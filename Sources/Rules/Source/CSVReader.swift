/// Splits comma-separated values into records (RFC 4180). Cells are separated by commas, semicolons
/// or tabs; a line that begins with `#` is one cell, whatever is in it.
struct CSVReader {
  static let separators = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]

  private let text: String
  let separator: UInt8
  private var index: String.Index
  private var line = 1
  /// Of `index`, in characters.
  private var column = 1

  init(_ text: String) {
    self.init(text, separator: Self.separator(of: text))
  }

  private init(_ text: String, separator: UInt8) {
    self.text = text
    self.separator = separator
    index = text.startIndex
  }

  /// The separator that makes the most cells of the first record that holds any.
  private static func separator(of text: String) -> UInt8 {
    var log = DiagnosticLog(file: "")
    let counts = separators.map { separator in
      var reader = CSVReader(text, separator: separator)
      while let record = reader.next(log: &log) {
        if !record.isComment, !record.isBlank { return record.cellCount }
      }
      return 0
    }
    return separators[counts.firstIndex(of: counts.max()!)!]
  }

  /// Where a record begins.
  struct Place {
    fileprivate let index: String.Index
    fileprivate let line: Int
  }

  /// Where the next record begins.
  var place: Place { Place(index: index, line: line) }

  /// A record that was read before; its mistakes were reported then.
  func record(at place: Place, keeping keptCountMax: Int) -> CSVRecord? {
    var reader = self
    (reader.index, reader.line, reader.column) = (place.index, place.line, 1)
    var log = DiagnosticLog(file: "")
    return reader.next(keeping: keptCountMax, log: &log)
  }

  /// The next record, `nil` behind the last, with its first cells. A mistake in a cell's quotes is
  /// reported.
  mutating func next(
    keeping keptCountMax: Int = Grid.columnCountMax, log: inout DiagnosticLog
  ) -> CSVRecord? {
    guard index < text.endIndex else { return nil }
    let start = index
    let location = SourceLocation(line: line, column: column)
    var cells: [SourceText] = []
    var (count, filledCount) = (0, 0)
    func add(_ cell: SourceText) {
      count += 1
      if !cell.isEmpty { filledCount = count }
      if count <= keptCountMax { cells.append(cell) }
    }
    if peek == UInt8(ascii: "#") {
      index = text.utf8[index...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? text.endIndex
      add(SourceText(String(comment(text[start..<index])), at: location))
    }
    while count == 0 || peek == separator {
      if count > 0 { step() }
      add(cell(log: &log))
    }
    let end = index
    takeLineEnd()
    return CSVRecord(
      location: location, cells: cells, cellCount: count, filledCount: filledCount,
      text: text[start..<end], end: text[end..<index])
  }

  /// A line without the separators that a spreadsheet puts behind.
  private func comment(_ line: Substring) -> Substring {
    let end = line.utf8.lastIndex { $0 != separator && $0 != 0x20 }
    return end.map { line[..<line.utf8.index(after: $0)] } ?? line.prefix(0)
  }

  private mutating func cell(log: inout DiagnosticLog) -> SourceText {
    while let byte = peek, byte == 0x20 || byte == 0x09, byte != separator { step() }
    if peek == UInt8(ascii: "\"") { return quotedCell(log: &log) }
    let location = SourceLocation(line: line, column: column)
    let piece = takePiece()
    column += piece.count
    return SourceText(String(piece.trimmed), at: location)
  }

  private mutating func quotedCell(log: inout DiagnosticLog) -> SourceText {
    let opening = SourceLocation(line: line, column: column)
    step()
    let location = SourceLocation(line: line, column: column)
    var value = ""
    var escapedOffsets: [Int] = []
    var count = 0
    var start = index
    while true {
      guard let byte = peek else {
        log.error(at: opening, "the cell has no end; close it with `\"`")
        return SourceText(value, at: location)
      }
      index = text.utf8.index(after: index)
      guard byte == UInt8(ascii: "\"") else { continue }
      // Up to the quote; behind it, another quote is one that belongs to the text.
      let piece = text[start..<text.utf8.index(before: index)]
      value += piece
      count += piece.count
      advance(past: piece)
      column += 1
      guard peek == UInt8(ascii: "\"") else { break }
      if escapedOffsets.count < SourceText.escapedCountMax { escapedOffsets.append(count) }
      start = index
      index = text.utf8.index(after: index)
      // The second quote stays: it begins the next piece.
    }
    let behind = takePiece()
    if let wrong = behind.firstIndex(where: { !$0.isWhitespace }) {
      let place = SourceLocation(line: line, column: column + behind[..<wrong].count)
      log.error(
        at: place, "`\(behind.trimmed)` behind a cell's closing quote; write `\"\"` for a quote"
          + " inside it")
    }
    column += behind.count
    return SourceText(trimming: value, at: location, escapedOffsets: escapedOffsets)
  }

  /// The bytes up to the next separator or line end.
  private mutating func takePiece() -> Substring {
    let start = index
    while let byte = peek, byte != separator, byte != 0x0A, byte != 0x0D {
      index = text.utf8.index(after: index)
    }
    return text[start..<index]
  }

  private var peek: UInt8? { index < text.endIndex ? text.utf8[index] : nil }

  /// Past one ASCII character.
  private mutating func step() {
    index = text.utf8.index(after: index)
    column += 1
  }

  /// Counts the lines and columns of a text inside of quotes.
  private mutating func advance(past piece: Substring) {
    guard piece.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) else {
      column += piece.count
      return
    }
    var last = 1
    for inner in SourceLine.lines(of: String(piece)) {
      last = inner.number
      column = inner.text.count + 1
    }
    line += last - 1
  }

  private mutating func takeLineEnd() {
    guard let byte = peek else { return }
    index = text.utf8.index(after: index)
    if byte == 0x0D, peek == 0x0A { index = text.utf8.index(after: index) }
    line += 1
    column = 1
  }
}
