import Signals
import Tables
import Wire

/// A random table of mixed columns, laid out as the compiler of table sources would.
struct RandomChain {
  /// The columns in the order in which a narrower table takes them.
  private static let columns: [(signal: String, partition: Partition)] = [
    ("akamaiUserRisk.score", .direct(classes: (0...100).map { $0 / 5 })),
    ("akamaiUserRisk.standing", .direct(classes: [0, 1, 2])),
    ("session.mfaRequired", .direct(classes: [0, 1])),
    ("akamaiBot.botScoreResponseSegment", .strings(members: RandomLogins.segments)),
    ("stats.loginsCount", .numbers(boundaries: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000])),
    ("request.country", .strings(members: RandomLogins.countries)),
    ("request.ip", .addresses(starts: starts)),
    ("akamaiBot.botScore", .direct(classes: (0...100).map { $0 / 10 })),
    ("authentication.methods", .list(members: RandomLogins.methods)),
    ("akamaiBot.botCategory", .list(members: RandomLogins.categories)),
    ("akamaiUserRisk.emailDomain", .strings(members: Array(RandomLogins.domains.dropLast(2)))),
    ("akamaiUserRisk.risk.unp.level", .direct(classes: [0, 1, 2])),
  ]

  /// Where 32 networks of IPv4 begin.
  private static let starts = (0..<32).map { 0xFFFF_0000_0000 | UInt128($0) << 27 | 1 << 24 }

  /// One enforcing table; its last rule matches whatever comes.
  static func plan(ruleCount: Int, columnCount: Int, seed: UInt64) -> ChainPlan {
    var random = SplitMix64(seed: seed)
    let registry = SignalRegistry()
    let columns = columns.prefix(columnCount)
    let rules = (1...ruleCount).map { number in
      RulePlan(
        name: "rule-\(number)", number: number, verdict: random.pick(Verdict.allCases),
        outputs: [.init(kind: .reason, value: "random rule \(number)")])
    }
    let columnPlans = columns.enumerated().map { index, column in
      var rows = RandomRows(column.partition, ruleCount: ruleCount)
      for rule in 0..<ruleCount { rows.addCell(of: rule, isLast: rule == ruleCount - 1, &random) }
      return ColumnPlan(
        slot: index, partition: column.partition, stateRows: rows.states, classRows: rows.classes)
    }
    return ChainPlan(
      signals: columns.map { registry[$0.signal]! },
      tables: [
        TablePlan(
          name: "random", version: seed, mode: .enforce, columns: columnPlans, rules: rules)
      ],
      onLate: .allow)
  }
}

/// A column's rows while its cells are made.
private struct RandomRows {
  private let partition: Partition
  private(set) var states: [ColumnPlan.Row]
  private(set) var classes: [ColumnPlan.Row]

  init(_ partition: Partition, ruleCount: Int) {
    let empty = ColumnPlan.Row(repeating: 0, count: (ruleCount + 63) / 64)
    self.partition = partition
    states = Array(repeating: empty, count: 3)
    classes = Array(repeating: empty, count: partition.rowCount)
  }

  /// Half of the cells allow everything; the others a stretch of the classes, some a state as well.
  mutating func addCell(of rule: Int, isLast: Bool, _ random: inout SplitMix64) {
    let word = rule / 64
    let bit: UInt64 = 1 << UInt64(rule % 64)
    let allowsAll = isLast || random.happens(50)
    if case .list(let members, _) = partition {
      for state in states.indices where allowsAll { states[state][word] |= bit }
      let member = random.below(members.count)
      let forbids = random.happens(30)
      if allowsAll || forbids { classes[0][word] |= bit }
      if !allowsAll { classes[(forbids ? 2 : 1) + 2 * member][word] |= bit }
      return
    }
    let first = allowsAll ? 0 : random.below(classes.count)
    let last = allowsAll ? classes.count - 1 : min(classes.count - 1, first + random.below(8))
    for row in first...last { classes[row][word] |= bit }
    for state in states.indices where allowsAll || random.happens(10) {
      states[state][word] |= bit
    }
  }
}
