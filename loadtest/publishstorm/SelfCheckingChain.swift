import Signals
import Tables
import Wire

/// Chains that tell their version in everything they answer: which rule a value hits, that rule's
/// verdict, the table's version and the reason. A mixture of two versions shows.
enum SelfCheckingChain {
  static let ruleCount = 16
  static let keys = (0..<4).map { TableKey(tenant: "tenant-\($0)", trigger: "post-login") }

  /// A chain that is made as a reload makes one: from its plan.
  static func make(version: UInt64) throws -> CompiledChain {
    let rules = (0..<ruleCount).map { rule in
      RulePlan(
        name: "", number: rule + 1, verdict: verdict(ofRule: rule, version),
        outputs: [.init(kind: .reason, value: reason(ofRule: rule, version))])
    }
    let boundaries = (1..<ruleCount).map(Double.init)
    // Classes below, at and above each boundary: the value n and those up to n + 1 hit one rule.
    let rows = (0..<(2 * boundaries.count + 1)).map { index -> ColumnPlan.Row in
      [1 << UInt64(self.rule(ofValue: (index + 1) / 2, version))]
    }
    let column = ColumnPlan(
      slot: 0, partition: .numbers(boundaries: boundaries), stateRows: [[0], [0], [0]],
      classRows: rows)
    let table = TablePlan(
      name: "storm", version: version, mode: .enforce, columns: [column], rules: rules)
    guard let signal = SignalRegistry()["stats.loginsCount"] else {
      preconditionFailure("a signal that every registry has")
    }
    return try CompiledChain(ChainPlan(signals: [signal], tables: [table], onLate: .review))
  }

  /// Whether a reply is wholly that of its version.
  static func isRight(_ reply: DecisionReply, forValue value: Int) -> Bool {
    let rule = rule(ofValue: value, reply.tableVersion)
    return reply.rule == UInt32(rule + 1) && reply.flags.isEmpty
      && reply.verdict == verdict(ofRule: rule, reply.tableVersion)
      && reply.value(of: .reason) == reason(ofRule: rule, reply.tableVersion)
  }

  private static func rule(ofValue value: Int, _ version: UInt64) -> Int {
    (value + Int(version % UInt64(ruleCount))) % ruleCount
  }

  private static func verdict(ofRule rule: Int, _ version: UInt64) -> Verdict {
    Verdict.allCases[(rule + Int(version % 5)) % 5]
  }

  private static func reason(ofRule rule: Int, _ version: UInt64) -> String {
    "version \(version), rule \(rule)"
  }
}
