import RulesOracle
import Signals
import Tables
import Testing
import Wire

@testable import Rules

/// What each hit policy makes of one table, in the words of the oracle, and in the plan.
@Suite struct PolicySemanticsTests {
  /// Four rules that a score of 95 matches, in this order: mfa, deny, allow, deny.
  private static func table(_ policy: String, _ settings: String = "") throws -> Table {
    let text = """
      ---
      trigger: post-login
      hitPolicy: \(policy)
      mode: enforce
      \(settings)---
      ## Rules
      | rule | akamaiUserRisk.score | verdict | reason | claim.n | claim.level |
      |------|----------------------|---------|--------|---------|-------------|
      | a    | >= 80                | mfa     | high   | 1       | low         |
      | b    | >= 90                | deny    | higher | 2.5     | high        |
      | c    | >= 70                | allow   |        | -4      | high        |
      | d    | >= 95                | deny    | top    |         |             |
      """
    let (table, diagnostics) = TableReader.read(text, file: "t.table.md")
    return try #require(table, "\(diagnostics)")
  }

  private static let strongestFirst = "values:\n  verdict: revoke, deny, review, mfa, allow\n"

  private static let text = "outputs:\n  claim.level: string\n"

  private static func answer(_ table: Table, _ score: Double) -> [String] {
    let interpreter = Interpreter(tables: [table], fallback: .review)
    let outcome = interpreter.run(["akamaiUserRisk.score": .number(score)])
    let outputs = outcome.outputs.filter { ![.table, .rule].contains($0.key.kind) }
    return ["\(outcome.verdict.name) by \(outcome.rule)"]
      + outputs.map { key, value in
        let text =
          switch value {
          case .text(let text): text
          case .list(let texts): texts.map { $0 ?? "null" }.description
          case .plain(let texts): "[\(texts.map { $0 ?? "null" }.joined(separator: ", "))]"
          case .number(let number): numberText(number)
          }
        return "\(key.kind)\(key.name.isEmpty ? "" : "." + key.name)=\(text)"
      }.sorted()
  }

  @Test func `a single hit is the first by its policy, with its own outputs`() throws {
    #expect(
      Self.answer(try Self.table("FIRST"), 95)
        == ["mfa by 1", "claim.level=low", "claim.n=1", "reason=high"])
    #expect(
      Self.answer(try Self.table("PRIORITY", Self.strongestFirst), 95)
        == ["deny by 2", "claim.level=high", "claim.n=2.5", "reason=higher"])
    let allowFirst = "values:\n  verdict: allow, mfa, deny\n"
    #expect(Self.answer(try Self.table("PRIORITY", allowFirst), 95)[0] == "allow by 3")
    // Of two rules that deny, the one whose level stands first.
    let lowFirst = "values:\n  verdict: deny, allow, mfa\n  claim.level: low, high\n"
    #expect(Self.answer(try Self.table("PRIORITY", lowFirst), 95)[0] == "deny by 2")
    // The verdict has no part in it where it has no list.
    let levels = "values:\n  claim.level: low, high\n"
    #expect(Self.answer(try Self.table("PRIORITY", levels), 95)[0] == "mfa by 1")
  }

  @Test func `every rule that matches is a hit, and outputs are lists in order`() throws {
    let inRuleOrder = [
      "deny by 2", "claim.level=[\"low\", \"high\", \"high\", \"null\"]",
      "claim.n=[\"1\", \"2.5\", \"-4\", \"null\"]",
      "reason=[\"high\", \"higher\", \"null\", \"top\"]",
    ]
    #expect(Self.answer(try Self.table("RULE ORDER"), 95) == inRuleOrder)
    #expect(Self.answer(try Self.table("COLLECT"), 95) == inRuleOrder)
    #expect(
      Self.answer(try Self.table("OUTPUT ORDER", Self.strongestFirst), 95) == [
        "deny by 2", "claim.level=[\"high\", \"null\", \"low\", \"high\"]",
        "claim.n=[\"2.5\", \"null\", \"1\", \"-4\"]",
        "reason=[\"higher\", \"top\", \"high\", \"null\"]",
      ])
    // One match is still a list, and one of nulls alone is none.
    #expect(
      Self.answer(try Self.table("C"), 70)
        == ["allow by 3", "claim.level=[\"high\"]", "claim.n=[\"-4\"]"])
  }

  @Test func `an aggregate is one number, and texts stay lists`() throws {
    let lists = "claim.level=[\"low\", \"high\", \"high\"]"
    let reasons = "reason=[\"high\", \"higher\", \"null\"]"
    for (policy, number) in [("C+", "-0.5"), ("C<", "-4"), ("C>", "2.5")] {
      #expect(
        Self.answer(try Self.table(policy, Self.text), 94)
          == ["deny by 2", lists, "claim.n=\(number)", reasons])
      // Rule 4 has no number: as in DMN, there is none then.
      #expect(
        Self.answer(try Self.table(policy, Self.text), 95).map { $0.prefix(6) }
          == ["deny b", "claim.", "reason"])
    }
    // A hit counts whatever it says.
    #expect(
      Self.answer(try Self.table("C#"), 95) == [
        "deny by 2", "claim.level=4", "claim.n=4", "reason=[\"high\", \"higher\", \"null\", \"top\"]",
      ])
  }

  @Test func `a default applies where no rule matches, and only there`() throws {
    let settings = "default:\n  verdict: review\n  claim.n: 9\n  reason: none\n"
    for policy in ["FIRST", "PRIORITY"] {
      #expect(
        Self.answer(try Self.table(policy, settings + Self.strongestFirst), 5)
          == ["review by 0", "claim.n=9", "reason=none"])
    }
    #expect(
      Self.answer(try Self.table("COLLECT", settings), 5)
        == ["review by 0", "claim.n=[\"9\"]", "reason=[\"none\"]"])
    for policy in ["C+", "C#"] {
      #expect(
        Self.answer(try Self.table(policy, Self.text + settings), 5)
          == ["review by 0", "claim.n=9", "reason=[\"none\"]"])
    }
    #expect(Self.answer(try Self.table("R", settings), 80)[0] == "mfa by 1")
    #expect(Self.answer(try Self.table("FIRST"), 5) == ["review by 0"])
  }

  @Test func `a plan has its rules in the order of hits, and the default last`() throws {
    let settings = "default:\n  verdict: review\n  claim.n: 9\n"
    func plan(_ policy: String, _ settings: String) throws -> TablePlan {
      let table = try Self.table(policy, settings)
      return table.plan(slots: [table.inputs[0]: 0], liveNames: [])
    }
    let first = try plan("FIRST", "")
    #expect(first.rules.map(\.name) == ["a", "b", "c", "d"])
    #expect(first.hits == .first && !first.hasDefault && first.aggregations == [])
    let priority = try plan("PRIORITY", settings + Self.strongestFirst)
    #expect(priority.rules.map(\.name) == ["b", "d", "a", "c", "default"])
    #expect(priority.rules.map(\.number) == [2, 4, 1, 3, 0])
    #expect(priority.hits == .first && priority.hasDefault)
    #expect(priority.columns[0].stateRows == [[16], [16], [16]])
    let ordered = try plan("OUTPUT ORDER", Self.strongestFirst)
    #expect(ordered.rules.map(\.name) == ["b", "d", "a", "c"])
    #expect(ordered.hits == .all && ordered.aggregations == [])
    let sum = try plan("C+", Self.text)
    #expect(sum.hits == .all)
    #expect(sum.aggregations == [.init(kind: .claim, name: "n", function: .sum)])
    #expect(try plan("C<", Self.text).aggregations.map(\.function) == [.min])
    #expect(try plan("C>", Self.text).aggregations.map(\.function) == [.max])
    // A count is a sum of ones; what the default says of it stands.
    let count = try plan("C#", settings)
    #expect(count.aggregations.map(\.function) == [.sum, .sum])
    #expect(count.rules.map { $0.outputs.first { $0.name == "n" }?.value } == ["1", "1", "1", "1", "9"])
    #expect(count.rules[0].outputs.first { $0.kind == .reason }?.value == "high")
  }

  @Test func `rows beyond the limit are refused with the column to blame`() throws {
    var large = try Self.table("FIRST")
    let rule = large.rules[0]
    large.inputs = [.custom("n", .number)]
    // The most rules of a table that is not clustered, with 4.5 million different rows.
    large.rules = (0..<(TablePlan.clusteredRuleCountMin - 1)).map { number in
      var rule = rule
      let tests = (0..<1100).map { UnaryTest.number(.init(Double(number * 1100 + $0))) }
      rule.cells = [UnaryTests(states: [], values: .anyOf(tests))]
      return rule
    }
    #expect(
      ChainCompiler.compile([large]).diagnostics.map { $0.message.contains("for column `n`") }
        == [true])
  }

  @Test func `a shadow shares the order of a live table, names one, and is one of 8`() throws {
    let live = try Self.table("FIRST")
    func shadow(_ name: String, of shadow: Shadow) -> Table {
      var table = live
      table.name = name
      table.shadow = shadow
      return table
    }
    func messages(_ shadows: [Table]) -> [String] {
      ChainCompiler.compile([live] + shadows).diagnostics.map(\.message)
    }
    let eight = (0..<8).map { shadow("s\($0)", of: .ofChain) }
    #expect(messages(eight) == [])
    #expect(
      messages(eight + [shadow("s8", of: .ofTable("t"))])
        == ["9 shadows in the chain of `post-login`, this table the last; 8 is the most"])
    var off = shadow("s8", of: .ofChain)
    off.mode = .off
    #expect(messages(eight + [off]) == [], "one that is off has no part in the chain")
    #expect(
      messages([shadow("s", of: .ofTable("tt"))]) == [
        "no live table `tt` in the chain of `post-login` to be a shadow of; did you mean `t`?"
      ])
  }
}
