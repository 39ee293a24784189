import Testing
import Wire

@Suite struct DecisionPartTests {
  static let examples = [
    DecisionPart(table: "a", standing: .decided, verdict: .allow, rule: 0, tableVersion: 0),
    DecisionPart(
      table: "step-up", standing: .watched, verdict: .revoke, rule: .max, ruleName: "risk-high",
      tableVersion: .max),
    DecisionPart(
      table: "b", standing: .enforced, verdict: .mfa, rule: 100_000, ruleName: "with two spaces",
      tableVersion: 0x0123_4567_89AB_CDEF),
  ]

  @Test(arguments: examples)
  func `a part is read as it was written`(part: DecisionPart) throws {
    var out = ByteWriter()
    out.beginMessage(.reply)
    let start = out.beginReply(
      correlationID: 1, verdict: .allow, wouldBe: .allow, mode: .enforce, flags: [], rule: 0,
      tableVersion: 0)
    out.appendPart(
      table: Array(part.table.utf8).span, part.standing, part.verdict, rule: part.rule,
      ruleName: Array(part.ruleName.utf8).span, version: part.tableVersion)
    out.finishReply(startingAt: start, outputCount: 1)
    out.finishMessage(decisionCount: 1)
    #expect(try Reply(reading: out.span).decisions[0].parts == [part])
  }

  @Test(arguments: [
    "", "a", "a later mfa 1 0000000000000001", "a decided stop 1 0000000000000001",
    "a decided mfa one 0000000000000001", "a decided mfa 1", "a decided mfa 1 12",
    "a  decided mfa 1 0000000000000001", "a decided mfa -1 0000000000000001",
  ])
  func `a part in other words is stepped over`(value: String) {
    let reply = DecisionReply(verdict: .allow, outputs: [.init(kind: .part, value: value)])
    #expect(reply.parts.isEmpty)
  }

  @Test func `an output of another kind is no part`() {
    let value = "a decided mfa 1 0000000000000001"
    #expect(DecisionPart(.init(kind: .part, value: value)) != nil)
    #expect(DecisionPart(.init(kind: .explanation, value: value)) == nil)
  }
}
