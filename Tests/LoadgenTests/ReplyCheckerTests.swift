@testable import LoadGenerator
import PosternClient
import Testing
import Wire

@Suite struct ReplyCheckerTests {
  private let scenario: Scenario
  private let message: PreparedMessage

  init() throws {
    scenario = try ScenarioReader.read(
      """
      requests:
        - {name: a, trigger: t, expect: {verdict: allow, rule: first}}
        - {name: b, trigger: t, explain: true, expect: {verdict: mfa, wouldBe: deny, flags: [late]}}
      """, file: "s.yaml")
    var random = SplitMix64(seed: 1)
    message = try PreparedMessage(
      scenario.templates.enumerated().map { ($0.offset, try $0.element.request.make(using: &random)) })
  }

  private func right(number: UInt64 = 3) -> [DecisionReply] {
    [
      DecisionReply(
        correlationID: PreparedMessage.correlationID(number: number, decision: 0), verdict: .allow,
        tableVersion: 1, outputs: [.init(kind: .rule, value: "first")]),
      DecisionReply(
        correlationID: PreparedMessage.correlationID(number: number, decision: 1), verdict: .mfa,
        wouldBe: .deny, flags: .late, tableVersion: 1, outputs: [.init(kind: .explanation, value: "x")]),
    ]
  }

  private func exchange(_ decisions: [DecisionReply], number: UInt64 = 3) -> Exchange {
    var bytes = ByteWriter()
    bytes.beginMessage(.reply)
    for decision in decisions {
      var outputs = ByteWriter()
      for output in decision.outputs {
        outputs.append(output.kind.rawValue)
        outputs.append(UInt8(0))
        outputs.append(UInt16(output.value.utf8.count))
        outputs.append(output.value)
      }
      bytes.append(UInt32(32 + outputs.count))
      bytes.append(decision.verdict.rawValue)
      bytes.append(decision.wouldBe.rawValue)
      bytes.append(decision.mode.rawValue)
      bytes.append(UInt8(0))
      bytes.append(decision.correlationID)
      bytes.append(decision.flags.rawValue)
      bytes.append(UInt16(decision.outputs.count))
      bytes.append(decision.rule)
      bytes.append(decision.tableVersion)
      bytes.append(outputs.span)
    }
    bytes.finishMessage(decisionCount: decisions.count)
    var exchange = Exchange()
    exchange.number = number
    exchange.isOK = true
    exchange.reply = [UInt8](copying: bytes.span)
    return exchange
  }

  @Test func `right replies are right, seen for the first time or not`() {
    var checker = ReplyChecker(scenario.templates)
    for number in UInt64(0)..<5 {
      let exchange = exchange(right(number: number), number: number)
      #expect(checker.complaint(about: exchange, to: message) == nil)
    }
    #expect(checker.versions == [1])
  }

  @Test func `every part of a reply that is wrong is found, also after right ones`() {
    let changes: [(String, (inout [DecisionReply]) -> Void)] = [
      ("`a`: verdict `deny`, not `allow`", { $0[0].verdict = .deny }),
      ("`a`: rule `other`, not `first`", { $0[0].outputs[0].value = "other" }),
      ("`b`: wouldBe `mfa`, not `deny`", { $0[1].wouldBe = .mfa }),
      ("`b`: flags [], not [late]", { $0[1].flags = [] }),
      ("`b`: no explanation", { $0[1].outputs = [] }),
      ("`a`: correlation id", { $0[0].correlationID += 1 }),
      ("`a`: correlation id", { $0.swapAt(0, 1) }),
      ("1 decisions came back for 2", { $0.removeLast() }),
    ]
    for (says, change) in changes {
      for isWarm in [false, true] {
        var checker = ReplyChecker(scenario.templates)
        if isWarm { #expect(checker.complaint(about: exchange(right()), to: message) == nil) }
        var decisions = right()
        change(&decisions)
        let complaint = checker.complaint(about: exchange(decisions), to: message)
        #expect(complaint?.hasPrefix(says) == true, "\(complaint ?? "none"), not \(says)")
      }
    }
  }

  @Test func `another table version is looked at and counted`() {
    var checker = ReplyChecker(scenario.templates)
    for version in [UInt64(1), 2, 1, 3] {
      var decisions = right()
      for index in decisions.indices { decisions[index].tableVersion = version }
      #expect(checker.complaint(about: exchange(decisions), to: message) == nil)
    }
    #expect(checker.versions == [1, 2, 3])
  }

  @Test func `every strict prefix of a reply is refused`() {
    var checker = ReplyChecker(scenario.templates)
    var whole = exchange(right())
    #expect(checker.complaint(about: whole, to: message) == nil)
    let bytes = whole.reply
    for count in bytes.indices {
      whole.reply = Array(bytes.prefix(count))
      #expect(checker.complaint(about: whole, to: message) != nil, "\(count) bytes")
    }
  }
}
