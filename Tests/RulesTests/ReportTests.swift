import Foundation
import RulesOracle
import Signals
import Testing
import Wire

@testable import Rules

/// What analysis and comparison say, as text and as JSON.
@Suite struct ReportTests {
  private static func table(
    front: String = "", policy: String = "FIRST", order: Int = 0, _ rows: String...
  ) throws -> Table {
    let columns = rows[0].filter { $0 == "|" }.count - 1
    let dashes = "|" + String(repeating: "---|", count: columns)
    let text =
      "---\ntrigger: post-login\norder: \(order)\nhitPolicy: \(policy)\nmode: enforce\n\(front)---\n"
      + "## Rules\n" + ([rows[0], dashes] + rows.dropFirst()).joined(separator: "\n") + "\n"
    let (table, diagnostics) = TableReader.read(text, file: "t\(order).table.md")
    return try #require(table, "\(diagnostics)")
  }

  private static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  private static func many(_ prefix: String) -> String {
    (0..<40).map { "\"\(prefix)\($0)\"" }.joined(separator: ", ")
  }

  private static let lists = "signals:\n  s.a: list\n  s.b: list\n"

  @Test func `a difference names the rules, the outputs that changed, and where no rule was`() throws {
    let before = try Self.table(
      "| akamaiUserRisk.score | verdict | reason |", "| <= 19 | mfa | a |", "| [20..39] | mfa | a |",
      "| [40..59] | mfa | a |", "| >= 60 | mfa | a |")
    let after = try Self.table(
      "| rule | akamaiUserRisk.score | verdict | reason |", "| all | - | mfa | b |")
    let text = TableDifference(before, after).description
    #expect(text.contains(#"| mfa (rule 1, rule 2, rule 3, …) reason="a" |"#), "\(text)")
    #expect(text.contains(#"| mfa (all) reason="b" "#), "\(text)")
    let states = text.split(separator: "\n").first { $0.contains("| absent, invalid, unverified ") }
    #expect(states?.contains("| no rule ") == true, "\(text)")
    #expect(text.contains("2 regions decided differently"))
    #expect(text.contains(#"--input '{"akamaiUserRisk.score":null}'"#), "\(text)")
    #expect(TableDifference(before, before).description == "post-login / t0: decides the same")
    #expect(TableDifference(nil, after).description == "post-login / t0: the table is new")
    let chains = TableDifference(chains: [before], [after])
    #expect(chains.description.hasPrefix("post-login / the whole chain: "), "\(chains)")
  }

  @Test func `a difference that was not decided to its end says so`() throws {
    let rows = (0..<60).map { "| \($0) | \"p\($0)\" | \($0 % 2 == 0 ? "mfa" : "deny") |" }
    func table(_ last: String) throws -> Table {
      let text =
        "---\ntrigger: post-login\nhitPolicy: FIRST\nmode: enforce\n---\n## Rules\n"
        + "| akamaiUserRisk.score | request.path | verdict |\n|---|---|---|\n"
        + (rows + ["| - | - | \(last) |"]).joined(separator: "\n") + "\n"
      return try #require(TableReader.read(text, file: "t0.table.md").table)
    }
    let difference = TableDifference(
      try table("allow"), try table("review"), budget: Budget(stepCountMax: 20))
    #expect(!difference.isComplete && !difference.isEqual)
    #expect(difference.isUndecided)
    #expect(
      difference.description
        == "post-login / t0: not decided within --steps: no input is found that is decided differently")
  }

  @Test func `a question that takes more than a sixteenth of the steps has all that is left`() throws {
    var random = SeededGenerator(seed: 1)
    let names = (0..<10).map { "s.n\($0)" }
    let rows = (0..<40).map { _ in
      let cells = names.map { _ in
        let low = Int.random(in: 0...60, using: &random)
        return Int.random(in: 0..<10, using: &random) < 4 ? "-" : "[\(low)..\(low + 40)]"
      }
      return "| \(cells.joined(separator: " | ")) | deny |"
    }
    func table(_ last: String) throws -> Table {
      let front = names.map { "  \($0): number" }.joined(separator: "\n")
      let dashes = Array(repeating: "-", count: names.count).joined(separator: " | ")
      let text =
        "---\ntrigger: post-login\nhitPolicy: FIRST\nmode: enforce\nsignals:\n\(front)\n---\n## Rules\n"
        + "| \(names.joined(separator: " | ")) | verdict |\n|\(String(repeating: "---|", count: names.count + 1))\n"
        + (rows + ["| \(dashes) | \(last) |"]).joined(separator: "\n") + "\n"
      return try #require(TableReader.read(text, file: "t0.table.md").table)
    }
    let versions = [try table("allow"), try table("review")]
    let rules = RuleBoxes(versions)
    let split = versions[0].rules.count
    let sides = [rules.boxes[..<split], rules.boxes[split...]].map(Array.init)
    let outcomes = versions.map { version in version.rules.compactMap { version.outcome(of: [$0]) } }
    let hasGoneOn = (6...24).contains { (power: Int) -> Bool in
      var budget = Budget(stepCountMax: 1 << power)
      var difference = Difference(
        rules.space,
        .init(boxes: sides[0], outcomes: outcomes[0]), .init(boxes: sides[1], outcomes: outcomes[1]), &budget)
      let count = difference.parts.count
      difference.goOn(&budget)
      return difference.parts.count > count
    }
    #expect(hasGoneOn)
  }

  @Test func `rules with too many combinations are not compared, and named`() throws {
    let plain = try Self.table(front: Self.lists, "| s.a | s.b | verdict |", "| - | - | mfa |")
    let wide = try Self.table(
      front: Self.lists, "| s.a | s.b | verdict |", "| \(Self.many("a")) | \(Self.many("b")) | mfa |")
    let problem = "rule 1 (line 13) has more than 1024 combinations of list members; split it"
    #expect(TableDifference(plain, wide).problem == problem)
    #expect(TableDifference(plain, wide).description == "post-login / t0: \(problem)")
    #expect(TableDifference(chains: [plain], [wide]).problem == problem)
    let findings = TableSet([wide, try Self.table(order: 1, "| verdict |", "| mfa |")]).findings()
    let messages = findings.filter { $0.kind == .notDecided }.map(\.message)
    #expect(messages.contains { $0.hasPrefix("not decided of the chain: a rule") }, "\(messages)")
  }

  @Test func `signals of two types in two chains are named with their files`() throws {
    let first = try Self.table(front: "signals:\n  s.a: number\n", "| s.a | verdict |", "| 1 | mfa |")
    let second = try Self.table(
      front: "signals:\n  s.a: string\n", order: 1, "| s.a | verdict |", "| \"x\" | mfa |")
    let problem = TableDifference(chains: [first], [second]).problem
    #expect(
      problem == "`s.a` is of type number in `t0.table.md` and of type string in `t1.table.md`;"
        + " compare tables whose signals agree")
  }

  @Test func `reports are JSON with the names that people see`() throws {
    let front = "signals:\n  s.tags: list\n"
    let before = try Self.table(
      front: front,
      "| rule | s.tags | akamaiUserRisk.standing | session.mfaRequired | request.ip | verdict |",
      "| r | \"a\" | noProfile | true | 10.0.0.0/8 | mfa |")
    var after = before
    after.rules[0].verdict = .deny
    let difference = TableDifference(before, after)
    let json = try Self.json(difference)
    #expect(
      json.contains(
        #""input":{"akamaiUserRisk.standing":"noProfile","request.ip":"10.0.0.0","s.tags":["a"],"#
          + #""session.mfaRequired":true}"#), "\(json)")
    let region = #""region":{"akamaiUserRisk.standing":"noProfile","request.ip":"10.0.0.0/8","#
    #expect(json.contains(region), "\(json)")
    #expect(json.contains(#""verdict":"deny""#) && json.contains(#""table":"t0""#), "\(json)")

    let states = try Self.table("| akamaiUserRisk.score | verdict |", "| not(invalid) | mfa |")
    let gap = try #require(states.findings().first { $0.message.contains("invalid") })
    #expect(try Self.json(gap).contains(#""input":{"akamaiUserRisk.score":{"state":"invalid"}}"#))
    #expect(gap.diagnostic?.severity == .warning && gap.diagnostic?.message == gap.message)
    let count = try Self.json(Coverage.Count(touched: 2, total: 3))
    #expect(count == #"{"percent":66,"total":3,"touched":2}"#)
    #expect(Coverage.Count(touched: 0, total: 0).percent == 100)
  }

  @Test func `a chain that cannot be decided within its steps says of what`() throws {
    let rows = { (verdict: String) in
      (0..<30).map { "| \($0) | \"p\($0)\" | \(verdict) |" }
    }
    func table(_ order: Int, _ verdict: String) throws -> Table {
      let text =
        "---\ntrigger: post-login\norder: \(order)\nhitPolicy: FIRST\nmode: enforce\n---\n## Rules\n"
        + "| akamaiUserRisk.score | request.path | verdict |\n|---|---|---|\n"
        + rows(verdict).joined(separator: "\n") + "\n"
      return try #require(TableReader.read(text, file: "t\(order).table.md").table)
    }
    let set = TableSet([try table(0, "deny"), try table(1, "mfa")])
    let findings = set.findings(budget: Budget(stepCountMax: 10))
    let finding = try #require(
      findings.last { $0.kind == .notDecided && $0.message.contains("of the chain within") })
    #expect(finding.message.hasPrefix("not decided of the chain within 10 steps: whether rule 1 "))
    #expect(finding.message.hasSuffix(" more; raise --steps"), "\(finding.message)")
    #expect(finding.severity == .info && finding.diagnostic == nil)
  }

  @Test func `where all rules answer those that stop come first, the default last`() throws {
    // Rule 2 allows what rule 1 denies as well: the strongest verdict counts.
    let collect = try Self.table(
      front: "values:\n  verdict: revoke, deny, review, mfa, allow\n", policy: "OUTPUT ORDER", "| rule | akamaiUserRisk.score | verdict |", "| calm | >= 80 | allow |",
      "| high | >= 90 | deny |")
    let later = try Self.table(
      order: 1, "| rule | akamaiUserRisk.score | verdict |", "| top | >= 95 | mfa |",
      "| rest | - | allow |")
    let findings = TableSet([collect, later]).findings().filter { $0.kind == .unreachable }
    #expect(findings.map { $0.rules.map(\.name) } == [["top", "high"]])
    // FIRST lets `calm` through.
    var first = collect
    first.hitPolicy = .first
    let none = TableSet([first, later]).findings().filter { $0.kind == .unreachable }
    #expect(none.isEmpty)
  }

  // MARK: Sets of texts and addresses

  /// The cells of the regions in which two last rules make two versions differ.
  private static func regions(
    _ input: String, a: String, b: String, before: [(String, String)], after: [(String, String)]
  ) throws -> [String] {
    func source(_ rules: [(String, String)]) -> String {
      "---\ntrigger: post-login\nhitPolicy: FIRST\nmode: enforce\nlists:\n  a: a.txt\n  b: b.txt\n---\n"
        + "## Rules\n| \(input) | verdict |\n|---|---|\n" + rules.map { "| \($0.0) | \($0.1) |\n" }.joined()
    }
    return try withTables([
      "x.table.md": source(before), "y.table.md": source(after), "a.txt": a, "b.txt": b,
    ]) { directory in
      let tables = try ["x.table.md", "y.table.md"].map { name in
        let file = directory.appendingPathComponent(name).path
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
        let (table, diagnostics) = TableReader.read(bytes, file: file)
        return try #require(table, "\(diagnostics)")
      }
      let difference = TableDifference(tables[0], tables[1])
      #expect(difference.isComplete)
      return difference.changes.flatMap(\.region.cells)
    }
  }

  @Test func `what no one cell says of texts is said by several`() throws {
    let words = (a: "x\ny\n", b: "y\nz\n")
    func regions(_ before: [(String, String)], _ after: [(String, String)]) throws -> [String] {
      try Self.regions("user.id", a: words.a, b: words.b, before: before, after: after)
    }
    let onlyA = try regions(
      [("in b", "mfa"), ("in a", "deny"), ("-", "mfa")], [("in b", "mfa"), ("-", "mfa")])
    #expect(onlyA == ["in a and not(in b)"])
    let allButThat = try regions(
      [("in b", "mfa"), ("in a", "deny"), ("-", "mfa")],
      [("in b", "review"), ("in a", "deny"), ("-", "review")])
    #expect(allButThat == ["in b or not(in b, in a) or absent, invalid, unverified"])
    let named = try regions(
      [("\"y\"", "mfa"), ("in a", "allow"), ("-", "deny")],
      [("\"y\"", "deny"), ("in a", "allow"), ("-", "deny")])
    #expect(named == ["\"y\""])
    let both = try regions(
      [("not(in a)", "mfa"), ("not(in b)", "mfa"), ("in a", "deny"), ("-", "mfa")],
      [("not(in a)", "mfa"), ("not(in b)", "mfa"), ("-", "mfa")])
    #expect(both == ["in a and in b"])
  }

  @Test func `what no one cell says of addresses is said by several`() throws {
    let nets = (a: "2001:db8::/32\nf000::/16\n", b: "2001:db8:1::/48\nf000:1::/32\n")
    func regions(_ before: [(String, String)], _ after: [(String, String)]) throws -> [String] {
      try Self.regions("request.ip", a: nets.a, b: nets.b, before: before, after: after)
    }
    let onlyA = try regions(
      [("in b", "mfa"), ("in a", "deny"), ("-", "mfa")], [("in b", "mfa"), ("-", "mfa")])
    #expect(onlyA == ["in a and not(in b)"])
    let ofOneHalf = try regions(
      [("in b", "mfa"), ("8000::/1", "allow"), ("in a", "deny"), ("-", "mfa")],
      [("in b", "mfa"), ("8000::/1", "allow"), ("in a", "review"), ("-", "mfa")])
    #expect(ofOneHalf == ["::/1 and in a and not(in b)"])
  }
}
