import RulesOracle
import Signals
import Testing
import Wire

@testable import Rules

/// Tables that are written, formatted or converted stay what they are.
@Suite struct TableWriterTests {
  @Test(arguments: 0..<20)
  func `what is written is read again as the same table`(part: Int) throws {
    let seed = 0x3717_E000 + UInt64(part)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<12 {
      let source = RandomSource(using: &random)
      let table = try Self.table(source.text, "t.table.md")
      for format in TableFormat.allCases {
        let written = try table.text(format)
        let again = try Self.table(written, "t" + format.fileSuffix)
        #expect(again.unplaced() == table.unplaced(), "seed \(seed):\n\(source.text)\n\(written)")
      }
    }
  }

  @Test(arguments: 0..<20)
  func `formatting changes spelling, not meaning, and only once`(part: Int) throws {
    let seed = 0xF0_1247 + UInt64(part)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<12 {
      let source = RandomSource(using: &random).text
      let table = try Self.table(source, "t.table.md")
      let csv = try table.text(.csv)
      for (text, file) in [(source, "t.table.md"), (csv, "t.table.csv")] {
        let once = try #require(TableFormatter.format(Array(text.utf8), file: file).bytes)
        let formatted = String(decoding: once, as: UTF8.self)
        let again = try Self.table(formatted, file)
        #expect(again.unplaced() == table.unplaced(), "seed \(seed):\n\(text)\n\(formatted)")
        #expect(
          TableFormatter.format(once, file: file).bytes == once, "seed \(seed):\n\(formatted)")
      }
    }
  }

  @Test(arguments: 0..<20)
  func `Markdown turned into CSV and back is the same table`(part: Int) throws {
    let seed = 0xC027_3127 + UInt64(part)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<12 {
      let source = RandomSource(using: &random).text
      let table = try Self.table(source, "t.table.md")
      let csv = try #require(
        TableConverter.convert(Array(source.utf8), file: "t.table.md", to: "dir/u.table.csv").bytes)
      let csvText = String(decoding: csv, as: UTF8.self)
      #expect(
        try Self.table(csvText, "dir/u.table.csv").unplaced() == table.unplaced(),
        "seed \(seed):\n\(source)\n\(csvText)")
      let back = try #require(
        TableConverter.convert(csv, file: "dir/u.table.csv", to: "t.table.md").bytes)
      let backText = String(decoding: back, as: UTF8.self)
      #expect(
        try Self.table(backText, "t.table.md").unplaced() == table.unplaced(),
        "seed \(seed):\n\(csvText)\n\(backText)")
    }
  }

  @Test(arguments: RandomVocabulary.signals)
  func `a cell is written in a spelling that is read as the same cell`(signal: Signal) throws {
    let seed = signal.name.utf8.reduce(0xCE11) { $0 &* 31 &+ UInt64($1) }
    var random = SeededGenerator(seed: seed)
    for _ in 0..<400 {
      let cell = RandomCell(for: signal, using: &random)
      let text = try #require(cell.tests.text(for: signal), "\(cell.text)")
      #expect(try CellParser.parse(text, for: signal) == cell.tests, "\(cell.text) as \(text)")
      let kept = try CellParser.parse(cell.text, for: signal, keepingCase: true)
      let keptText = try #require(kept.text(for: signal))
      #expect(try CellParser.parse(keptText, for: signal) == cell.tests, "\(cell.text)")
    }
  }

  private static func table(_ text: String, _ file: String) throws -> Table {
    let (table, diagnostics) = TableReader.read(text, file: file)
    return try #require(table, "\(diagnostics)\n\(text)")
  }
}
