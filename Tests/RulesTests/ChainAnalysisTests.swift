import RulesOracle
import Signals
import Testing
import Wire

@testable import Rules

/// What is said of a chain is what running the interpreter on every input shows.
@Suite struct ChainAnalysisTests {
  @Test(arguments: 0..<4)
  func `unreachable rules and undecided inputs are those that trying finds`(part: Int) throws {
    var seed = 0xC4A1_0000 + UInt64(part) * 1_000_000
    var count = 0
    while count < 60 {
      seed += 1
      var random = SeededGenerator(seed: seed)
      let signals = Array(
        RandomVocabulary.signals.shuffled(using: &random).prefix(1 + random.below(2)))
      let tables = (0...(1 + random.below(2))).map { order in
        var table = Table.random(
          .first, signals: signals, ruleCount: 1 + random.below(3), using: &random)
        table.name = "t\(order)"
        table.file = "\(table.name).table.md"
        table.order = order
        table.mode = random.pick([.enforce, .enforce, .enforce, .audit, .off])
        for rule in table.rules.indices {
          table.rules[rule].verdict = random.pick([.allow, .mfa, .deny, .revoke])
        }
        table.hitPolicy = random.pick([.first, .first, .priority, .collect, .outputOrder])
        if table.hitPolicy.isByPriority { table.verdictValues = Verdict.allCases.reversed() }
        if random.chance(15) {
          table.defaultRule = Rule(
            name: Rule.defaultName, number: 0, cells: signals.map { _ in .any },
            verdict: random.pick([.allow, .deny]))
        }
        if random.chance(15) { table.shadow = .ofChain }
        return table
      }
      let ordered = tables.map(Self.inOrder)
      var union = tables[0]
      union.rules = tables.flatMap(\.rules)
      guard let brute = BruteForce(union) else { continue }
      count += 1
      let findings = TableSet(tables).findings()
      let unreachable = Set(
        findings.filter { $0.kind == .unreachable }.map { "\($0.file) \($0.rules[0].number)" })
      let expected = Self.unreachable(ordered, brute.inputs)
      #expect(unreachable == expected, "seed \(seed): \(tables.map { $0.rules })")

      let enforced = ordered.filter { $0.mode == .enforce && $0.shadow == nil }
      let undecided = brute.inputs.filter { input in
        enforced.allSatisfy { $0.deciding(input).isEmpty }
      }
      let finding = findings.first { $0.kind == .undecidedByChain }
      if enforced.count > 1 {
        #expect((finding != nil) == !undecided.isEmpty, "seed \(seed)")
      } else {
        #expect(finding == nil, "seed \(seed)")
      }
      guard let finding else { continue }
      for input in brute.inputs {
        let isNamed = try finding.regions.contains { try $0.contains(input, of: signals) }
        if finding.isComplete {
          #expect(isNamed == undecided.contains(input), "seed \(seed): \(input)")
        } else {
          #expect(!isNamed || undecided.contains(input), "seed \(seed): \(input)")
        }
      }
    }
  }

  /// A table with its rules in the order in which DMN has them decide, its default behind them.
  private static func inOrder(_ table: Table) -> Table {
    var table = table
    if [.priority, .outputOrder].contains(table.hitPolicy) {
      table.rules = Verdict.allCases.reversed().flatMap { verdict in
        table.rules.filter { $0.verdict == verdict }
      }
    }
    table.rules += [table.defaultRule].compactMap(\.self)
    return table
  }

  /// Rules that decide some input in their own table, and none once the tables before have run.
  private static func unreachable(_ tables: [Table], _ inputs: [[PlainSignal]]) -> Set<String> {
    let active = tables.filter { $0.mode != .off && $0.shadow == nil }
    var names: Set<String> = []
    for (index, table) in active.enumerated() {
      let earlier = active[..<index].filter { table.mode != .enforce || $0.mode == .enforce }
      let open = inputs.filter { input in
        !earlier.contains { other in
          other.deciding(input).contains { other.rules[$0].verdict.stopsChain }
        }
      }
      let fires = Set(inputs.flatMap(table.deciding))
      for rule in fires.subtracting(open.flatMap(table.deciding)) {
        names.insert("\(table.file) \(table.rules[rule].number)")
      }
    }
    return names
  }

  @Test func `a rule behind the deny of a canary is reached for the rest of the traffic`() throws {
    let tables = try Self.tables(
      (1, "canary 5%", ["| high | >= 90 | deny |"]),
      (2, "enforce", ["| higher | >= 95 | review |", "| rest | - | allow |"]))
    let findings = TableSet(tables).findings()
    #expect(!findings.contains { $0.kind == .unreachable })
    let finding = try #require(findings.first { $0.kind == .partial })
    #expect(finding.rules.map(\.name) == ["higher", "high"])
    #expect(finding.message.contains("for a part of the traffic only: `t1` stops the chain"))
  }

  @Test func `what only a canary decides is not decided for all`() throws {
    let tables = try Self.tables(
      (1, "enforce", ["| high | >= 90 | deny |"]), (2, "canary 5%", ["| rest | - | allow |"]))
    let findings = TableSet(tables).findings()
    #expect(!findings.contains { $0.kind == .undecidedByChain })
    let finding = try #require(findings.first { $0.kind == .partial })
    #expect(finding.message.contains("decides `akamaiUserRisk.score` 0 for all of the traffic;"))
  }

  @Test func `a rule behind a deny of an earlier table names the rule that stops it`() throws {
    let tables = try Self.tables(
      (1, "enforce", ["| high | >= 90 | deny |"]),
      (2, "enforce", ["| higher | >= 95 | review |", "| rest | - | allow |"]))
    let finding = try #require(TableSet(tables).findings().first { $0.kind == .unreachable })
    #expect(finding.rules.map(\.name) == ["higher", "high"])
    #expect(finding.rules.map(\.file) == ["t2.table.md", "t1.table.md"])
    #expect(finding.severity == .warning)
    #expect(finding.regions.map(\.cells) == [[">= 95"]])
    #expect(finding.message.contains("`t1` stops the chain for all that it matches"))
  }

  private static func tables(_ all: (order: Int, mode: String, rows: [String])...) throws -> [Table] {
    try all.map { order, mode, rows in
      try #require(
        TableReader.read(
          "---\ntrigger: a\norder: \(order)\nhitPolicy: F\nmode: \(mode)\n---\n## Rules\n"
            + "| rule | akamaiUserRisk.score | verdict |\n|---|---|---|\n"
            + rows.joined(separator: "\n"), file: "t\(order).table.md"
        ).table)
    }
  }
}
