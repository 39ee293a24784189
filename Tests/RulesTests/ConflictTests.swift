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

  @Test(arguments: 0..<20)
  func `pairs in conflict are what the interpreter sees`(part: Int) throws {
    let seed = 0x0E_71A9 + UInt64(part)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<40 {
      let signals = Array(
        RandomVocabulary.signals.shuffled(using: &random).prefix(1 + random.below(3)))
      let source = RandomTable(
        order: 1, ruleCount: 1 + random.below(10), signals: signals, using: &random)
      let table = try #require(TableReader.read(source.text, file: "t.table.md").table)
      let interpreter = Interpreter(tables: [table], fallback: .allow)
      let search = OverlapSearch(table.columns, ruleCount: table.rules.count)
      let pairs = try #require(search.pairs { _, _ in true })
      for (first, second) in pairs {
        let input = search.input(first, second)
        let rules = interpreter.rules(of: table, matching: input)
        #expect(
          rules.contains(first) && rules.contains(second), "seed \(seed): \(input) \(source.text)")
      }
      let firsts = Set(pairs.map(\.first))
      for _ in 0..<60 {
        let input = signals.map { random.pick(RandomVocabulary.inputs(of: $0)) }
        let rules = interpreter.rules(of: table, matching: input)
        #expect(
          rules.count < 2 || firsts.contains(rules[0]), "seed \(seed): \(input) \(source.text)")
      }
    }
  }

  @Test func `rules that a column keeps apart are told apart at any number of them`() throws {
    let rows = (0..<20_000).map { "| \($0) | - | allow |" }
    let text =
      "---\ntrigger: a\nhitPolicy: UNIQUE\nmode: enforce\n---\n## Rules\n"
      + "| stats.loginsCount | request.path | verdict |\n|---|---|---|\n"
      + rows.joined(separator: "\n")
    let table = try #require(TableReader.read(text, file: "t.table.md").table)
    #expect(table.conflictErrors() == [])
    var twin = table
    twin.rules[19_999].cells[0] = twin.rules[7].cells[0]
    #expect(
      twin.conflictErrors().map { $0.message.hasPrefix("rule 8 (line 16) and rule 20000") } == [true])
  }
}
