import CWide
import Signals
import Tables
import Testing
import Wire

/// Compiled chains against the reading of their plans.
@Suite struct OracleTests {
  static let valuesPerPlan = 30

  /// Every second chain is clustered, whatever its size, and every fourth has no sections then. Two of three
  /// are evaluated as on processors with narrower registers.
  @Test(arguments: UInt64(0)..<200)
  func `a compiled chain decides and replies as its plan says`(seed: UInt64) throws {
    postern_limit_width([64, 32, 16][Int(seed / 4 % 3)])
    defer { postern_limit_width(64) }
    var random = SplitMix64(seed: seed)
    let plan = ChainPlan.random(using: &random)
    let chain = try CompiledChain(
      plan, clusteringFrom: seed % 2 == 0 ? .max : 1,
      sectionBlockCountMax: seed % 4 == 1 ? -1 : TablePlan.sectionBlockCountMax)
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
      let parts = try evaluator.reply(chain, input, fallback: fallback, answering: .parts).parts
      #expect(parts == oracle.parts(expected), "seed \(seed), round \(round)")
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
  /// Of each table that hit: the hit that decided, or else the first of the strongest enforced, or
  /// else the first, of a table whose matches are all hits the first of the strongest.
  fileprivate func parts(_ answer: Answer) -> [DecisionPart] {
    plan.tables.indices.compactMap { index in
      let table = plan.tables[index]
      let own = answer.hits.filter { $0.table == UInt32(index) }
      let deciding = answer.deciding.map { answer.hits[$0] }.flatMap { own.contains($0) ? $0 : nil }
      let counted = own.contains(where: \.isEnforced) ? own.filter(\.isEnforced) : own
      let strongest = table.hits == .all ? counted.map(verdict).max() : counted.first.map(verdict)
      guard let hit = deciding ?? counted.first(where: { verdict($0) == strongest }) else { return nil }
      return DecisionPart(
        table: table.name, standing: deciding != nil ? .decided : hit.isEnforced ? .enforced : .watched,
        verdict: verdict(hit), rule: UInt32(rule(hit).number), ruleName: rule(hit).name,
        tableVersion: table.version)
    }
  }

  /// The deciding table's verdict outputs; else, of each kind and name, the last table's that has
  /// an enforced hit with it. Where all matches are hits, an output is the list of their values, null
  /// for none.
  fileprivate func outputs(_ answer: Answer) -> Set<Named> {
    guard let deciding = answer.deciding else { return [] }
    let hit = answer.hits[deciding]
    var merged: [[String]: Named] = [:]
    func merge(_ outputs: [DecisionReply.Output]) {
      for output in outputs { merged[["\(output.kind)", output.name]] = Named(output) }
    }
    for index in plan.tables.indices { merge(outputs(ofTable: index, answer)) }
    let own = outputs(ofTable: Int(hit.table), answer)
    merge(own.filter { [.reason, .code, .message].contains($0.kind) })
    merged[["table"]] = Named(.init(kind: .table, value: plan.tables[Int(hit.table)].name))
    if !rule(hit).name.isEmpty {
      merged[["rule"]] = Named(.init(kind: .rule, value: rule(hit).name))
    }
    return Set(merged.values)
  }

  private func outputs(ofTable index: Int, _ answer: Answer) -> [DecisionReply.Output] {
    let enforced = answer.hits.filter { $0.table == UInt32(index) && $0.isEnforced }
    let all = enforced.flatMap { rule($0).outputs }
    let table = plan.tables[index]
    guard table.hits == .all else { return all }
    var lists: [DecisionReply.Output] = []
    for output in all where !lists.contains(where: { $0.isAlike(output) }) {
      let elements = enforced.map { hit in
        guard let found = rule(hit).outputs.first(where: { $0.isAlike(output) }) else { return "null" }
        return table.plainOutputs.contains(OutputIdentity(found)) ? found.value : jsonString(found.value)
      }
      lists.append(
        .init(kind: output.kind, name: output.name, value: "[\(elements.joined(separator: ","))]"))
    }
    return lists
  }
}

extension DecisionReply.Output {
  fileprivate func isAlike(_ other: Self) -> Bool { kind == other.kind && name == other.name }
}
