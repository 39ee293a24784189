import Signals
import Testing
import Wire

@testable import Rules

@Suite struct ConflictTests {
  private static func table(_ policy: String, _ rows: String...) throws -> Table {
    let text =
      "---\ntrigger: a\nhitPolicy: \(policy)\nmode: enforce\n---\n## Rules\n"
      + rows.joined(separator: "\n")
    let (table, diagnostics) = TableReader.read(text, file: "t.table.md")
    return try #require(table, "\(diagnostics)")
  }

  @Test func `ANY rules that overlap must answer alike`() throws {
    let rows = [
      "| rule | akamaiUserRisk.score | verdict | reason |", "|---|---|---|---|",
      "| high | >= 80 | mfa | risk |", "| top | >= 90 | mfa | risk |",
    ]
    let alike = try Self.table("ANY", rows[0], rows[1], rows[2], rows[3])
    #expect(ChainCompiler.compile([alike]).diagnostics == [])
    let other = try Self.table(
      "ANY", rows[0], rows[1], rows[2], rows[3], "| low | [70..85] | mfa | - |",
      "| far | < 50 | deny | - |")
    #expect(
      ChainCompiler.compile([other]).diagnostics.map(\.description) == [
        "t.table.md:11:1: error: rule `high` (line 9) and rule `low` (line 11) both match"
          + " `akamaiUserRisk.score` 80 and answer differently; make their answers the same, narrow"
          + " one of them, or set `hitPolicy: FIRST`"
      ])
  }

  @Test func `rules that a column keeps apart are told apart at any number of them`() throws {
    let rows = (0..<20_000).map { "| \($0) | - | allow |" }
    let text =
      "---\ntrigger: a\nhitPolicy: UNIQUE\nmode: enforce\n---\n## Rules\n"
      + "| stats.loginsCount | request.path | verdict |\n|---|---|---|\n"
      + rows.joined(separator: "\n")
    let table = try #require(TableReader.read(text, file: "t.table.md").table)
    #expect(table.overlapErrors() == [])
    let few = table.overlapErrors(Budget(stepCountMax: 1000))
    #expect(
      few.map(\.description) == [
        "t.table.md:6:1: error: which rules overlap is not decided within 1000 steps; split the table, or set"
          + " `hitPolicy: FIRST`"
      ])
    var twin = table
    twin.rules[19_999].cells[0] = twin.rules[7].cells[0]
    #expect(
      twin.overlapErrors().map { $0.message.hasPrefix("rule 8 (line 16) and rule 20000") } == [true])
  }
}
