import RulesOracle
import Signals
import Testing
import Wire

@testable import Rules

/// What two versions of a table decide differently is what trying every input shows.
@Suite struct TableDifferenceTests {
  @Test func `versions that differ in how far they count are different, and it is said how`() throws {
    func table(_ settings: String, _ mode: String = "", name: String = "all") throws -> Table {
      let text =
        "---\ntrigger: post-login\nhitPolicy: FIRST\n\(settings)\n---\n## Rules\n| rule | verdict | mode |\n"
        + "|---|---|---|\n| \(name) | allow | \(mode) |\n"
      let (table, diagnostics) = TableReader.read(text, file: "t.table.md")
      return try #require(table, "\(diagnostics)")
    }
    let enforced = try table("mode: enforce")
    let others = [
      (try table("mode: off"), "mode `off`, before `enforce`"),
      (try table("mode: canary 5%"), "mode `canary 5%`, before `enforce`"),
      (try table("mode: enforce\nshadow: true"), "mode `enforce, shadow`, before `enforce`"),
      (try table("mode: enforce\nonLate: deny"), "onLate `deny`, before `mfa`"),
      (try table("mode: enforce", "audit"), "mode of `all` `audit`, before `as the table's`"),
      (
        try table("mode: enforce", "audit", name: "every"),
        "mode of `every` `audit`, before `as the table's`"
      ),
      (try table("mode: enforce\ntenant: shop"), "tenant `shop`, before ``"),
    ]
    for (other, line) in others {
      let difference = TableDifference(enforced, other)
      #expect(!difference.isEqual && difference.changes.isEmpty)
      #expect(difference.description.hasSuffix("post-login / t: \(line)"))
      #expect(TableDifference(other, other).isEqual)
    }
  }

  @Test func `the mode of a rule without a name is that of its cells and answer, whatever its number`()
    throws
  {
    func lines(_ before: [String], _ after: [String]) throws -> [String] {
      let head = ["| akamaiUserRisk.score | verdict | mode |", "|---|---|---|"]
      let tables = try [before, after].map { try Self.table(head + $0) }
      return TableDifference(tables[0], tables[1]).rollout
    }
    let (high, some, rest) = ("| >= 90 | deny | audit |", "| >= 50 | mfa | |", "| - | allow | |")
    #expect(try lines([high, rest], [some, high, rest]) == [])
    #expect(try lines([some, high, rest], [high, rest]) == [])
    #expect(try lines([high, some, rest], [some, high, rest]) == [])
    #expect(
      try lines([high, rest], ["| >= 95 | deny | off |", high, rest])
        == ["mode of `rule 1` `off`, before `as the table's`"])
    #expect(
      try lines([some, high, rest], [some, "| >= 90 | deny | |", rest])
        == ["mode of `rule 2` `as the table's`, before `audit`"])
    #expect(
      try lines([some, high, rest], [some, rest])
        == ["mode of `rule 2`, which is gone, `as the table's`, before `audit`"])
    // One that was edited kept its mode.
    #expect(try lines([some, high, rest], [some, "| >= 95 | deny | audit |", rest]) == [])
    #expect(try lines([high, rest], [some, "| >= 95 | deny | audit |", rest]) == [])
  }

  @Test(arguments: 0..<6)
  func `changes are where trying finds other decisions, and nowhere else`(part: Int) throws {
    var seed = 0xD1FF_0000 + UInt64(part) * 1_000_000
    var count = 0
    while count < 30 {
      seed += 1
      var random = SeededGenerator(seed: seed)
      let signals = Array(
        RandomVocabulary.signals.shuffled(using: &random).prefix(1 + random.below(3)))
      let before = Table.random(
        .first, signals: signals, ruleCount: 1 + random.below(6), using: &random)
      let after = Self.edited(before, using: &random)
      // Inputs that the cells of both versions can tell apart.
      var both = before
      both.rules += after.rules
      guard let brute = BruteForce(both) else { continue }
      count += 1
      let difference = TableDifference(before, after)
      #expect(difference.problem.isEmpty)
      var isDifferent = false
      for input in brute.inputs {
        let old = Self.outcome(before, input)
        let new = Self.outcome(after, input)
        isDifferent = isDifferent || old != new
        let found = try difference.changes.filter { try $0.region.contains(input, of: signals) }
        #expect(
          found.allSatisfy { $0.before.outcome == old && $0.after.outcome == new },
          "seed \(seed): \(input): \(old as Any) and \(new as Any), found \(found)")
        if difference.isComplete {
          #expect(found.isEmpty == (old == new), "seed \(seed): \(input): \(difference)")
        }
      }
      #expect(difference.isEqual == !isDifferent, "seed \(seed): \(difference)")
      for change in difference.changes {
        #expect(Self.outcome(before, change.input.values) == change.before.outcome, "seed \(seed)")
        #expect(Self.outcome(after, change.input.values) == change.after.outcome, "seed \(seed)")
        #expect(try change.region.contains(change.input.values, of: signals), "seed \(seed)")
        let deciding = before.deciding(change.input.values).map { before.rules[$0].number }
        #expect(
          deciding.allSatisfy { number in change.before.rules.contains { $0.number == number } },
          "seed \(seed): \(change)")
      }
    }
  }

  @Test func `moved, split and renamed rules that decide the same are no difference`() throws {
    let before = try Self.table(
      "| rule | akamaiUserRisk.score | verdict |", "|---|---|---|", "| high | >= 90 | deny |",
      "| low | <= 89 | allow |", "| none | absent, invalid, unverified | mfa |")
    let after = try Self.table(
      "| rule | akamaiUserRisk.score | session.mfaRequired | verdict |", "|---|---|---|---|",
      "| stateless | absent, invalid | - | mfa |", "| unproven | unverified | - | mfa |",
      "| low | [0..89] | - | allow |", "| top | >= 95 | - | deny |", "| rest | - | - | deny |")
    #expect(TableDifference(before, after).isEqual)
  }

  @Test func `one changed cell is shown with its region, outcomes and an input`() throws {
    let before = try Self.table(
      "| rule | akamaiUserRisk.score | verdict |", "|---|---|---|", "| high | >= 90 | mfa |",
      "| rest | - | allow |")
    let after = try Self.table(
      "| rule | akamaiUserRisk.score | verdict | reason |", "|---|---|---|---|",
      "| high | >= 80 | mfa | |", "| rest | - | allow | |")
    let difference = TableDifference(before, after)
    #expect(
      difference.description == """
        post-login / t: 1 region decided differently
            | akamaiUserRisk.score | before       | after      |
            |----------------------|--------------|------------|
            | [80..89]             | allow (rest) | mfa (high) |
            for example --input '{"akamaiUserRisk.score":80}'
        """)
    #expect(!difference.isEqual)
  }

  @Test func `outputs are compared as verdicts are`() throws {
    let texts = ["old words", "new words"].map { reason in
      ["| akamaiUserRisk.score | verdict | reason |", "|---|---|---|", "| - | mfa | \(reason) |"]
    }
    let tables = try texts.map { try Self.table($0[0], $0[1], $0[2]) }
    let change = try #require(TableDifference(tables[0], tables[1]).changes.first)
    #expect(change.region.cells == ["-"])
    #expect(change.before.outcome?.outputs == ["reason": "old words"])
    #expect(change.after.outcome?.outputs == ["reason": "new words"])
  }

  @Test func `a table that is new or gone, and signals of two types, are no versions`() throws {
    let table = try Self.table("| akamaiUserRisk.score | verdict |", "|---|---|", "| - | mfa |")
    #expect(TableDifference(nil, table).problem == "the table is new")
    #expect(TableDifference(table, nil).problem == "the table is gone")
    #expect(!TableDifference(table, nil).isEqual)
    var other = table
    other.inputs = [.custom("akamaiUserRisk.score", .string)]
    let difference = TableDifference(table, other)
    #expect(difference.problem.contains("of type number in `t.table.md` and of type string"))
    #expect(!difference.isEqual)
  }

  @Test func `tables that share no column are compared over the columns of both`() throws {
    let before = try Self.table(
      "| akamaiUserRisk.score | verdict |", "|---|---|", "| >= 90 | mfa |", "| - | allow |")
    let after = try Self.table(
      "| session.mfaRequired | verdict |", "|---|---|", "| true | mfa |", "| - | allow |")
    let changes = TableDifference(before, after).changes
    #expect(
      Set(changes.map(\.region.cells)) == [
        [">= 90", "false, absent, invalid, unverified"],
        ["<= 89, absent, invalid, unverified", "true"],
      ])
  }

  @Test func `what the budget does not suffice for is not called equal`() throws {
    var random = SeededGenerator(seed: 7)
    let signals = Array(RandomVocabulary.signals.prefix(6))
    let before = Table.random(.first, signals: signals, ruleCount: 60, using: &random)
    let after = Table.random(.first, signals: signals, ruleCount: 60, using: &random)
    let difference = TableDifference(before, after, budget: Budget(stepCountMax: 100))
    #expect(!difference.isComplete)
    #expect(!difference.isEqual)
  }

  private static func outcome(_ table: Table, _ input: [PlainSignal]) -> RuleOutcome? {
    table.deciding(input).first.map { table.rules[$0].outcome }
  }

  /// The table after one to three small edits.
  private static func edited(_ table: Table, using random: inout SeededGenerator) -> Table {
    var table = table
    for _ in 0...random.below(3) {
      let rule = random.below(table.rules.count)
      switch random.below(5) {
      case 0:
        let column = random.below(table.inputs.count)
        table.rules[rule].cells[column] =
          RandomCell(for: table.inputs[column], using: &random).tests
      case 1: table.rules[rule].verdict = random.pick([.allow, .mfa])
      case 2: table.rules.swapAt(rule, random.below(table.rules.count))
      case 3 where table.rules.count > 1: table.rules.remove(at: rule)
      default: table.rules.insert(table.rules[rule], at: random.below(table.rules.count))
      }
    }
    return table
  }

  private static func table(_ rows: String...) throws -> Table { try table(rows) }

  private static func table(_ rows: [String]) throws -> Table {
    let text =
      "---\ntrigger: post-login\nhitPolicy: FIRST\nmode: enforce\n---\n## Rules\n"
      + rows.joined(separator: "\n") + "\n"
    let (table, diagnostics) = TableReader.read(text, file: "t.table.md")
    return try #require(table, "\(diagnostics)")
  }
}
