import Signals
import Tables
import Wire

extension Table {
  /// The input columns, by input, with the rules in the order of the source.
  var columns: [CellColumn] { columns(of: rules) }

  private func columns(of rules: [Rule]) -> [CellColumn] {
    inputs.indices.map { index in CellColumn(inputs[index], rules.map { $0.cells[index] }) }
  }

  /// The table as a plan takes it; `slots` holds the slot of each of its signals.
  func plan(slots: [Signal: Int]) -> TablePlan {
    let ordered = hitOrder().map { rules[$0] } + [defaultRule].compactMap(\.self)
    return TablePlan(
      name: name, version: version, mode: mode,
      columns: columns(of: ordered).map { $0.plan(slot: slots[$0.signal]!) },
      rules: ordered.map { rule in
        RulePlan(
          name: rule.name, number: rule.number, verdict: rule.verdict,
          outputs: rule.number == 0 ? rule.outputs : countable(rule.outputs))
      },
      hits: hitPolicy.isMultiHit ? .all : .first, aggregations: aggregations(),
      hasDefault: defaultRule != nil)
  }

  private func aggregations() -> [OutputAggregation] {
    let function: OutputAggregation.Function
    switch hitPolicy {
    case .collectSum, .collectCount: function = .sum
    case .collectMin: function = .min
    case .collectMax: function = .max
    default: return []
    }
    return outputs.filter(isAggregated).map {
      OutputAggregation(kind: $0.column.kind, name: $0.column.name, function: function)
    }
  }

  /// Whether an output is one number for all hits, not a list.
  func isAggregated(_ output: OutputClause) -> Bool {
    hitPolicy.addsNumbers
      ? output.type == .number : hitPolicy == .collectCount && output.column.canAggregate
  }

  /// A count is a sum of ones: what `COLLECT COUNT` makes of a rule's values.
  private func countable(_ outputs: [DecisionReply.Output]) -> [DecisionReply.Output] {
    guard hitPolicy == .collectCount else { return outputs }
    return outputs.map { output in
      OutputColumn(output).canAggregate ? OutputColumn(output).output("1") : output
    }
  }
}
