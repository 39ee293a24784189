import Tables
import Testing
import Wire

@testable import Rules

/// The proof ranks rules by itself: an image whose rules stand as another source has them is refused.
@Suite struct ProofOrderTests {
  private static func table(_ settings: String) throws -> Table {
    let text = """
      ---
      trigger: post-login
      mode: enforce
      \(settings)
      ---
      ## Rules

      | rule | akamaiUserRisk.score | verdict | reason | claim.n |
      |------|----------------------|---------|--------|---------|
      | a    | >= 50                | mfa     | x      | 1       |
      | b    | >= 60                | deny    | y      |         |
      | c    | >= 70                | mfa     | y      | 2       |
      | d    | >= 80                | deny    |        | 3       |

      """
    let (table, diagnostics) = TableReader.read(text, file: "t.table.md")
    return try #require(table, "\(diagnostics)")
  }

  private static let values = "values:\n  verdict: deny, mfa\n  reason: x, y"

  private static func image(of table: Table) throws -> CompiledChain {
    try CompiledChain(try #require(ChainCompiler.compile([table]).plan))
  }

  @Test(arguments: ["PRIORITY", "OUTPUT ORDER"])
  func `rules stand by the lists of values, what is in none of them last`(policy: String) throws {
    let table = try Self.table("hitPolicy: \(policy)\n\(Self.values)")
    let chain = try Self.image(of: table)
    #expect(chain.view.ruleNumbers(ofTable: 0) == [2, 4, 1, 3])
    _ = try ChainProof.prove(chain, equals: [table])
    var others = [table, table, table]
    others[0].verdictValues.reverse()
    others[1].outputs[0].values.reverse()
    others[2].rules.swapAt(0, 2)
    for (index, other) in others.enumerated() {
      let wrong = try Self.image(of: other)
      let isSame = wrong.view.ruleNumbers(ofTable: 0) == [2, 4, 1, 3]
      // The lists tell rules 1 and 3 apart, wherever they stand.
      #expect(isSame == (index == 2))
      guard !isSame else { continue }
      let failure = #expect(throws: ProofFailure.self) { try ChainProof.prove(wrong, equals: [table]) }
      #expect(failure?.message == "its rules are others, or stand in another order")
    }
  }

  @Test(arguments: ["FIRST", "RULE ORDER", "COLLECT", "COLLECT COUNT", "PRIORITY"])
  func `rules that no list tells apart stand as in the source`(policy: String) throws {
    // Of PRIORITY, verdicts are ranked and reasons are not.
    let lists = policy == "PRIORITY" ? "\nvalues:\n  verdict: deny, mfa, allow" : ""
    let table = try Self.table("hitPolicy: \(policy)\(lists)\ndefault:\n  verdict: allow")
    _ = try ChainProof.prove(try Self.image(of: table), equals: [table])
    var swapped = table
    swapped.rules.swapAt(0, 2)
    #expect(throws: ProofFailure.self) {
      try ChainProof.prove(try Self.image(of: swapped), equals: [table])
    }
    var off = table
    off.rules[1].mode = .off
    _ = try ChainProof.prove(try Self.image(of: off), equals: [off])
    for (image, source) in [(off, table), (table, off)] {
      #expect(throws: ProofFailure.self) { try ChainProof.prove(try Self.image(of: image), equals: [source]) }
    }
    var without = table
    without.defaultRule = nil
    for (image, source) in [(without, table), (table, without)] {
      #expect(throws: ProofFailure.self) { try ChainProof.prove(try Self.image(of: image), equals: [source]) }
    }
  }

  @Test func `a rule that stands twice, or under no number of the source, is refused`() throws {
    let table = ExpectedTable(try Self.table("hitPolicy: FIRST\ndefault:\n  verdict: allow"))
    #expect(table.rules(numbered: [1, 2, 3, 4, 0])?.map(\.number) == [1, 2, 3, 4, 0])
    let wrong = [
      [1, 2, 3, 3, 0], [1, 1, 2, 3, 4, 0], [1, 2, 3, 0], [1, 2, 3, 4], [0, 1, 2, 3, 4], [1, 2, 3, 5, 0], [],
      [1, 2, 3, 4, 4], [2, 1, 3, 4, 0],
    ]
    for numbers in wrong { #expect(table.rules(numbered: numbers) == nil, "\(numbers)") }
  }

  @Test func `hits that are counted give a one each, and the default what it says`() throws {
    let table = ExpectedTable(
      try Self.table("hitPolicy: COLLECT COUNT\ndefault:\n  verdict: allow\n  claim.n: 7"))
    let given = [table.table.rules[1], table.table.defaultRule!].map { table.outputs(of: $0) }
    #expect(given[0].map { "\($0.kind) \($0.value)" } == ["table t", "rule b", "reason y", "claim 1"])
    #expect(given[1].map { "\($0.kind) \($0.value)" } == ["table t", "rule default", "claim 7"])
  }
}
