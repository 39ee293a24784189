import RulesOracle
import Testing

@testable import Rules

/// Broken sources are read, with or without errors; nothing traps.
@Suite struct SourceMutationTests {
  @Test(arguments: 0..<8)
  func `a source with bytes changed, left out or put in is read or refused`(part: Int) throws {
    let seed = 0xB20C_E200 + UInt64(part)
    var random = SeededGenerator(seed: seed)
    var refusedCount = 0
    for _ in 0..<20 {
      let markdown = RandomSource(using: &random).text
      let csv = try #require(TableReader.read(markdown, file: "t.table.md").table).text(.csv)
      for (text, file) in [(markdown, "t.table.md"), (csv, "t.table.csv")] {
        for _ in 0..<12 {
          let bytes = Self.mutated(Array(text.utf8), using: &random)
          let (table, diagnostics) = TableReader.read(bytes, file: file)
          #expect((table == nil) == diagnostics.hasErrors, "seed \(seed)")
          if table == nil { refusedCount += 1 }
          guard let formatted = TableFormatter.format(bytes, file: file).bytes else { continue }
          let again = TableReader.read(formatted, file: file).table
          let text = String(decoding: bytes, as: UTF8.self)
          #expect(again?.unplaced() == table?.unplaced(), "seed \(seed): \(text)")
        }
      }
    }
    #expect(refusedCount > 50)
  }

  private static func mutated(_ bytes: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0...random.below(3) {
      let place = random.below(bytes.count)
      switch random.below(5) {
      case 0: bytes[place] ^= 1 << UInt8(random.below(8))
      case 1: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(20)))
      case 2: bytes.insert(contentsOf: random.pick(Self.pieces).utf8, at: place)
      case 3: bytes[place] = random.pick(Array("|\"`-,;#\n\r\\ (".utf8))
      default: bytes.removeLast(min(bytes.count - 1, random.below(40)))
      }
    }
    return bytes
  }

  private static let pieces = [
    "|", "\"", "`", "\n", "\r\n", "---\n", "## Rules\n", "## Examples\n", "\\", "\u{301}", "\u{0}",
    "| - |", "not(", "..", "#", ",,,", "&a", "*a", "{", "[", ": ", "\u{FEFF}", "\t", "- ",
  ]
}
