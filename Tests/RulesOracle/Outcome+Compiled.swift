import Rules
import Signals
import Tables
import Wire

extension Interpreter.Outcome {
  /// What a compiled chain replies to an input given by slot, read back from the reply's bytes.
  package init(
    of values: [PlainSignal], by chain: CompiledChain, _ plan: ChainPlan, fallback: Verdict,
    evaluator: inout Evaluator
  ) throws {
    var decisionInput = DecisionInput()
    decisionInput.signals = zip(plan.signals, values).map(DecisionInput.Entry.init)
    let encoded = EncodedInput(
      decisionInput, for: plan.signals, of: TableKey(trigger: "post-login"))
    try encoded.fill(&evaluator.vector, reading: chain.view.schema)
    let decision = evaluator.evaluate(chain.view, in: encoded.bytes.span, fallback: fallback)

    var out = ByteWriter()
    out.beginMessage(.reply)
    chain.view.write(
      decision, of: &evaluator, correlationID: 0, in: encoded.bytes.span, to: &out)
    out.finishMessage(decisionCount: 1)
    let reply = try Reply(reading: out.span).decisions[0]
    var outputs: [Interpreter.Key: Interpreter.Value] = [:]
    for output in reply.outputs {
      let known = outputs.updateValue(
        .text(output.value), forKey: .init(kind: output.kind, name: output.name))
      guard known == nil else {
        throw ChainComparison.Unusable(description: "output \(output) came twice")
      }
    }
    self.init(
      verdict: reply.verdict, wouldBe: reply.wouldBe, mode: reply.mode, flags: reply.flags,
      table: reply.value(of: .table) ?? "", rule: Int(reply.rule), outputs: outputs)
  }

  /// With lists and numbers as a reply has them.
  package var asReplied: Self {
    var outcome = self
    outcome.outputs = outputs.mapValues { value in
      switch value {
      case .text: value
      case .plain(let texts): .text("[\(texts.map { $0 ?? "null" }.joined(separator: ","))]")
      case .list(let texts):
        .text("[\(texts.map { $0.map(jsonString) ?? "null" }.joined(separator: ","))]")
      case .number(let number):
        .text(number == number.rounded() ? String(Int(number)) : String(number))
      }
    }
    return outcome
  }
}
