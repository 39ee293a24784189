import Signals
import Tables
import Wire

/// Signals from requests, and verdicts from signals, over `RandomLogins.count` logins in turn.
func measureEvaluations(_ meter: inout Meter) throws {
  let logins = try RandomLogins(seed: 1)
  for (ruleCount, columnCount) in [(10, 4), (64, 8), (1000, 12)] {
    let plan = RandomChain.plan(
      ruleCount: ruleCount, columnCount: columnCount, seed: UInt64(ruleCount))
    let chain = try CompiledChain(plan)
    var evaluator = Evaluator()
    let message = logins.message
    if ruleCount == 1000 {
      meter.measure("fill/12 slots, both headers") { run in
        evaluator.vector.fill(
          from: &logins.requests[run % RandomLogins.count].request, in: message.span,
          reading: chain.view.schema)
        return evaluator.vector[0].low
      }
    }
    let values = values(of: logins, slotCount: columnCount, reading: chain)
    // A login's values have to get into the vector; fill does that in a server. Measured alone, and
    // taken off the row below it.
    meter.measure("put/\(columnCount) values") { run in
      let first = run % RandomLogins.count * columnCount
      for slot in 0..<columnCount { evaluator.vector[slot] = values[first + slot] }
      return evaluator.vector[0].low
    }
    meter.measure(
      "evaluate/\(ruleCount) rules x \(columnCount) columns", netOf: "put/\(columnCount) values"
    ) { run in
      let first = run % RandomLogins.count * columnCount
      for slot in 0..<columnCount { evaluator.vector[slot] = values[first + slot] }
      let decision = evaluator.evaluate(chain.view, in: message.span, fallback: .allow)
      return UInt64(decision.verdict.rawValue) << 32 | UInt64(evaluator.hits.count)
    }
  }
}

/// The values of each login's vector, one login after the other. Putting them into an evaluator's
/// own vector is measured by itself.
private func values(
  of logins: RandomLogins, slotCount: Int, reading chain: CompiledChain
) -> [SignalValue] {
  var vector = SignalVector()
  return logins.requests.flatMap { login in
    vector.fill(from: &login.request, in: logins.message.span, reading: chain.view.schema)
    return (0..<slotCount).map { vector[$0] }
  }
}
