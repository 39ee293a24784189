import Rules
import Signals
import Tables
import Wire

extension CompiledChain {
  /// The verdict on a login without the proof that its tenant requires, and of which nothing else is known:
  /// the signals of the edge's headers are `unverified`, all others `absent`.
  func verdictWithoutProof(_ key: TableKey, fallback: Verdict) throws(WireError) -> Verdict {
    let (tenant, trigger) = (Array(key.tenant.utf8), Array(key.trigger.utf8))
    var writer = RequestWriter()
    writer.beginDecision(tenant: tenant.span, trigger: trigger.span, correlationID: 0)
    writer.endDecision()
    writer.finish()
    let message = [UInt8](copying: writer.bytes.span)
    var request = DecisionRequest()
    var reader = try RequestReader(message.span)
    _ = try reader.next(into: &request)
    var evaluator = Evaluator()
    evaluator.vector.fill(from: &request, in: message.span, reading: view.schema, isUnproven: true)
    return evaluator.evaluate(view, in: message.span, fallback: fallback).verdict
  }
}
