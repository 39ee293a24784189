import Signals
import Testing
import Wire

@testable import Rules

/// What an analysis says of tables of each hit policy, of defaults and of rules in rollout.
@Suite struct PolicyAnalysisTests {
  private static func table(_ settings: String, _ rows: String...) throws -> Table {
    let text =
      "---\ntrigger: post-login\nmode: enforce\n\(settings)\n---\n## Rules\n"
      + rows.joined(separator: "\n") + "\n## Examples\n| verdict |\n|---|\n| none |\n"
    let (table, diagnostics) = TableReader.read(text, file: "t.table.md")
    return try #require(table, "\(diagnostics)")
  }

  private static let header = ["| rule | akamaiUserRisk.score | verdict |", "|---|---|---|"]

  @Test func `PRIORITY masks by what a rule answers, not by where it stands`() throws {
    let table = try Self.table(
      "hitPolicy: PRIORITY\nvalues:\n  verdict: deny, mfa, allow", Self.header[0], Self.header[1],
      "| some | >= 95 | mfa |",
      "| high | >= 90 | deny |", "| rest | - | allow |")
    let found = table.findings().filter { $0.kind == .masked }
    #expect(
      found.map(\.message) == [
        "rule `some` (line 11) can never fire: rule `high` (line 12) matches all that it does; change"
          + " what they answer or remove it"
      ])
  }

  @Test func `rules of one verdict mislead too, and it is said by which outputs`() throws {
    let head = [
      "| rule | akamaiUserRisk.score | request.path | verdict | reason | code |", "|---|---|---|---|---|---|",
    ]
    func messages(_ rows: String...) throws -> [String] {
      try Self.table("hitPolicy: FIRST", (head + rows).joined(separator: "\n")).findings()
        .filter { $0.kind == .misleading || $0.kind == .firstNormalForm }.map(\.message)
    }
    let long = String(repeating: "long ", count: 20)
    let first = "| a | >= 90 | - | mfa | risk | c |"
    #expect(
      try messages(first, "| b | - | \"/x\" | mfa | \(long) | |") == [
        "the order of rules decides for 1 of them; rules that can be read in any order would be of first"
          + " normal form",
        "rule `b` (line 10) says `code` none, `reason` \"long long long long long long long long …\", but rule"
          + " `a` (line 9) above it says `code` \"c\", `reason` \"risk\" to a part of what it matches; narrow it,"
          + " so that it can be read alone",
      ])
    #expect(try messages(first, "| b | - | \"/x\" | mfa | risk | c |") == [])
    // An exception before the general case.
    #expect(try messages(first, "| b | - | - | mfa | rest | c |") == [])
    #expect(
      try messages("| a | >= 90 | - | deny | risk | c |", "| b | - | \"/x\" | mfa | other | |").last?
        .hasPrefix("rule `b` (line 10) says mfa, but rule `a` (line 9) above it says deny to a part") == true)
  }

  @Test func `a rule of an ANY table is not needed beside a wider one, whatever equals it`() throws {
    let table = try Self.table(
      "hitPolicy: ANY", Self.header[0], Self.header[1], "| a | >= 90 | deny |", "| b | >= 90 | deny |",
      "| c | >= 80 | deny |", "| d | < 80 | allow |")
    #expect(
      table.findings().filter { [.subsumed, .firstNormalForm].contains($0.kind) }.map(\.message) == [
        "rule `a` (line 9) is not needed: rule `c` (line 11) answers the same to all that it matches",
        "rule `b` (line 10) and rule `a` (line 9) are the same; remove one",
      ])
  }

  @Test func `a default leaves no gap, and is told of where it never applies`() throws {
    let open = try Self.table(
      "hitPolicy: FIRST\ndefault:\n  verdict: review", Self.header[0], Self.header[1],
      "| high | >= 90 | deny |")
    #expect(open.findings().filter { $0.severity != .info }.isEmpty)
    let closed = try Self.table(
      "hitPolicy: COLLECT\ndefault:\n  verdict: review", Self.header[0], Self.header[1],
      "| rest | - | allow |")
    #expect(
      closed.findings().filter { $0.kind == .masked }.map(\.message) == [
        "the default never applies: some rule matches every input"
      ])
  }

  @Test func `a rule that says what the default says is not needed`() throws {
    let table = try Self.table(
      "hitPolicy: FIRST\ndefault:\n  verdict: allow", Self.header[0], Self.header[1],
      "| high | >= 90 | deny |", "| low | < 50 | allow |")
    let finding = try #require(table.findings().first { $0.kind == .redundant })
    #expect(finding.rules.map(\.name) == ["low"])
  }

  @Test func `a policy that promises more is advised where it decides the same`() throws {
    func advice(_ policy: String, _ rows: String...) throws -> [String] {
      let table = try Self.table(
        "hitPolicy: \(policy)", ([Self.header[0], Self.header[1]] + rows).joined(separator: "\n"))
      return table.findings().filter { $0.kind == .hitPolicy }.map(\.message)
    }
    let unique = ["no two rules overlap, so `hitPolicy: UNIQUE` decides the same, and keeps it so"]
    #expect(try advice("FIRST", "| a | >= 90 | deny |", "| b | < 90 | allow |") == unique)
    #expect(try advice("ANY", "| a | >= 90 | deny |", "| b | < 90 | allow |") == unique)
    #expect(try advice("UNIQUE", "| a | >= 90 | deny |", "| b | < 90 | allow |") == [])
    #expect(
      try advice("FIRST", "| a | >= 90 | deny |", "| b | >= 80 | deny |", "| c | < 50 | allow |") == [
        "rules that overlap answer the same, so `hitPolicy: ANY` decides the same, and keeps it so"
      ])
    #expect(try advice("ANY", "| a | >= 90 | deny |", "| b | >= 80 | deny |") == [])
    #expect(try advice("FIRST", "| a | >= 90 | deny |", "| b | >= 80 | mfa |") == [])
  }

  @Test func `a column that nothing needs is told, and rules of an ANY table that are the same`() throws {
    let idle = try Self.table(
      "hitPolicy: FIRST", "| rule | akamaiUserRisk.score | request.path | verdict |", "|---|---|---|---|",
      "| a | >= 90 | - | deny |", "| b | - | - | allow |")
    #expect(
      idle.findings().filter { $0.kind == .secondNormalForm }.map(\.message) == [
        "every cell of `request.path` is `-`; remove the column"
      ])
    let moot = try Self.table(
      "hitPolicy: FIRST", "| rule | akamaiUserRisk.score | request.path | verdict |", "|---|---|---|---|",
      "| a | >= 90 | \"/x\" | deny |", "| b | >= 90 | - | deny |", "| c | - | - | allow |")
    #expect(
      moot.findings().filter { $0.kind == .secondNormalForm }.map(\.message) == [
        "no decision depends on `request.path`; remove the column"
      ])
    let twice = try Self.table(
      "hitPolicy: ANY", Self.header[0], Self.header[1], "| a | >= 90 | deny |", "| b | >= 90 | deny |",
      "| c | < 90 | allow |")
    #expect(
      twice.findings().filter { $0.kind == .firstNormalForm }.map(\.message) == [
        "rule `b` (line 10) and rule `a` (line 9) are the same; remove one"
      ])
  }

  @Test func `equal rules of COLLECT answer twice`() throws {
    let table = try Self.table(
      "hitPolicy: COLLECT", Self.header[0], Self.header[1], "| a | >= 90 | deny |",
      "| b | >= 90 | deny |", "| rest | - | allow |")
    let finding = try #require(table.findings().first { $0.kind == .firstNormalForm })
    #expect(finding.message.contains("are the same, and both answer; remove one if"))
  }

  private static func rollout(_ mode: String) throws -> Table {
    try table(
      "hitPolicy: FIRST", "| rule | akamaiUserRisk.score | verdict | mode |", "|---|---|---|---|",
      "| high | >= 90 | deny | \(mode) |", "| higher | >= 95 | mfa | |", "| rest | - | allow | |")
  }

  @Test func `a rule behind a canary has the rest of the traffic`() throws {
    let findings = try Self.rollout("canary 5%").findings()
    #expect(!findings.contains { $0.kind == .masked })
    let finding = try #require(findings.first { $0.kind == .partial })
    #expect(
      finding.message == "rule `higher` (line 10) decides only the traffic that rule `high` (line 9,"
        + " canary 5%) leaves to it")
  }

  @Test func `a canary leaves nothing to a later one of no more of the same users`() throws {
    func masked(_ first: String, _ second: String, _ score: String = ">= 75") throws -> [String] {
      try Self.table(
        "hitPolicy: FIRST", "| rule | akamaiUserRisk.score | verdict | mode |", "|---|---|---|---|",
        "| e | >= 70 | review | \(first) |", "| f | \(score) | mfa | \(second) |", "| g | - | allow | |"
      ).findings().filter { $0.kind == .masked && $0.severity == .warning }.map(\.message)
    }
    #expect(
      try masked("canary 10%", "canary 10%") == [
        "rule `f` (line 10, canary 10%) can never fire: rule `e` (line 9, canary 10%) matches all that it"
          + " does, for the same users; move it up or remove it"
      ])
    #expect(try masked("canary 10%", "canary 5%").count == 1)
    #expect(try masked("canary 10% by session.id", "canary 5% by session.id").count == 1)
    for (first, second) in [
      ("canary 10%", "canary 11%"), ("canary 10%", "enforce"), ("canary 10%", "audit"),
      ("audit", "canary 10%"), ("canary 10%", "canary 10% by session.id"),
    ] {
      #expect(try masked(first, second) == [], "\(first), \(second)")
    }
    #expect(try masked("canary 10%", "canary 10%", ">= 60") == [])
  }

  @Test func `a rule that is audited or off hides nothing`() throws {
    #expect(try Self.rollout("enforce").findings().contains { $0.kind == .masked })
    for mode in ["audit", "off"] {
      let kinds = try Self.rollout(mode).findings().map(\.kind)
      #expect(!kinds.contains(.masked) && !kinds.contains(.partial), "\(mode)")
    }
  }

  @Test func `inputs that only a canary matches are decided for a part of the traffic`() throws {
    let table = try Self.table(
      "hitPolicy: FIRST", "| rule | akamaiUserRisk.score | verdict | mode |", "|---|---|---|---|",
      "| high | >= 90 | deny | canary 5% |",
      "| low | < 90, absent, invalid, unverified | allow | |")
    let finding = try #require(table.findings().first { $0.kind == .partial })
    #expect(finding.severity == .warning)
    #expect(finding.regions.map(\.cells) == [[">= 90"]])
    #expect(!table.findings().contains { $0.kind == .gap })
  }

  @Test func `rules of UNIQUE that are off overlap nothing`() throws {
    let rows = ["| high | >= 90 | deny | off |", "| higher | >= 95 | mfa | |"]
    let table = try Self.table(
      "hitPolicy: UNIQUE", "| rule | akamaiUserRisk.score | verdict | mode |", "|---|---|---|---|",
      rows[0], rows[1])
    #expect(table.overlapErrors().isEmpty)
  }

  @Test func `examples are proposed for the default and for lists of values`() throws {
    let text = """
      ---
      trigger: a
      mode: enforce
      hitPolicy: COLLECT
      outputs:
        claim.n: number
      default:
        verdict: review
      ---
      ## Rules
      | rule | akamaiUserRisk.score | verdict | claim.n |
      |------|----------------------|---------|---------|
      | a    | >= 90                | deny    | 1       |
      | b    | >= 80                | mfa     | 2.5     |

      ## Examples
      | example | akamaiUserRisk.score | verdict | rule | claim.n |
      |---------|----------------------|---------|------|---------|
      | one     | 85                   | mfa     | b    | 2.5     |

      """
    for (policy, both) in [("COLLECT", "\"1\", \"2.5\""), ("COLLECT SUM", "3.5")] {
      let source = text.split(separator: "COLLECT").joined(separator: policy)
      let table = try #require(TableReader.read(source, file: "t.table.md").table)
      let rows = try ExampleProposal(table, source: source).rows
      #expect(rows.contains(["a", "90", "deny", "a", both]))
      #expect(rows.contains { $0[2] == "review" && $0[3] == "default" && $0[4] == "-" })
      let missing = try Coverage(table).missing
      #expect(missing.contains { $0.kind == .rule && $0.rule.number == 0 })
    }
  }

  /// With a default and without: where no rule matches there is nothing to sum up.
  @Test(arguments: HitPolicy.allCases, [false, true])
  func `proposed examples pass, whatever the policy`(policy: HitPolicy, hasDefault: Bool) throws {
    let isPrioritized = [.priority, .outputOrder].contains(policy)
    let source = """
      ---
      trigger: a
      mode: enforce
      hitPolicy: \(policy.rawValue)
      outputs:
        claim.n: number
      \(isPrioritized ? "values:\n  claim.n: 2, 1, 7\n" : "")\(hasDefault ? "default:\n  verdict: review\n  claim.n: 7\n" : "")---
      ## Rules
      | akamaiUserRisk.score | request.country | verdict | claim.n |
      |----------------------|-----------------|---------|---------|
      | >= 90                | -               | mfa     | 1       |
      | [40..80)             | "se"            | mfa     | 2       |

      """
    let table = try #require(TableReader.read(source, file: "t.table.md").table)
    let proposal = try ExampleProposal(table, source: source)
    let hasExpected = proposal.rows.contains { $0.contains(hasDefault ? "review" : "mfa") }
    #expect(hasExpected, "\(proposal.rows)")
    let rows = proposal.description.split(separator: "\n").filter { $0.hasPrefix("|") }
    let text = source + "\n## Examples\n\n" + rows.joined(separator: "\n") + "\n"
    let (pasted, diagnostics) = TableReader.read(text, file: "t.table.md")
    let whole = try #require(pasted, "\(diagnostics)")
    let results = try ExampleRunner.run(whole)
    #expect(results.count == proposal.rows.count)
    for result in results { #expect(result.passed, "\(result), \(text)") }
  }

  @Test func `examples of a CSV table are proposed as lines of it`() throws {
    let source = """
      # trigger: a
      # hitPolicy: FIRST
      # mode: enforce
      rule,request.country,akamaiUserRisk.score,verdict
      high,"not(""SE"", ""FI"")",>= 90,deny
      rest,-,-,allow
      ## Examples
      example,request.country,akamaiUserRisk.score,verdict
      one,SE,10,allow

      """
    let read = { (text: String) in
      let (table, diagnostics) = TableReader.read(text, file: "t.table.csv")
      return try #require(table, "\(diagnostics)")
    }
    let proposal = try ExampleProposal(try read(source), source: source)
    #expect(!proposal.isWholeTable && !proposal.rows.isEmpty)
    let lines = proposal.description.split(separator: "\n").dropFirst()
    let pasted = try read(source + lines.joined(separator: "\n") + "\n")
    #expect(pasted.examples.count == 1 + proposal.rows.count)
    #expect(try ExampleRunner.run(pasted).allSatisfy(\.passed))
    #expect(try ExampleProposal(pasted, source: source).rows.isEmpty)
  }

  @Test func `rules that differ in one number are joined, 32 at a time`() throws {
    let rows = (0..<200).map { "| \($0 % 100) | \($0 < 100 ? "true" : "false") | mfa |" }
    let text =
      "---\ntrigger: a\nhitPolicy: UNIQUE\nmode: off\n---\n## Rules\n"
      + "| akamaiUserRisk.score | session.mfaRequired | verdict |\n|---|---|---|\n"
      + rows.joined(separator: "\n")
    let table = try #require(TableReader.read(text, file: "t.table.md").table)
    let found = table.findings().filter { $0.kind == .contractible }
    #expect(found.contains { $0.rules.count == 32 && $0.message.contains("`<= 31`") })
    var analyser = Analyser(table, Budget(stepCountMax: 1))
    #expect(analyser.run { _ in }.contains { $0.message.contains("which rules could be one by") })
  }
}
