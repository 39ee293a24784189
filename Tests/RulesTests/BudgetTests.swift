import Rules
import Tables
import Testing

/// A table may say how long a decision by it may take.
@Suite struct BudgetTests {
  private func source(budget: String? = nil, signal: String, _ columns: String, _ rules: [String]) -> String {
    """
    ---
    trigger: post-login
    hitPolicy: FIRST
    mode: enforce
    \(budget.map { "budget: \($0)\n" } ?? "")signals:
      \(signal)
    ---
    ## Rules

    | \(columns) | verdict |
    |---\(String(repeating: "|---", count: columns.count { $0 == "|" } + 1))|
    \(rules.joined(separator: "\n"))
    """
  }

  private func diagnostics(budget: String, rules: [String]) throws -> [Diagnostic] {
    let text = source(
      budget: budget, signal: "shop.tags: list", "akamaiUserRisk.score | shop.tags", rules)
    let (table, diagnostics) = TableReader.read(text, file: "t.table.md")
    return ChainCompiler.compile([try #require(table, "\(diagnostics)")]).diagnostics
  }

  private func cost(_ source: String) throws -> TableCost {
    let table = try #require(TableReader.read(source, file: "t.table.md").table)
    let plan = try #require(ChainCompiler.compile([table]).plan)
    return try CompiledChain(plan).tableCosts[0]
  }

  @Test func `a table within its budget is compiled`() throws {
    #expect(try diagnostics(budget: "1us", rules: ["| >= 90 | \"a\" | mfa |"]) == [])
  }

  @Test func `a table over its budget is refused where it says it, with the column to blame`() throws {
    let rules = (0..<100).map { "| >= \($0) | \"tag-\($0)\" | mfa |" }
    let found = try diagnostics(budget: "50ns", rules: rules)
    #expect(found.count == 1)
    let error = try #require(found.first)
    #expect(error.severity == .error)
    #expect(error.location.line == 5)
    #expect(error.message.contains("for column `shop.tags`, which takes most"))
    #expect(error.message.contains("its budget is 50ns"))
    #expect(try diagnostics(budget: "1ms", rules: rules) == [])
  }

  @Test func `what a decision costs grows with the table, and the tiers are told apart`() throws {
    func cost(_ ruleCount: Int) throws -> TableCost {
      let rules = (0..<ruleCount).map { "| \($0 % 100) | \"tag-\($0)\" | mfa |" }
      return try self.cost(source(signal: "shop.tag: string", "akamaiUserRisk.score | shop.tag", rules))
    }
    let costs = try [64, 1000, TablePlan.unclusteredRuleCountMax + 1].map(cost)
    #expect(costs.map(\.tier) == [.word, .blocks, .clusters])
    #expect(costs[0].work.words == 2)
    #expect(costs[1].work.words == 32)
    // Each tag has one rule, so one block of eight words is looked at, or this rule's bounds.
    #expect(costs[2].work.words == 2 * 8 + 8)
    #expect(costs[0].work.nanoseconds < costs[1].work.nanoseconds)
  }

  @Test func `lists count with four members, and what each further one costs is said`() throws {
    func cost(_ cells: [String]) throws -> TableCost {
      try self.cost(source(signal: "shop.tags: list", "shop.tags", cells.map { "| \($0) | mfa |" }))
    }
    let some = try cost(["\"a\"", "\"b\""])
    // The row for no member, and of each member the rules that it is enough for and those that it rules out.
    #expect(some.work.words == 1 + 2 * TableCost.listMemberCount && some.furtherMember.words == 2)
    #expect(some.furtherMember.nanoseconds > 0)
    // However many members cells name: a list of four is a list of four.
    let many = try cost((0..<60).map { "\"tag-\($0)\"" })
    #expect(many.work.words == some.work.words && many.furtherMember.words == 2)
    let none = try cost(["absent", "-"])
    #expect(none.work.words == 1 && none.furtherMember.words == 0)
  }
}
