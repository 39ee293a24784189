import Signals
import Tables
import Testing
import Wire

/// What a reply says beside the verdict.
@Suite struct OutputTests {
  typealias Output = DecisionReply.Output

  private func reply(_ tables: [TablePlan]) throws -> DecisionReply {
    try ChainPlan(tables).reply(Input([], for: []))
  }

  private func table(
    _ name: String, _ verdict: Verdict, _ mode: Mode = .enforce, rule: String = "",
    outputs: [Output] = []
  ) -> TablePlan {
    TablePlan(
      name: name, version: 0xABCD, mode: mode, columns: [],
      rules: [RulePlan(name: rule, number: 9, verdict: verdict, outputs: outputs)])
  }

  @Test func `the fixed part names rule, version, mode and flags`() throws {
    let reply = try reply([table("a", .mfa, rule: "first")])
    #expect(
      reply
        == DecisionReply(
          correlationID: 42, verdict: .mfa, mode: .enforce, flags: [], rule: 9,
          tableVersion: 0xABCD,
          outputs: [Output(kind: .table, value: "a"), Output(kind: .rule, value: "first")]))
  }

  @Test func `a decision without a rule has no outputs`() throws {
    let reply = try reply([table("a", .mfa, .audit, outputs: [Output(kind: .reason, value: "x")])])
    #expect(
      reply == DecisionReply(correlationID: 42, verdict: .allow, wouldBe: .mfa, mode: .audit))
  }

  @Test func `table, rule, reason, code and message are the deciding table's`() throws {
    let strong = [
      Output(kind: .reason, value: "strong"), Output(kind: .code, value: "strong_code"),
      Output(kind: .message, value: "strong message"),
    ]
    let weak = [
      Output(kind: .reason, value: "weak"), Output(kind: .code, value: "weak_code"),
      Output(kind: .message, value: "weak message"),
    ]
    let reply = try reply([
      table("one", .mfa, rule: "weak-1", outputs: weak),
      table("two", .review, rule: "strong", outputs: strong),
      table("three", .allow, rule: "weak-2", outputs: weak),
    ])
    #expect(reply.value(of: .table) == "two")
    #expect(reply.value(of: .rule) == "strong")
    #expect(Set(reply.outputs.map(\.value)) == ["two", "strong", "strong_code", "strong message"])
    #expect(reply.outputs.count == 5)
  }

  @Test func `a rule without a name is not given another's`() throws {
    let reply = try reply([table("one", .review), table("two", .mfa, rule: "named")])
    #expect(reply.outputs == [Output(kind: .table, value: "one")])
  }

  @Test func `what the deciding rule leaves out comes from the last table that has it`() throws {
    let reply = try reply([
      table("one", .allow, outputs: [Output(kind: .reason, value: "first")]),
      table("two", .review, outputs: [Output(kind: .code, value: "code")]),
      table("three", .mfa, outputs: [Output(kind: .reason, value: "last")]),
    ])
    #expect(reply.value(of: .reason) == "last")
    #expect(reply.value(of: .code) == "code")
    #expect(reply.outputs.count == 3)
  }

  @Test func `claims, metadata and obligations of later tables replace earlier ones`() throws {
    let reply = try reply([
      table(
        "one", .review,
        outputs: [
          Output(kind: .claim, name: "a", value: "1"), Output(kind: .claim, name: "b", value: "1"),
          Output(kind: .metadata, name: "a", value: "1"), Output(kind: .obligation, value: "o1"),
        ]),
      table(
        "two", .allow,
        outputs: [
          Output(kind: .claim, name: "a", value: "2"), Output(kind: .obligation, value: "o2"),
        ]),
    ])
    let byKey = Dictionary(
      uniqueKeysWithValues: reply.outputs.map { ("\($0.kind) \($0.name)", $0.value) })
    #expect(
      byKey == [
        "table ": "one", "claim a": "2", "claim b": "1", "metadata a": "1", "obligation ": "o2",
      ])
  }

  @Test func `only enforced tables have a say in outputs`() throws {
    let reply = try reply([
      table("one", .mfa, outputs: [Output(kind: .claim, name: "a", value: "1")]),
      table(
        "two", .review, .advisory,
        outputs: [
          Output(kind: .claim, name: "a", value: "2"), Output(kind: .claim, name: "b", value: "2"),
        ]),
    ])
    #expect(
      reply.outputs == [
        Output(kind: .table, value: "one"), Output(kind: .claim, name: "a", value: "1"),
      ])
  }

  /// Rules that all match, of which the first alone has a reason.
  private func sparse(ruleCount: Int, _ outputs: [Output]) -> TablePlan {
    TablePlan(
      name: "one", version: 1, mode: .enforce, columns: [],
      rules: (1...ruleCount).map { number in
        RulePlan(name: "", number: number, verdict: .mfa, outputs: number == 1 ? outputs : [])
      }, hits: .all)
  }

  @Test func `a hit without a value is null in the list, and nulls count for its length`() throws {
    let outputs = [Output(kind: .reason, value: "x")]
    let list = try reply([sparse(ruleCount: 3, outputs)]).value(of: .reason)
    #expect(list == "[\"x\",null,null]")
    #expect(try reply([sparse(ruleCount: 3, [])]).value(of: .reason) == nil)
    let longest = try reply([sparse(ruleCount: 11_999, outputs)]).value(of: .reason)
    #expect(longest?.utf8.count == 59_995)
    #expect(throws: ImageError.self) { try reply([sparse(ruleCount: 12_001, outputs)]) }
  }

  @Test func `a number of which one hit has none is not there, and hides no earlier one`() throws {
    func claim(_ value: String) -> [Output] { [Output(kind: .claim, name: "n", value: value)] }
    var sum = sparse(ruleCount: 2, claim("2"))
    sum.aggregations = [OutputAggregation(kind: .claim, name: "n", function: .sum)]
    let earlier = table("earlier", .allow, outputs: claim("9"))
    #expect(try reply([earlier, sum]).outputs.last?.value == "9")
    sum.rules[1].outputs = claim("3")
    #expect(try reply([earlier, sum]).outputs.last?.value == "5")
  }

  @Test func `long outputs of many names fit`() throws {
    let outputs = (0..<58).map { index in
      Output(
        kind: index % 2 == 0 ? .claim : .metadata,
        name: String(repeating: "n", count: 250) + "\(index)",
        value: String(repeating: "v", count: 4096))
    }
    let reply = try reply([table("one", .mfa, outputs: outputs)])
    #expect(Array(reply.outputs.dropFirst()) == outputs)
  }
}
