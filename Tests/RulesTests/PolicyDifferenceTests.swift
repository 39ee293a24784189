import RulesOracle
import Signals
import Testing
import Wire

@testable import Rules

/// What two versions of tables of any hit policy, or two chains, decide differently is what the
/// interpreter shows on every input.
@Suite struct PolicyDifferenceTests {
  private static func table(
    _ policy: HitPolicy, _ signals: [Signal], name: String = "t", order: Int = 1,
    using random: inout SeededGenerator
  ) -> Table {
    var table = Table.random(policy, signals: signals, ruleCount: 1 + random.below(4), using: &random)
    (table.name, table.order) = (name, order)
    table.file = "\(name).table.md"
    table.outputs = [OutputClause(OutputColumn("claim.n")!, type: .number)]
    if policy.isByPriority { table.verdictValues = [.deny, .mfa, .allow] }
    for rule in table.rules.indices {
      table.rules[rule].verdict = random.pick([.allow, .mfa, .deny])
      let value = table.outputs[0].column.output(String(1 + random.below(3)))
      table.rules[rule].outputs = random.chance(75) ? [value] : []
    }
    if random.chance(25) {
      table.defaultRule = Rule(
        name: Rule.defaultName, number: 0, cells: signals.map { _ in .any },
        verdict: random.pick([.allow, .deny]))
    }
    return table
  }

  private static func edited(_ table: Table, using random: inout SeededGenerator) -> Table {
    var table = table
    let rule = random.below(table.rules.count)
    switch random.below(5) {
    case 0: table.rules[rule].verdict = random.pick([.allow, .mfa, .deny])
    case 1: table.rules.swapAt(rule, random.below(table.rules.count))
    case 2: table.rules.remove(at: rule)
    case 3: table.defaultRule = nil
    default:
      let column = random.below(table.inputs.count)
      table.rules[rule].cells[column] = RandomCell(for: table.inputs[column], using: &random).tests
    }
    return table
  }

  /// As a reply says it: a number is the text of it.
  private static func answer(_ table: Table, _ input: [PlainSignal]) -> String {
    let interpreter = Interpreter(tables: [table], fallback: .review)
    guard let answer = interpreter.answer(of: table, input) else { return "none" }
    let outputs = answer.outputs.values.map { value in
      switch value {
      case .text(let text): text
      case .list(let texts): texts.map { $0 ?? "null" }.description
      case .plain(let texts): "[\(texts.map { $0 ?? "null" }.joined(separator: ", "))]"
      case .number(let number): numberText(number)
      }
    }
    return "\(answer.rule.verdict) \(outputs)"
  }

  private static func expect(
    _ difference: TableDifference, _ signals: [Signal], _ brute: BruteForce, _ note: Comment,
    _ isSame: ([PlainSignal]) -> Bool
  ) throws {
    #expect(difference.problem.isEmpty && difference.isComplete, note)
    for input in brute.inputs {
      let isNamed = try difference.changes.contains { try $0.region.contains(input, of: signals) }
      #expect(isNamed != isSame(input), "\(input), \(note)")
    }
    for change in difference.changes { #expect(!isSame(change.input.values), note) }
    #expect(difference.changes.isEmpty == brute.inputs.allSatisfy(isSame), note)
    // Tables that changed places differ too, and those of one table have no place.
    #expect(difference.table.isEmpty || difference.isEqual == difference.changes.isEmpty, note)
  }

  /// Numbers that doubles cannot say: a reply has decimals.
  @Test(arguments: [
    // Sums of doubles differ here, and are equal there.
    ("0.1", "0.2", "0.15", "0.15", true), ("0.1", "0.2", "0.1", "0.20", true),
    ("1000000000000000.5", "0.01", "1000000000000000.5", "0.02", false),
    ("9007199254740993", "-1", "9007199254740993", "-0", false),
    ("-0.05", "0.05", "0", "0.00", true),
  ])
  func `sums differ where their decimals do`(
    a: String, b: String, otherA: String, otherB: String, isEqual: Bool
  ) throws {
    func table(_ first: String, _ second: String) throws -> Table {
      let text =
        "---\ntrigger: post-login\nhitPolicy: COLLECT SUM\nmode: enforce\n---\n## Rules\n"
        + "| request.country | verdict | claim.n |\n|---|---|---|\n| \"SE\" | mfa | \(first) |\n"
        + "| \"SE\" | mfa | \(second) |\n"
      let (table, diagnostics) = TableReader.read(text, file: "t.table.md")
      return try #require(table, "\(diagnostics)")
    }
    let difference = TableDifference(try table(a, b), try table(otherA, otherB))
    #expect(difference.isEqual == isEqual, "\(difference)")
  }

  @Test(arguments: HitPolicy.allCases.filter { $0 != .unique && $0 != .any })
  func `versions of a table differ where its answers do`(policy: HitPolicy) throws {
    var seed: UInt64 = 0x5B11_0000
    var count = 0
    while count < 20 {
      seed += 1
      var random = SeededGenerator(seed: seed)
      let signals = Array(
        RandomVocabulary.signals.shuffled(using: &random).prefix(1 + random.below(3)))
      let before = Self.table(policy, signals, using: &random)
      var after = Self.edited(before, using: &random)
      if random.chance(10) { after.hitPolicy = .first }
      var both = before
      both.rules += after.rules
      guard let brute = BruteForce(both) else { continue }
      count += 1
      try Self.expect(
        TableDifference(before, after), signals, brute, "seed \(seed), \(policy)"
      ) { Self.answer(before, $0) == Self.answer(after, $0) }
    }
  }

  @Test(arguments: 0..<3)
  func `chains differ where their verdicts do, whatever their tables say`(part: Int) throws {
    var seed = 0xC4D1_0000 + UInt64(part) * 1_000_000
    var count = 0
    while count < 30 {
      seed += 1
      var random = SeededGenerator(seed: seed)
      let signals = Array(
        RandomVocabulary.signals.shuffled(using: &random).prefix(1 + random.below(2)))
      let before = (0...(1 + random.below(2))).map { order in
        var table = Self.table(
          random.pick([.first, .priority, .collect]), signals, name: "t\(order)", order: order,
          using: &random)
        table.mode = random.pick([.enforce, .enforce, .enforce, .audit])
        return table
      }
      var after = before
      let edited = random.below(after.count)
      after[edited] = Self.edited(after[edited], using: &random)
      if random.chance(20) { after.swapAt(0, 1) }
      for order in after.indices { after[order].order = order }
      var union = before[0]
      union.rules = (before + after).flatMap(\.rules)
      guard let brute = BruteForce(union) else { continue }
      count += 1
      let verdict = { (tables: [Table], input: [PlainSignal]) in
        let outcome = Interpreter(tables: tables, fallback: .review).run(
          Dictionary(uniqueKeysWithValues: zip(signals.map(\.name), input)))
        return outcome.flags.contains(.noMatch) || outcome.table.isEmpty
          ? "none" : outcome.verdict.name
      }
      try Self.expect(
        TableDifference(chains: before, after), signals, brute, "seed \(seed)"
      ) { verdict(before, $0) == verdict(after, $0) }
    }
  }

  @Test func `work beyond the budget is not called equal`() throws {
    var random = SeededGenerator(seed: 11)
    let signals = Array(RandomVocabulary.signals.prefix(4))
    let before = Table.random(.collect, signals: signals, ruleCount: 40, using: &random)
    let after = Table.random(.collect, signals: signals, ruleCount: 40, using: &random)
    let difference = TableDifference(before, after, budget: Budget(stepCountMax: 100))
    #expect(!difference.isComplete && !difference.isEqual)
  }
}
