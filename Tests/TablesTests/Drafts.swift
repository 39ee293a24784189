import Signals
import Tables
import Wire

/// Plans in few words.
extension ColumnPlan {
  /// A column from what each rule allows: numbers of state rows and class rows.
  init(
    slot: Int = 0, _ partition: Partition, states: [Set<SignalState>], classes: [Set<Int>]
  ) {
    let ruleCount = states.count
    func row(_ isSet: (Int) -> Bool) -> Row {
      var row = Row(repeating: 0, count: max(1, (ruleCount + 63) / 64))
      for rule in 0..<ruleCount where isSet(rule) { row[rule / 64] |= 1 << UInt64(rule % 64) }
      return row
    }
    self.init(
      slot: slot, partition: partition,
      stateRows: [SignalState.absent, .invalid, .unverified].map { state in
        row { states[$0].contains(state) }
      },
      classRows: (0..<partition.rowCount).map { index in row { classes[$0].contains(index) } })
  }

  /// One rule a row: the states' come first, then the classes' in order. So the rule that matches
  /// tells the row that a value selects.
  static func oneRulePerRow(slot: Int = 0, _ partition: Partition) -> ColumnPlan {
    let states: [SignalState] = [.absent, .invalid, .unverified]
    let count = states.count + partition.rowCount
    return ColumnPlan(
      slot: slot, partition,
      states: (0..<count).map { $0 < states.count ? [states[$0]] : [] },
      classes: (0..<count).map { $0 < states.count ? [] : [$0 - states.count] })
  }
}

extension TablePlan {
  /// A table with as many rules as verdicts.
  init(
    _ name: String = "table", _ mode: Mode = .enforce, _ columns: [ColumnPlan] = [],
    verdicts: [Verdict], outputs: [DecisionReply.Output] = []
  ) {
    self.init(
      name: name, version: 7, mode: mode, columns: columns,
      rules: verdicts.enumerated().map { index, verdict in
        RulePlan(name: "", number: index + 1, verdict: verdict, outputs: outputs)
      })
  }

  /// A table without columns: its only rule always matches.
  static func constant(
    _ verdict: Verdict, _ mode: Mode = .enforce, name: String = "table",
    outputs: [DecisionReply.Output] = []
  ) -> TablePlan {
    TablePlan(name, mode, verdicts: [verdict], outputs: outputs)
  }
}

extension ChainPlan {
  init(_ tables: [TablePlan], signals: [Signal] = []) {
    self.init(signals: signals, tables: tables, onLate: .review)
  }

  /// Evaluates the plan once, compiled.
  func decide(_ input: Input, fallback: Verdict = .allow) throws -> Outcome {
    let chain = try CompiledChain(self)
    var evaluator = Evaluator()
    return evaluator.decide(chain, input, fallback: fallback)
  }

  /// As above, as the reply that is written.
  func reply(
    _ input: Input, fallback: Verdict = .allow, answering flags: RequestFlags = []
  ) throws -> DecisionReply {
    let chain = try CompiledChain(self)
    var evaluator = Evaluator()
    return try evaluator.reply(chain, input, fallback: fallback, answering: flags)
  }
}

extension Evaluator {
  mutating func decide(_ chain: CompiledChain, _ input: Input, fallback: Verdict) -> Outcome {
    let decision = run(chain, input, fallback: fallback)
    return Outcome(decision: decision, hits: (0..<hits.count).map { hits[$0] })
  }

  private mutating func run(
    _ chain: CompiledChain, _ input: Input, fallback: Verdict
  ) -> Decision {
    for (slot, value) in input.values.enumerated() { vector[slot] = value }
    return evaluate(chain.view, in: input.message.span, fallback: fallback)
  }

  mutating func reply(
    _ chain: CompiledChain, _ input: Input, fallback: Verdict, answering flags: RequestFlags = []
  ) throws -> DecisionReply {
    let decision = run(chain, input, fallback: fallback)
    var out = ByteWriter()
    out.beginMessage(.reply)
    chain.view.write(
      decision, of: &self, correlationID: 42, answering: flags, in: input.message.span, to: &out)
    out.finishMessage(decisionCount: 1)
    return try Reply(reading: out.span).decisions[0]
  }
}

/// A decision and the hits behind it.
@dynamicMemberLookup
struct Outcome {
  let decision: Decision
  let hits: [Hit]

  var hitCount: Int { hits.count }

  subscript<Value>(dynamicMember path: KeyPath<Decision, Value>) -> Value {
    decision[keyPath: path]
  }
}
