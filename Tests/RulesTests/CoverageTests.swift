import RulesOracle
import Signals
import Testing
import Wire

@testable import Rules

@Suite struct CoverageTests {
  private static let rules = [
    "| rule | akamaiUserRisk.score | request.country | verdict |", "|---|---|---|---|",
    "| high | >= 90, invalid | - | deny |", "| abroad | < 90 | not(\"SE\", \"FI\") | mfa |",
    "| rest | - | - | allow |",
  ]

  private static func source(_ rules: [String], _ examples: [String]) -> String {
    let declared = RandomVocabulary.customs.filter { $0.scale == .plain }
    return "---\ntrigger: post-login\nhitPolicy: FIRST\nmode: enforce\nsignals:\n"
      + declared.map { "  \($0.name): \($0.typeName)\n" }.joined() + "---\n## Rules\n"
      + rules.joined(separator: "\n") + "\n"
      + (examples.isEmpty ? "" : "\n## Examples\n\n" + examples.joined(separator: "\n") + "\n")
  }

  private static func read(_ source: String) throws -> Table {
    let (table, diagnostics) = TableReader.read(source, file: "t.table.md")
    return try #require(table, "\(diagnostics)\n\(source)")
  }

  @Test func `rules, cells and boundaries that no example touches are listed`() throws {
    let table = try Self.read(
      Self.source(
        Self.rules,
        [
          "| Akamai-User-Risk | request.country | verdict |", "|---|---|---|",
          "| status=0;score=90 | - | deny |", "| status=0;score=10 | NO | mfa |",
        ]))
    let coverage = try Coverage(table)
    #expect(
      coverage.description == """
        t.table.md: rules 2 of 3 (66 %), cells 3 of 4 (75 %), boundaries 1 of 4 (25 %)
            rule `high` (line 15) decides no example with `akamaiUserRisk.score` `invalid`
            rule `rest` (line 17) decides no example
            no example with `akamaiUserRisk.score` `89`, at a boundary of rule `high` (line 15)
            no example with `request.country` `"se"`, at a boundary of rule `abroad` (line 16)
            no example with `request.country` `"fi"`, at a boundary of rule `abroad` (line 16)
        """)
  }

  /// What no example of a table of one column is at.
  private static func boundaries(_ column: String, _ cells: [String], _ examples: [String]) throws -> [String] {
    let rules = ["| \(column) | verdict |", "|---|---|"] + cells.map { "| \($0) | mfa |" }
    let rows = ["| \(column) | verdict |", "|---|---|"] + examples.map { "| \($0) | mfa |" }
    let source = Self.source(rules, rows)
    let missing = try Coverage(try Self.read(source)).missing.filter { $0.kind == .boundary }
    let proposal = try ExampleProposal(try Self.read(source), source: source)
    let pasted = source + proposal.description.split(separator: "\n").dropFirst().joined(separator: "\n") + "\n"
    if !proposal.rows.isEmpty { try Self.expectComplete(try Self.read(pasted), pasted) }
    return missing.map(\.cell)
  }

  @Test func `a network has its first and last address and those next to them as boundaries`() throws {
    #expect(
      try Self.boundaries("request.ip", ["10.0.0.0/8", "-"], ["10.0.0.1", "192.0.2.1"])
        == ["9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"])
    #expect(
      try Self.boundaries("request.ip", ["10.0.0.0/8", "-"], ["10.0.0.0", "11.0.0.0"])
        == ["9.255.255.255", "10.255.255.255"])
    // Two that touch are one; all of IPv4 has nothing beside it; an address is no network.
    #expect(
      try Self.boundaries("request.ip", ["10.0.0.0/9, 10.128.0.0/9", "192.0.2.7", "-"], ["192.0.2.7"])
        == ["9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"])
    #expect(
      try Self.boundaries("request.ip", ["0.0.0.0/0", "-"], ["192.0.2.7"]) == ["0.0.0.0", "255.255.255.255"])
    #expect(
      try Self.boundaries("request.ip", ["2001:db8::/32", "-"], ["2001:db8::"])
        == [
          "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::",
        ])
  }

  @Test func `what not(...) leaves out is a boundary, value by value`() throws {
    #expect(
      try Self.boundaries("request.country", ["not(\"SE\", \"FI\")", "-"], ["NO", "se"]) == ["\"fi\""])
    #expect(
      try Self.boundaries("request.ip", ["not(10.0.0.0/8, 192.0.2.7)", "-"], ["10.0.0.0"])
        == ["9.255.255.255", "10.255.255.255", "11.0.0.0", "192.0.2.7"])
    #expect(
      try Self.boundaries("authentication.methods", ["not(\"pwd\", \"otp\")", "-"], ["\"pwd\""])
        == ["\"otp\""])
    #expect(
      try Self.boundaries("akamaiUserRisk.standing", ["not(\"full\")", "-"], ["absent"]) == ["full"])
  }

  @Test func `a table whose examples touch everything misses nothing`() throws {
    let table = try Self.read(
      Self.source(
        Self.rules,
        [
          "| akamaiUserRisk.score | request.country | verdict |", "|---|---|---|",
          "| 90 | - | deny |", "| invalid | - | deny |", "| 89 | NO | mfa |", "| 89 | se | allow |",
          "| 89 | fi | allow |",
        ]))
    let coverage = try Coverage(table)
    #expect(coverage.missing.isEmpty, "\(coverage)")
    #expect(coverage.rules.percent == 100 && coverage.cells.percent == 100)
    let proposal = try ExampleProposal(table, source: Self.source(Self.rules, []))
    #expect(proposal.rows.isEmpty)
    #expect(proposal.description == "t.table.md: no example is missing")
  }

  /// A table that denies high scores, one of a mode, behind it, and the examples of that.
  private static func chain(_ first: String, second: String = "mode: enforce") throws -> [Coverage] {
    func table(_ name: String, _ order: Int, _ settings: String, _ rows: String) throws -> Table {
      let text =
        "---\ntrigger: post-login\norder: \(order)\nhitPolicy: FIRST\n\(settings)\n---\n## Rules\n"
        + "| rule | akamaiUserRisk.score | verdict | mode |\n|---|---|---|---|\n\(rows)\n## Examples\n"
        + "| akamaiUserRisk.score | verdict |\n|---|---|\n| 99 | mfa |\n| 5 | allow |\n"
      let (table, diagnostics) = TableReader.read(text, file: "\(name).table.md")
      return try #require(table, "\(diagnostics)")
    }
    let rows = "| top | >= 95 | mfa | |\n| rest | - | allow | |"
    return try TableSet([
      table("later", 2, second, rows), table("guard", 1, "mode: enforce", first),
    ]).coverages().filter { $0.table == "later" }
  }

  @Test func `an example that an earlier table stops touches nothing, and is listed`() throws {
    let stopped = try Self.chain("| high | >= 90 | deny | |")[0]
    #expect(stopped.rules.touched == 1 && stopped.missing.map(\.rule.name) == ["top", "top", "top", "top"])
    #expect(stopped.stopped.map { "\($0.example) \($0.line) \($0.by)" } == ["1 15 guard"])
    #expect(
      stopped.description.contains(
        "    example `1` (line 15) does not get here: `guard` stops the chain before"))
    let none = [
      try Self.chain("| high | >= 90 | mfa | |"), try Self.chain("| high | >= 90 | deny | audit |"),
      try Self.chain("| high | >= 90 | deny | canary 5% |"),
      try Self.chain("| calm | >= 95 | allow | |\n| high | >= 90 | deny | |"),
      // A candidate runs whatever the chain says.
      try Self.chain("| high | >= 90 | deny | |", second: "mode: enforce\nshadow: true"),
    ]
    for coverages in none {
      #expect(coverages[0].stopped.isEmpty && coverages[0].rules.touched == 2, "\(coverages)")
    }
    let watched = try Self.chain("| calm | >= 95 | allow | audit |\n| high | >= 90 | deny | |")[0]
    #expect(watched.stopped.count == 1)
  }

  /// A guard, and a table behind it.
  private static func proposed(_ first: String, _ rows: String) throws -> [[String]] {
    func table(_ name: String, _ order: Int, _ text: String) throws -> Table {
      let text =
        "---\ntrigger: post-login\norder: \(order)\nhitPolicy: FIRST\nmode: enforce\n---\n"
        + "## Rules\n\(text)"
      let (table, diagnostics) = TableReader.read(text, file: "\(name).table.md")
      return try #require(table, "\(diagnostics)")
    }
    let set = TableSet([
      try table("later", 2, "| rule | akamaiUserRisk.score | verdict |\n|---|---|---|\n\(rows)\n"),
      try table("guard", 1, first),
    ])
    let later = try #require(set.tables.last)
    return try ExampleProposal(later, behind: set.tables(before: later), source: "").rows
  }

  @Test func `no example is proposed that an earlier table stops`() throws {
    let rows = "| top | >= 95 | mfa |\n| some | >= 20 | mfa |\n| rest | - | allow |"
    let header = "| rule | akamaiUserRisk.score | request.country | verdict | mode |\n|---|---|---|---|---|\n"
    func names(_ guarded: String) throws -> [String] {
      try Self.proposed(header + guarded, rows).map { "\($0[0]): \($0[1])" }
    }
    let all = try names("| all | - | - | allow | |")
    #expect(all.contains("top: 95") && all.contains { $0.hasPrefix("some") })
    // 94 and 95 are both behind the stop.
    let stopped = try names("| high | >= 90 | - | deny | |")
    #expect(stopped == ["some: 20", "rest: 0", "some, boundary: akamaiUserRisk.score 19: 19"], "\(stopped)")
    for rule in ["mfa | ", "deny | audit", "deny | canary 5%"] {
      #expect(try names("| high | >= 90 | - | \(rule) |") == all)
    }
    let shielded = try names("| calm | >= 95 | - | allow | |\n| high | >= 90 | - | deny | |")
    #expect(shielded.contains("top: 95") && !shielded.contains { $0.hasSuffix(": 94") }, "\(shielded)")
    // An example of the table cannot say what only the guard reads: it is absent.
    #expect(try names("| nowhere | - | absent | deny | |").isEmpty)
    #expect(try names("| here | - | not(absent) | deny | |\n| rest | - | - | allow | |") == all)
  }

  @Test func `proposed examples get past random tables before, and no more are to be had`() throws {
    var proposedCount = 0
    var stoppedCount = 0
    for seed in UInt64(0xC07F_0000)..<0xC07F_0060 {
      var random = SeededGenerator(seed: seed)
      let signals = Array(RandomVocabulary.signals.shuffled(using: &random).prefix(3))
      func source(_ order: Int, _ signals: [Signal]) -> String {
        RandomTable(order: order, ruleCount: 1 + random.below(5), signals: signals, using: &random).text
          .split(separator: "\n", omittingEmptySubsequences: false)
          .map {
            $0.hasPrefix("hitPolicy")
              ? "hitPolicy: FIRST" : $0.hasPrefix("mode:") ? "mode: enforce" : String($0)
          }.joined(separator: "\n")
      }
      let guarding = try Self.read(source(1, Array(signals.prefix(2))))
      let text = source(2, Array(signals.dropFirst()))
      let table = try Self.read(text)
      let proposal = try ExampleProposal(table, behind: [guarding], source: text)
      if try ExampleProposal(table, source: text).rows.count > proposal.rows.count { stoppedCount += 1 }
      if proposal.rows.isEmpty { continue }
      proposedCount += proposal.rows.count
      let rows = proposal.description.split(separator: "\n").filter { $0.hasPrefix("|") }
      let pasted = try Self.read(text + "\n## Examples\n\n" + rows.joined(separator: "\n") + "\n")
      let coverage = try Coverage(pasted, behind: [guarding])
      #expect(coverage.stopped.isEmpty, "seed \(seed): \(coverage)")
      for result in try ExampleRunner.run(pasted) { #expect(result.passed, "seed \(seed): \(result)") }
      #expect(try ExampleProposal(pasted, behind: [guarding], source: text).rows.isEmpty, "seed \(seed)")
    }
    #expect(proposedCount > 50 && stoppedCount > 5)
  }

  @Test func `proposed rows have the columns of the table of examples`() throws {
    let source = Self.source(
      Self.rules,
      [
        "| example | akamaiUserRisk.score | request.country | verdict | reason | source |",
        "|---|---|---|---|---|---|", "| one | 90 | - | deny | - | log |",
      ])
    let proposal = try ExampleProposal(try Self.read(source), source: source)
    #expect(!proposal.isWholeTable)
    #expect(
      proposal.rows.first == [
        "high, akamaiUserRisk.score invalid", "invalid", "\"other\"", "deny", "-",
        "proposed by `postern test --generate`",
      ])
    let pasted = try Self.read(
      source + proposal.description.split(separator: "\n").dropFirst().joined(separator: "\n"))
    #expect(pasted.examples.count == 1 + proposal.rows.count)
    try Self.expectComplete(pasted, "")
  }

  @Test func `columns that are missing are added to the whole table`() throws {
    let source = Self.source(
      Self.rules,
      [
        "| `Akamai-User-Risk` | verdict | comment |", "|---|---|---|",
        "| `status=0;score=90;risk=vpn:true\\|x:1` | deny | a \\| b |",
      ])
    let proposal = try ExampleProposal(try Self.read(source), source: source)
    #expect(proposal.isWholeTable)
    #expect(
      proposal.header == [
        "`Akamai-User-Risk`", "akamaiUserRisk.score", "request.country", "verdict", "comment",
      ])
    #expect(
      proposal.rows.first == [
        "`status=0;score=90;risk=vpn:true\\|x:1`", "-", "-", "deny", "a \\| b",
      ])
    let table = proposal.description.split(separator: "\n").filter { $0.hasPrefix("|") }
    try Self.expectComplete(try Self.read(Self.source(Self.rules, table.map(String.init))), "")
  }

  @Test(arguments: 0..<4)
  func `proposed examples pass when they are pasted and leave nothing to propose`(part: Int) throws
  {
    for index in 0..<25 {
      let seed = 0xC07E_0000 + UInt64(part * 1000 + index)
      var random = SeededGenerator(seed: seed)
      let signals = Array(
        RandomVocabulary.signals.shuffled(using: &random).prefix(1 + random.below(3)))
      let random6 = RandomTable(
        order: 1, ruleCount: 1 + random.below(6), signals: signals, using: &random)
      let source = random6.text.split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0.hasPrefix("hitPolicy") ? "hitPolicy: FIRST" : String($0) }.joined(separator: "\n")
      let table = try Self.read(source)
      let proposal = try ExampleProposal(table, source: source)
      if proposal.rows.isEmpty { continue }
      #expect(proposal.isWholeTable)
      let rows = proposal.description.split(separator: "\n").filter { $0.hasPrefix("|") }
      let text = source + "\n## Examples\n\n" + rows.joined(separator: "\n") + "\n"
      try Self.expectComplete(try Self.read(text), "seed \(seed): \(text)")
    }
  }

  /// Every example passes, and what none touches no input can.
  private static func expectComplete(_ table: Table, _ note: String) throws {
    for result in try ExampleRunner.run(table) { #expect(result.passed, "\(result), \(note)") }
    let coverage = try Coverage(table)
    #expect(coverage.rules.touched + table.masked == coverage.rules.total, "\(coverage), \(note)")
    let again = try ExampleProposal(table, source: "")
    #expect(again.rows.isEmpty, "\(again), \(note)")
  }
}

extension Table {
  /// How many rules can never fire.
  fileprivate var masked: Int { findings().count { $0.kind == .masked } }
}
