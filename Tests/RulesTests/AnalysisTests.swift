import Foundation
import RulesOracle
import Signals
import Testing
import Wire

@testable import Rules

@Suite struct AnalysisTests {
  private static func table(_ hitPolicy: String, _ rows: String...) throws -> Table {
    let text =
      "---\ntrigger: post-login\nhitPolicy: \(hitPolicy)\nmode: enforce\n---\n## Rules\n"
      + rows.joined(separator: "\n") + "\n## Examples\n| verdict |\n|---|\n| none |\n"
    let (table, diagnostics) = TableReader.read(text, file: "t.table.md")
    return try #require(table, "\(diagnostics)")
  }

  @Test func `a finding is a line, its regions as a table, and an input`() throws {
    let table = try Self.table(
      "FIRST", "| akamaiUserRisk.score | session.mfaRequired | verdict |", "|---|---|---|",
      "| >= 90 | - | mfa |", "| < 50 | - | allow |", "| - | false | allow |",
      "| absent, invalid, unverified | - | mfa |")
    let findings = table.findings().filter { $0.severity != .info }
    #expect(
      findings.map(\.description) == [
        """
        t.table.md:6:1: warning: no rule matches `akamaiUserRisk.score` 50, `session.mfaRequired` \
        true; add a rule for it, or a last rule of `-`
            | akamaiUserRisk.score | session.mfaRequired |
            |----------------------|---------------------|
            | [50..89]             | true                |
            for example --input '{"akamaiUserRisk.score":50,"session.mfaRequired":true}'
        """,
        """
        t.table.md:6:1: warning: not every input with `session.mfaRequired` \
        absent/invalid/unverified is decided; add a rule for them, or a last rule of `-`
            | akamaiUserRisk.score | session.mfaRequired         |
            |----------------------|-----------------------------|
            | [50..89]             | absent, invalid, unverified |
            for example --input '{"akamaiUserRisk.score":50,"session.mfaRequired":null}'
        """,
      ])
  }

  @Test func `a finding as JSON has kind, severity, rules, regions, input and example`() throws {
    let table = try Self.table(
      "FIRST", "| rule | akamaiUserRisk.score | request.ip | verdict |", "|---|---|---|---|",
      "| all | - | - | mfa |", "| late | >= 90 | 10.0.0.0/8 | deny |")
    let finding = try #require(table.findings().first { $0.kind == .masked })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let json = String(decoding: try encoder.encode(finding), as: UTF8.self)
    #expect(
      json == #"""
        {"column":1,"complete":true,\#
        "example":{"akamaiUserRisk.score":"90","request.ip":"10.0.0.0"},\#
        "file":"t.table.md",\#
        "input":{"akamaiUserRisk.score":90,"request.ip":"10.0.0.0"},\#
        "kind":"masked","line":10,\#
        "message":"rule `late` (line 10) can never fire: rule `all` (line 9) matches all that it \#
        does; move it up or remove it",\#
        "regions":[{"akamaiUserRisk.score":">= 90","request.ip":"10.0.0.0/8"}],\#
        "rules":[{"file":"t.table.md","line":10,"name":"late","number":2},\#
        {"file":"t.table.md","line":9,"name":"all","number":1}],"severity":"warning"}
        """#)
  }

  @Test func `columns that no decision needs are found`() throws {
    let table = try Self.table(
      "FIRST",
      "| akamaiUserRisk.score | session.mfaRequired | request.path | authentication.methods | verdict |",
      "|---|---|---|---|---|", "| >= 90 | true | - | \"mfa\" | deny |",
      "| >= 90 | false, absent, invalid, unverified | - | - | deny |",
      "| >= 90 | true | - | not(\"mfa\") | deny |",
      "| >= 90 | true | - | absent, invalid, unverified | deny |", "| - | - | - | - | allow |")
    #expect(
      table.findings().filter { $0.kind == .secondNormalForm }.map(\.message) == [
        "no decision depends on `session.mfaRequired`; remove the column",
        "every cell of `request.path` is `-`; remove the column",
        "no decision depends on `authentication.methods`; remove the column",
      ])
  }

  @Test func `a rule of a UNIQUE table with too many combinations of members is refused`() throws {
    let many = { (prefix: String) in (0..<40).map { "\"\(prefix)\($0)\"" }.joined(separator: ", ") }
    let text =
      "---\ntrigger: a\nhitPolicy: UNIQUE\nmode: off\nsignals:\n  s.a: list\n  s.b: list\n---\n"
      + "## Rules\n| s.a | s.b | verdict |\n|---|---|---|\n| \(many("a")) | \(many("b")) | mfa |\n"
    var table = try #require(TableReader.read(text, file: "t.table.md").table)
    #expect(
      table.overlapErrors().map(\.message) == [
        "rule 1 (line 12) has more than 1024 combinations of list members; split it, or set"
          + " `hitPolicy: FIRST`"
      ])
    table.hitPolicy = .first
    #expect(table.overlapErrors().isEmpty)
    let findings = table.findings()
    #expect(findings.first { $0.kind == .notDecided }?.message.contains("gaps; anything of rule 1") == true)
    #expect(!findings.contains { $0.kind == .gap || $0.kind == .undecidedState }, "the rule may match what is left")
  }

  @Test func `a thousand rules of twelve columns are decided within the budget`() throws {
    var analyser = Analyser(Self.large(ruleCount: 1000, seed: 1), Budget())
    let findings = analyser.run { _ in }
    #expect(!findings.contains { $0.kind == .notDecided })
    #expect(findings.contains { $0.kind == .misleading })
    // Steps, not time: they are the same on every machine.
    #expect(analyser.budget.stepCount < Budget.stepCountDefault / 2)
  }

  @Test func `work beyond the budget ends in a finding that says what was not decided`() throws {
    let table = Self.large(ruleCount: 300, seed: 9)
    var analyser = Analyser(table, Budget(stepCountMax: 2000))
    let findings = analyser.run { _ in }
    let notDecided = try #require(findings.first { $0.kind == .notDecided })
    #expect(notDecided.message.hasPrefix("not decided within 2000 steps: "))
    #expect(notDecided.severity == .info)
    // What is said in spite of it is true.
    for finding in findings where finding.kind == .masked {
      let rule = finding.rules[0].number - 1
      guard let input = finding.input else { continue }
      #expect(table.deciding(input.values) != [rule])
    }
  }

  /// Open cells make every rule touch every other, the worst there is. With `POSTERN_THOROUGH=1` the
  /// budget is the one of `postern check`.
  @Test func `a thousand rules of wide cells take no more steps than allowed, and the same each time`()
    throws
  {
    let isThorough = ProcessInfo.processInfo.environment["POSTERN_THOROUGH"] == "1"
    let limit = isThorough ? Budget.stepCountDefault : 1_000_000
    let table = Self.wide(ruleCount: 1000, seed: 5)
    var counts: [Int] = []
    for _ in 0..<2 {
      var analyser = Analyser(table, Budget(stepCountMax: limit))
      let findings = analyser.run { _ in }
      counts.append(analyser.budget.stepCount)
      let notDecided = findings.filter { $0.kind == .notDecided }
      #expect(notDecided.count == 1, "one finding names all questions")
      #expect(notDecided.first?.message.hasPrefix("not decided within \(limit) steps: ") == true)
      let json = try JSONEncoder().encode(notDecided)
      #expect(String(decoding: json, as: UTF8.self).contains(#""kind":"notDecided""#))
    }
    #expect(counts[0] == counts[1])
    // A question that is refused because nothing is left counts what it would have begun with.
    #expect(counts[0] < limit + 1000 * 6 * 3 * 1000)
  }

  @Test func `UNIQUE rules of several blocks are compared across them`() throws {
    let count = 2 * PairBlock.ruleCountMax + 10
    var table = Self.ladder(count)
    #expect(table.overlapErrors().isEmpty)
    // The last rule takes a number of the first one's.
    table.rules[count - 1].cells[0] = UnaryTests(
      states: [], values: .anyOf([.number(NumberInterval(0.5))]))
    var budget = Budget(stepCountMax: .max)
    let overlap = try #require(table.overlapFindings(&budget).findings.first)
    #expect(overlap.rules.map(\.number) == [count, 1])
  }

  /// Disjoint steps of one number.
  private static func ladder(_ count: Int) -> Table {
    let signal = Signal.custom("s", .number)
    let rules = (0..<count).map { index in
      let step = NumberInterval(
        lower: Double(index), includesLower: true, upper: Double(index + 1))
      return Rule(
        number: index + 1, cells: [UnaryTests(states: [], values: .anyOf([.number(step)]))],
        verdict: .mfa)
    }
    return Table(
      file: "t", name: "t", trigger: "a", hitPolicy: .unique, mode: .off, version: 1,
      inputs: [signal], rules: rules)
  }

  /// Twelve columns of five types, two fifths of the cells `-`, and a last rule of `-`.
  private static func large(ruleCount: Int, seed: UInt64) -> Table {
    var random = SeededGenerator(seed: seed)
    let types: [SignalType] = [.number, .string, .boolean, .list, .address, .number]
    let signals = (0..<12).map { Signal.custom("s\($0)", types[$0 % types.count]) }
    var rules = (1..<ruleCount).map { number in
      Rule(
        number: number,
        cells: signals.map { random.chance(40) ? .any : cell($0.type, using: &random) },
        verdict: random.pick(Verdict.allCases))
    }
    rules.append(Rule(number: ruleCount, cells: signals.map { _ in .any }, verdict: .allow))
    return Table(
      file: "t", name: "t", trigger: "a", hitPolicy: .first, mode: .off, version: 1,
      inputs: signals, rules: rules)
  }

  /// Twelve number columns of half-open intervals, a quarter of the cells `-`.
  private static func wide(ruleCount: Int, seed: UInt64) -> Table {
    var random = SeededGenerator(seed: seed)
    let signals = (0..<12).map { Signal.custom("s\($0)", .number) }
    let rules = (1...ruleCount).map { number in
      Rule(
        number: number,
        cells: signals.map { _ in
          if random.chance(25) { return .any }
          let bound = Double(random.below(50))
          let interval =
            random.chance(50)
            ? NumberInterval(lower: bound, includesLower: true, upper: .infinity)
            : NumberInterval(lower: -.infinity, includesLower: false, upper: bound)
          return UnaryTests(states: [], values: .anyOf([.number(interval)]))
        },
        verdict: random.pick(Verdict.allCases))
    }
    return Table(
      file: "t", name: "t", trigger: "a", hitPolicy: .first, mode: .off, version: 1,
      inputs: signals, rules: rules)
  }

  private static func cell(_ type: SignalType, using random: inout SeededGenerator) -> UnaryTests {
    let tests: [UnaryTest]
    switch type {
    case .number:
      let lower = Double(random.below(1000))
      let upper = random.chance(50) ? .infinity : lower + Double(1 + random.below(200))
      tests = [.number(NumberInterval(lower: lower, includesLower: true, upper: upper))]
    case .boolean: tests = [.boolean(random.chance(50))]
    case .address:
      let start = RandomVocabulary.mapped(10, UInt128(random.below(20)), 0, 0)
      tests = [.addresses(start...(start + 0xFFFF))]
    default:
      tests = (0...random.below(2)).map { _ in .text(ExactText("v\(random.below(40))")) }
    }
    return UnaryTests(
      states: random.chance(20) ? [.absent] : [],
      values: type == .list && random.chance(30) ? .noneOf(tests) : .anyOf(tests))
  }
}
