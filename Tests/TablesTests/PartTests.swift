import Signals
import Tables
import Testing
import Wire

/// Which tables had a part in a decision, and how long an explanation may be.
@Suite struct PartTests {
  private func parts(_ tables: [TablePlan]) throws -> [DecisionPart] {
    try ChainPlan(tables).reply(Input([], for: []), answering: .parts).parts
  }

  private func part(
    _ table: String, _ standing: DecisionPart.Standing, _ verdict: Verdict, rule: UInt32 = 1
  ) -> DecisionPart {
    DecisionPart(table: table, standing: standing, verdict: verdict, rule: rule, tableVersion: 7)
  }

  @Test func `parts come in the order of the chain, with what each table said`() throws {
    let found = try parts([
      .constant(.allow, name: "first"), .constant(.deny, .audit, name: "second"),
      .constant(.deny, .off, name: "third"), .constant(.review, name: "fourth"),
      .constant(.review, name: "fifth"),
    ])
    #expect(
      found == [
        part("first", .enforced, .allow), part("second", .watched, .deny),
        part("fourth", .decided, .review), part("fifth", .enforced, .review),
      ])
  }

  @Test func `a table behind the one that stopped the chain had no part`() throws {
    let found = try parts([.constant(.revoke, name: "stop"), .constant(.deny, name: "behind")])
    #expect(found == [part("stop", .decided, .revoke)])
  }

  @Test func `of a table with many hits, the first with its strongest verdict speaks`() throws {
    var table = TablePlan("many", verdicts: [.allow, .mfa, .mfa, .allow])
    table.hits = .all
    #expect(try parts([table]) == [part("many", .decided, .mfa, rule: 2)])
    #expect(
      try parts([.constant(.review, name: "one"), table])
        == [part("one", .decided, .review), part("many", .enforced, .mfa, rule: 2)])
  }

  @Test func `a rule that is enforced speaks before one that is watched`() throws {
    var table = TablePlan("rollout", verdicts: [.deny, .mfa])
    table.rules[0].mode = .audit
    #expect(try parts([table]) == [part("rollout", .decided, .mfa, rule: 2)])
    table.rules[1].mode = .advisory
    #expect(try parts([table]) == [part("rollout", .watched, .deny)])
  }

  @Test func `a request that does not ask gets no part`() throws {
    let reply = try ChainPlan([.constant(.allow)]).reply(Input([], for: []))
    #expect(reply.parts.isEmpty && !reply.outputs.contains { $0.kind == .part })
  }

  /// A reply counts its outputs with 16 bits. Names of tables and rules are no lists that must fit.
  @Test func `a table that hits with 70,000 rules is explained in few lines`() throws {
    var table = TablePlan("all", verdicts: [Verdict](repeating: .allow, count: 70_000) + [.mfa])
    table.hits = .all
    let reply = try ChainPlan([table]).reply(Input([], for: []), answering: .explain)
    let lines = reply.outputs.filter { $0.kind == .explanation }.map(\.value)
    #expect(lines.count == 258)
    #expect(lines.contains("table all (enforce): rule 70001 says mfa, decides"))
    #expect(lines.last == "table all (enforce): 70001 rules in all")
  }
}
