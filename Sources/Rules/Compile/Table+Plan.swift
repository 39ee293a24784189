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
  ///
  /// `liveNames` are the names of the chain's live tables, in their order.
  func plan(slots: [Signal: Int], liveNames: [String]) -> TablePlan {
    let ordered = rulesByBit
    return TablePlan(
      name: name, version: version, mode: mode,
      columns: columns(of: ordered).map { $0.plan(slot: slots[$0.signal]!) },
      rules: ordered.map { rule in
        RulePlan(
          name: rule.name, number: rule.number, verdict: rule.verdict,
          outputs: planOutputs(of: rule), mode: rule.mode ?? .enforce,
          canary: rule.canary?.plan(slots: slots))
      },
      hits: hitPolicy.isMultiHit ? .all : .first, aggregations: aggregations(),
      plainOutputs: plainOutputs, hasDefault: defaultRule != nil, role: role(liveNames: liveNames),
      canary: canary?.plan(slots: slots), onLate: onLate)
  }

  /// The rules in the order of their bits: that of hits, the default rule last; without those that
  /// are off.
  var rulesByBit: [Rule] {
    (hitOrder().map { rules[$0] } + [defaultRule].compactMap(\.self)).filter { $0.mode != .off }
  }

  /// The outputs of a rule as a plan has them.
  func planOutputs(of rule: Rule) -> [DecisionReply.Output] {
    rule.number == 0 ? rule.outputs : countable(rule.outputs)
  }

  func role(liveNames: [String]) -> TableRole {
    switch shadow {
    case nil: .live
    case .ofChain: .shadowOfChain
    // That the table is there was checked before.
    case .ofTable(let name): .shadowOfTable(liveNames.firstIndex(of: name) ?? 0)
    }
  }

  /// The keys of its canary and of its rules'.
  var canaryKeys: [Signal] {
    let keys = Set(([canary] + rules.map(\.canary)).compactMap { $0?.key })
    return Canary.Key.allCases.filter(keys.contains).map(\.signal)
  }

  func aggregations() -> [OutputAggregation] {
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

  /// The outputs that are numbers or booleans, in lists too.
  var plainOutputs: Set<OutputIdentity> {
    Set(
      outputs.filter { $0.type != .string && !isAggregated($0) }.map {
        OutputIdentity(kind: $0.column.kind, name: $0.column.name)
      })
  }

  /// Whether an output is one number for all hits, not a list.
  func isAggregated(_ output: OutputClause) -> Bool {
    hitPolicy.addsNumbers
      ? output.type == .number : hitPolicy == .collectCount && output.column.canAggregate
  }

  /// A count is a sum of ones, one for each hit: null counts too (DMN's `count`).
  private func countable(_ outputs: [DecisionReply.Output]) -> [DecisionReply.Output] {
    guard hitPolicy == .collectCount else { return outputs }
    return outputs.filter { !OutputColumn($0).canAggregate }
      + self.outputs.map(\.column).filter(\.canAggregate).map { $0.output("1") }
  }
}

extension Canary {
  func plan(slots: [Signal: Int]) -> CanaryPlan {
    CanaryPlan(slot: slots[key.signal]!, basisPoints: basisPoints)
  }
}

extension Canary.Key {
  /// The signal whose value is hashed.
  var signal: Signal { SignalRegistry()[rawValue]! }
}
