import Signals
import Tables
import Wire

/// Random plans, and values that lie at and around what they tell apart.
extension ChainPlan {
  private static let sampleSignals: [Signal] = [
    .named("akamaiUserRisk.score"), .named("akamaiUserRisk.standing"),
    .named("session.mfaRequired"), .named("stats.loginsCount"), .named("user.id"),
    .named("request.country"), .named("request.ip"), .named("authentication.methods"),
    .named("akamaiBot.botCategory"), .named("akamaiUserRisk.risk"), .custom("tier", .string),
  ]

  static func random(using random: inout SplitMix64) -> ChainPlan {
    let signals = sampleSignals.shuffled(using: &random).prefix(
      1 + random.below(sampleSignals.count))
    let tables = (0..<1 + random.below(4)).map { index in
      TablePlan.random("table-\(index)", Array(signals), using: &random)
    }
    return ChainPlan(tables, signals: Array(signals))
  }

  /// As above, with up to eight candidates, most of them drafts of one small table.
  static func randomBesideCandidates(using random: inout SplitMix64) -> ChainPlan {
    var plan = ChainPlan.random(using: &random)
    let model = TablePlan.random(
      "model", plan.signals, ruleCounts: [1, 2, 7, 63, 64, 65, 130, 513, 700], using: &random)
    let liveCount = plan.tables.count
    for index in 0..<1 + random.below(ChainPlan.shadowCountMax) {
      var table =
        random.below(16) == 0
        ? TablePlan.random("other", plan.signals, using: &random) : model.draft(plan.signals, using: &random)
      table.name = "candidate-\(index)"
      table.role = random.below(2) == 0 ? .shadowOfChain : .shadowOfTable(random.below(liveCount))
      plan.tables.append(table)
    }
    return plan
  }

  /// A value for each signal, near one that a column of it names.
  func randomValues(using random: inout SplitMix64) -> [Value] {
    signals.indices.map { slot in
      if random.below(8) == 0 {
        return .state([.absent, .invalid, .unverified].randomElement(using: &random)!)
      }
      let partition = tables.flatMap(\.columns).filter { $0.slot == slot }
        .randomElement(using: &random)?.partition
      return .random(near: partition, of: signals[slot], using: &random)
    }
  }
}

extension TablePlan {
  fileprivate static func random(
    _ name: String, _ signals: [Signal],
    ruleCounts: [Int] = [0, 1, 2, 7, 63, 64, 65, 130, 512, 513, 1100], using random: inout SplitMix64
  ) -> TablePlan {
    let ruleCount = ruleCounts.randomElement(using: &random)!
    let columns = (0..<random.below(7)).map { _ in
      let slot = random.below(signals.count)
      return ColumnPlan.random(
        slot, .random(for: signals[slot], using: &random), ruleCount: ruleCount, using: &random)
    }
    let watchesRules = random.below(4) == 0
    let rules = (0..<ruleCount).map { index in
      RulePlan(
        name: random.below(2) == 0 ? "" : "rule-\(index)", number: index + 1,
        verdict: Verdict.allCases.randomElement(using: &random)!,
        outputs: DecisionReply.Output.random(using: &random),
        mode: watchesRules ? [.audit, .advisory, .enforce].randomElement(using: &random)! : .enforce)
    }
    // Lists of more rules would not fit into a reply if all of them matched.
    let hitsAll = ruleCount < 200 && random.below(3) == 0
    return TablePlan(
      name: name, version: random.next() | 1, mode: Mode.allCases.randomElement(using: &random)!,
      columns: columns, rules: rules, hits: hitsAll ? .all : .first,
      plainOutputs: random.below(2) == 0 ? [] : [OutputIdentity(kind: .claim, name: "risk")],
      hasDefault: ruleCount > 0 && random.below(3) == 0)
  }

  /// A table with other rows, maybe of fewer rules, without some columns and with another partition in some.
  fileprivate func draft(_ signals: [Signal], using random: inout SplitMix64) -> TablePlan {
    var draft = self
    draft.hits = random.below(8) == 0 ? .all : .first
    draft.rules.removeLast(random.below(2) * random.below(rules.count))
    draft.columns = columns.compactMap { column in
      if random.below(12) == 0 { return nil }
      let partition =
        random.below(6) == 0 ? .random(for: signals[column.slot], using: &random) : column.partition
      return .random(column.slot, partition, ruleCount: draft.rules.count, using: &random)
    }
    return draft
  }
}

extension ColumnPlan {
  fileprivate static func random(
    _ slot: Int, _ partition: Partition, ruleCount: Int, using random: inout SplitMix64
  ) -> ColumnPlan {
    let oneIn = 2 + random.below(12)
    func row() -> Row {
      var row = Row(repeating: 0, count: max(1, (ruleCount + 63) / 64))
      for rule in 0..<ruleCount where random.below(oneIn) > 0 {
        row[rule / 64] |= 1 << UInt64(rule % 64)
      }
      return row
    }
    return ColumnPlan(
      slot: slot, partition: partition, stateRows: (0..<3).map { _ in row() },
      classRows: (0..<partition.rowCount).map { index in
        // Rows of a list that rule out are sparse, or nothing would be left.
        guard case .list = partition, index > 0, index % 2 == 0 else { return row() }
        return zip(row(), row()).map { $0 & ~$1 }
      })
  }
}

extension Partition {
  fileprivate static let words = [
    "", "a", "fr", "ie", "pwd", "sms", "abcdefg", "abcdefgh", "abcdefghi", "webauthn-roaming",
    "a_text_that_takes_several_words_of_eight_bytes", "0", "z",
  ]

  fileprivate static func random(for signal: Signal, using random: inout SplitMix64) -> Partition {
    func words() -> [String] {
      Array(Self.words.shuffled(using: &random).prefix(random.below(Self.words.count + 1)))
    }
    switch signal.type {
    case .number:
      if let wholeMax = signal.wholeMax, random.below(2) == 0 {
        return .direct(classes: (0...wholeMax).map { _ in random.below(6) } + [5])
      }
      // Whole and close together, or not: each has a lookup of its own.
      let (limit, scale) = random.below(2) == 0 ? (40, 1.0) : (400, 4.0)
      let numbers = (0..<random.below(30)).map { _ in Double(random.below(limit) - limit / 4) / scale }
      return .numbers(boundaries: Set(numbers).sorted())
    case .boolean: return .direct(classes: [random.below(2), random.below(2)])
    case .enumeration: return .direct(classes: signal.cases.map { _ in random.below(3) })
    case .string: return .strings(members: words())
    case .list: return .list(members: words().filter { !$0.isEmpty })
    case .address:
      let starts = (0..<random.below(40)).map { _ in
        UInt128(random.next()) << UInt128([0, 32, 64].randomElement(using: &random)!)
      }
      return .addresses(starts: Set(starts).sorted())
    }
  }
}

extension Value {
  fileprivate static func random(
    near partition: Partition?, of signal: Signal, using random: inout SplitMix64
  ) -> Value {
    func word() -> String {
      let word = Partition.words.randomElement(using: &random)!
      return switch random.below(4) {
      case 0: word.uppercased()
      case 1: word + "x"
      default: word
      }
    }
    switch signal.type {
    case .number:
      if case .numbers(let boundaries) = partition,
        let near = boundaries.randomElement(using: &random)
      {
        let isWhole = signal.wholeMax != nil
        let down = isWhole ? near.rounded() - 1 : near.nextDown
        let up = isWhole ? near.rounded() + 1 : near.nextUp
        return .number([down, isWhole ? near.rounded() : near, up].randomElement(using: &random)!)
      }
      return .number(Double(random.below(105)))
    case .boolean: return .index(random.below(2))
    case .enumeration: return .index(random.below(signal.cases.count))
    case .string: return .text(word())
    case .list:
      return .list((0..<random.below(5)).map { _ in word() }.filter { !$0.isEmpty })
    case .address:
      if case .addresses(let starts, _) = partition, let near = starts.randomElement(using: &random) {
        return .address([near &- 1, near, near &+ 1].randomElement(using: &random)!)
      }
      return .address(UInt128(random.next()) << 64 | UInt128(random.next()))
    }
  }
}

extension DecisionReply.Output {
  fileprivate static func random(using random: inout SplitMix64) -> [DecisionReply.Output] {
    let all = [
      DecisionReply.Output(kind: .reason, value: "reason \(random.below(3))"),
      .init(kind: .code, value: "code_\(random.below(3))"),
      .init(kind: .message, value: "message"),
      .init(kind: .obligation, value: "obligation-\(random.below(3))"),
      .init(kind: .claim, name: "risk", value: "\(random.below(9))"),
      .init(kind: .metadata, name: "risk", value: "\(random.below(9))"),
    ]
    return all.filter { _ in random.below(3) == 0 }
  }
}
