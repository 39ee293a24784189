import RulesOracle
import Signals
import Testing
import Wire

@testable import Rules

/// What is proposed can be pasted, is no example twice, and leaves nothing to propose.
@Suite struct ExampleProposalTests {
  private static func read(_ source: String, _ file: String = "t.table.md") throws -> Table {
    let (table, diagnostics) = TableReader.read(source, file: file)
    return try #require(table, "\(diagnostics)\n\(source)")
  }

  private static func source(_ policy: String, _ rows: [String]) -> String {
    "---\ntrigger: post-login\nhitPolicy: \(policy)\nmode: enforce\n---\n## Rules\n"
      + rows.joined(separator: "\n") + "\n"
  }

  /// A table without examples, with those that are proposed for it.
  private static func pasted(_ source: String) throws -> (table: Table, proposal: ExampleProposal) {
    let proposal = try ExampleProposal(try read(source), source: source)
    let rows = proposal.description.split(separator: "\n").filter { $0.hasPrefix("|") }
    return (try read(source + "\n## Examples\n\n" + rows.joined(separator: "\n") + "\n"), proposal)
  }

  @Test func `an input that an earlier rule of an ANY table decides is no example of a later one`() throws {
    let source = Self.source(
      "ANY",
      [
        "| rule | akamaiUserRisk.score | session.mfaRequired | verdict |", "|---|---|---|---|",
        "| a | < 50 | - | mfa |", "| b | - | true | mfa |",
        "| c | >= 50 | false, absent, invalid, unverified | allow |",
      ])
    let (table, proposal) = try Self.pasted(source)
    #expect(Set(proposal.rows.map { Array($0[1...2]) }).count == proposal.rows.count, "\(proposal)")
    let coverage = try Coverage(table)
    #expect(coverage.missing.isEmpty, "\(coverage)")
    #expect(try ExampleProposal(table, source: "").rows.isEmpty)
    for result in try ExampleRunner.run(table) { #expect(result.passed, "\(result)") }
  }

  @Test func `a boundary of a rule that matches nothing is proposed where another rule has it too`() throws {
    let source = Self.source(
      "FIRST",
      [
        "| rule | akamaiUserRisk.score | session.mfaRequired | verdict |", "|---|---|---|---|",
        "| a | not(>= 0) | true | deny |", "| b | [40..60] | not(true, false) | deny |",
        "| c | [40..60] | true | mfa |", "| d | - | - | allow |",
      ])
    let (table, proposal) = try Self.pasted(source)
    #expect(try Coverage(table).boundaries.percent == 100, "\(proposal)")
    // Where no rule with the boundary matches anything, one that does decides.
    let alone = try Self.pasted(source.replacing("| c | [40..60] | true | mfa |\n", with: ""))
    #expect(try Coverage(alone.table).boundaries.percent == 100, "\(alone.proposal)")
  }

  @Test(arguments: [HitPolicy.unique, .any])
  func `proposed examples of random tables leave nothing to propose`(policy: HitPolicy) throws {
    var count = 0
    for seed in UInt64(0xA6F0_0000)..<0xA6F0_0080 {
      var random = SeededGenerator(seed: seed)
      let signals = Array(RandomVocabulary.signals.shuffled(using: &random).prefix(1 + random.below(3)))
      var table = Table.random(policy, signals: signals, ruleCount: 1 + random.below(4), using: &random)
      // All rules answer the same, so that any of them may overlap.
      if policy == .any {
        for rule in table.rules.indices {
          (table.rules[rule].verdict, table.rules[rule].outputs) = (.mfa, table.rules[0].outputs)
        }
      }
      guard table.overlapErrors().isEmpty else { continue }
      var finder = MissingExamples(table, behind: [], Budget())
      let inputs = try finder.run().map(\.input.values)
      count += inputs.count
      #expect(Set(inputs).count == inputs.count, "seed \(seed): \(inputs)")
      let items = CoverageItems(table)
      let touched = items.touched(by: inputs)
      guard let brute = BruteForce(items.table, inputCountMax: 500) else { continue }
      let reachable = items.touched(by: brute.inputs)
      for (index, item) in items.all.enumerated() where reachable[index] {
        #expect(touched[index], "seed \(seed): \(item)")
      }
    }
    #expect(count > 50)
  }

  @Test func `a proposal has its file's separator, and the examples that stand below a byte order mark`()
    throws
  {
    let rules =
      "\u{FEFF}# trigger: post-login\n# hitPolicy: FIRST\n# mode: enforce\n"
      + "rule;akamaiUserRisk.score;request.country;verdict\n"
      + "high;>= 90;-;deny\nabroad;-;\"\"\"NO\"\", \"\"SE\"\"\";mfa\nrest;-;-;allow\n## Examples\n"
    let source = rules + "example;akamaiUserRisk.score;verdict\nkept;95;deny\n"
    let table = try Self.read(source, "t.table.csv")
    let proposal = try ExampleProposal(table, source: source)
    #expect(proposal.isWholeTable && proposal.rows.first?.first == "kept", "\(proposal)")
    let lines = proposal.description.split(separator: "\n").dropFirst()
    #expect(lines.first == "example;akamaiUserRisk.score;request.country;verdict", "\(proposal)")
    let pasted = try Self.read(rules + lines.joined(separator: "\n") + "\n", "t.table.csv")
    #expect(pasted.examples.count == proposal.rows.count)
    #expect(try ExampleProposal(pasted, source: "").rows.isEmpty)
    for result in try ExampleRunner.run(pasted) { #expect(result.passed, "\(result)") }
  }

  @Test func `an input that is shown can stand between apostrophes in a shell`() throws {
    let source = Self.source(
      "FIRST",
      [
        "| request.path | verdict |", "|---|---|", "| \"/l'aquila\" | mfa |", "| - | allow |",
      ])
    let table = try Self.read(source)
    let witness = Witness(signals: table.inputs, values: [.text("l'a'\u{301}q")])
    #expect(witness.json == #"{"request.path":"l\u0027a\u0027\#u{301}q"}"#)
    var other = table
    other.rules[0].verdict = .deny
    let lines = TableDifference(table, other).description.split(separator: "\n")
    let shown = try #require(lines.first { $0.contains("for example --input") })
    #expect(shown.count { $0 == "'" } == 2, "\(shown)")
  }
}
