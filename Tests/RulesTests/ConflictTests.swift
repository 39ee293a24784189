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

  @Test func `each pair of rules that overlap is told`() throws {
    let table = try Self.table(
      "UNIQUE", "| rule | akamaiUserRisk.score | verdict |", "|---|---|---|", "| a | >= 50 | mfa |",
      "| b | >= 90 | deny |", "| c | [60..70] | allow |")
    var budget = Budget()
    let findings = table.overlapFindings(&budget).findings
    #expect(findings.map { $0.rules.map(\.name) } == [["b", "a"], ["c", "a"]])
  }

  @Test func `an overlap of several boxes is not all that is shown of it`() throws {
    func overlap(_ first: String, _ second: String) throws -> Finding {
      let table = try Self.table(
        "UNIQUE", "| authentication.methods | verdict |", "|---|---|", "| \(first) | mfa |",
        "| \(second) | deny |")
      var budget = Budget()
      return try #require(table.overlapFindings(&budget).findings.first)
    }
    #expect(try overlap("\"pwd\"", "\"otp\"").isComplete)
    #expect(try !overlap("\"pwd\"", "\"otp\", \"sms\"").isComplete)
  }

  @Test(arguments: ["UNIQUE", "ANY"])
  func `pairs of rules that overlap beyond a hundred are counted`(policy: String) throws {
    func table(_ count: Int) throws -> Table {
      let rows = (0..<count).map { "| >= \($0 % 90) | \(policy == "ANY" && $0 % 2 == 1 ? "deny" : "mfa") |" }
      let head = ["| akamaiUserRisk.score | verdict |", "|---|---|"]
      return try Self.table(policy, (head + rows).joined(separator: "\n"))
    }
    let differently = policy == "ANY" ? " and answer differently" : ""
    let kind = policy == "ANY" ? Finding.Kind.conflict : .overlap
    let all = try table(14)
    #expect(all.overlapErrors().count == (policy == "ANY" ? 7 * 7 : 14 * 13 / 2), "each with each")
    #expect(!all.overlapErrors().contains { $0.message.contains("one by one") })

    let more = try table(180)
    let pairCount = policy == "ANY" ? 90 * 90 : 180 * 179 / 2
    let count =
      "\(pairCount) pairs of rules match the same input\(differently); the first 100 are told one by one"
    #expect(more.overlapErrors().map(\.message).first == count)
    #expect(ChainCompiler.compile([more]).diagnostics.filter { $0.message == count }.count == 1)
    let found = more.findings().filter { $0.kind == kind }
    #expect(found.count == 101)
    #expect(found.map(\.message).filter { $0.contains("one by one") } == [count])
    #expect(found.allSatisfy { $0.severity == .error && $0.isComplete == !$0.message.contains("one by one") })

    // The search ends at a hundred; what is behind the rules that it has related is not counted.
    var budget = Budget(stepCountMax: .max)
    let (early, isComplete) = more.overlapFindings(&budget, blockWordCountMax: 0)
    #expect(isComplete && early.count == 101)
    let least = try #require(early.first?.message)
    #expect(least.hasPrefix("at least \(policy == "ANY" ? 100 : 105) pairs "), "\(least)")
    #expect(least.hasSuffix(" the first 100 are told one by one"), "\(least)")
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

  @Test func `where rows of bits would take too much memory, fewer rules are related at once`() throws {
    // Each rule names all numbers but three, and a text of its own; every 90th that of the rule 7 before it.
    let rows = (0..<300).map { rule in
      let numbers = (0..<3).map { "\((rule * 3 + $0) * 2)" }.joined(separator: ", ")
      return "| not(\(numbers)) | \"u\(rule % 90 == 89 ? rule - 7 : rule)\" | mfa |"
    }
    let text =
      "---\ntrigger: a\nhitPolicy: UNIQUE\nmode: enforce\n---\n## Rules\n"
      + "| stats.loginsCount | user.id | verdict |\n|---|---|---|\n" + rows.joined(separator: "\n") + "\n"
    let table = try #require(TableReader.read(text, file: "t.table.md").table)
    let boxes = RuleBoxes([table])
    let pairs = PairTable(boxes.boxes, all: boxes.space.all)
    #expect(pairs.blockRuleCount(at: 0, atMost: 4096, wordCountMax: PairBlock.wordCountMax) == 4096)
    for (wordCountMax, count) in [(100_000, 128), (10_000, 32), (0, 1)] {
      #expect(pairs.blockRuleCount(at: 0, atMost: 4096, wordCountMax: wordCountMax) == count)
      var budget = Budget(stepCountMax: .max)
      let (findings, isComplete) = table.overlapFindings(&budget, blockWordCountMax: wordCountMax)
      #expect(isComplete)
      #expect(findings.map { $0.rules.map(\.number) } == [[90, 83], [180, 173], [270, 263]])
    }
  }

  @Test func `cells that name too many values together are refused, and what to do is said`() throws {
    let rows = (0..<200).map { "| \"m\($0)\" | \($0) | allow |" }
    let text =
      "---\ntrigger: a\nhitPolicy: UNIQUE\nmode: enforce\n---\n## Rules\n"
      + "| authentication.methods | stats.loginsCount | verdict |\n|---|---|---|\n"
      + rows.joined(separator: "\n") + "\n"
    let table = try #require(TableReader.read(text, file: "t.table.md").table)
    #expect(table.overlapErrors() == [])
    // 200 rules of 202 axes.
    var budget = Budget(stepCountMax: .max)
    let (findings, isComplete) = table.overlapFindings(&budget, boxWordCountMax: 200 * 202)
    #expect(isComplete)
    #expect(
      findings.compactMap(\.diagnostic).map(\.description) == [
        "t.table.md:6:1: error: the cells of all rules together name too many values to relate each rule to"
          + " every other; split the table, or set `hitPolicy: FIRST`"
      ])
    let overfull = RuleBoxes([table], wordCountMax: 200 * 202)
    #expect(overfull.isOverfull && overfull.unread == Array(0..<200))
    #expect(!overfull.boxes.contains { !$0.isEmpty }, "and what was made is let go")
  }

  @Test func `a cell of many members beside others is refused before they are combined`() throws {
    // A million combinations of 2,000 axes would take 16 GB.
    let many = { (prefix: String) in (0..<1000).map { "\"\(prefix)\($0)\"" }.joined(separator: ", ") }
    let text =
      "---\ntrigger: a\nhitPolicy: UNIQUE\nmode: off\nsignals:\n  s.a: list\n  s.b: list\n---\n"
      + "## Rules\n| s.a | s.b | verdict |\n|---|---|---|\n| \(many("a")) | \(many("b")) | mfa |\n"
    let table = try #require(TableReader.read(text, file: "t.table.md").table)
    let boxes = RuleBoxes([table])
    #expect(boxes.unread == [0] && !boxes.isOverfull)
  }
}
