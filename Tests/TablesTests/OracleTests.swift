import Signals
import Tables
import Testing
import Wire

/// Compiled chains against the reading of their plans.
@Suite struct OracleTests {
  static let valuesPerPlan = 30

  @Test(arguments: UInt64(0)..<200)
  func `a compiled chain decides and replies as its plan says`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let plan = ChainPlan.random(using: &random)
    let chain = try CompiledChain(plan)
    var evaluator = Evaluator()
    for round in 0..<Self.valuesPerPlan {
      let values = plan.randomValues(using: &random)
      let fallback = Verdict.allCases.randomElement(using: &random)!
      let input = Input(values, for: plan.signals)
      let oracle = Oracle(plan: plan, fallback: fallback)
      let expected = oracle.answer(values)
      let decision = evaluator.decide(chain, input, fallback: fallback)
      let actual = Oracle.Answer(
        verdict: decision.verdict, wouldBe: decision.wouldBe, mode: decision.mode,
        flags: decision.flags, hits: decision.hits, deciding: decision.decidingHit)
      #expect(actual == expected, "seed \(seed), round \(round): \(values)")
      let reply = try evaluator.reply(chain, input, fallback: fallback)
      #expect(
        Set(reply.outputs.map(Named.init)) == oracle.outputs(expected),
        "seed \(seed), round \(round)")
      #expect(reply.outputs.count == oracle.outputs(expected).count)
      #expect(
        reply.rule == UInt32(expected.deciding.map { oracle.rule(expected.hits[$0]).number } ?? 0))
    }
  }
}

/// An output that can be in a set.
private struct Named: Hashable {
  var kind: OutputKind
  var name: String
  var value: String

  init(_ output: DecisionReply.Output) {
    kind = output.kind
    name = output.name
    value = output.value
  }
}

extension Oracle {
  /// The deciding rule's verdict outputs; else, of each kind and name, the last enforced table's.
  fileprivate func outputs(_ answer: Answer) -> Set<Named> {
    guard let deciding = answer.deciding else { return [] }
    let enforced = answer.hits.filter { plan.tables[Int($0.table)].mode == .enforce }
    let hit = answer.hits[deciding]
    var merged: [[String]: Named] = [:]
    for hit in enforced {
      for output in rule(hit).outputs {
        merged[["\(output.kind)", output.name]] = Named(output)
      }
    }
    for output in rule(hit).outputs where [.reason, .code, .message].contains(output.kind) {
      merged[["\(output.kind)", output.name]] = Named(output)
    }
    merged[["table"]] = Named(.init(kind: .table, value: plan.tables[Int(hit.table)].name))
    if !rule(hit).name.isEmpty {
      merged[["rule"]] = Named(.init(kind: .rule, value: rule(hit).name))
    }
    return Set(merged.values)
  }
}
