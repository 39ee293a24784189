import Signals
import Wire

extension TableDifference {
  /// Compares what whole chains of one trigger decide: the verdict of all their enforced tables
  /// together. Canaries count as enforced for all.
  public init(
    chains before: [Table], _ after: [Table], budget: Budget = Budget()
  ) {
    let either = (after.first ?? before.first)!
    (tenant, trigger, table) = (either.tenant, either.trigger, "")
    self.before = before.map(\.file).joined(separator: ", ")
    self.after = after.map(\.file).joined(separator: ", ")
    let versions = [before, after].map { tables in
      tables.filter { $0.isLive && $0.mode == .enforce }.sorted { $0.order < $1.order }
        .map(\.asEnforced)
    }
    problem = Self.clash(versions[0], versions[1])
    guard problem.isEmpty else { return }
    var budget = budget
    comparePlaces(versions, &budget)
    split(versions, &budget) { tables, hits in
      Self.chainDecision(tables, hits)
    }
  }

  /// Notes the tables that changed places with another that matches the same logins: whose outputs and
  /// name a reply has is a matter of their order, whatever the verdict.
  private mutating func comparePlaces(_ versions: [[Table]], _ budget: inout Budget) {
    let places = versions.map { tables in
      Dictionary(tables.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }
    let both = versions[1].filter { places[0][$0.name] != nil }
    for (index, first) in both.enumerated() {
      for second in both[(index + 1)...] where places[0][first.name]! > places[0][second.name]! {
        switch Self.sharedInput(first, second, &budget) {
        case .none: continue
        case .undecided: isComplete = false
        case .input(let text):
          rollout.append("`\(first.name)` comes before `\(second.name)`, after it before; both match \(text)")
        }
      }
    }
  }

  private enum SharedInput {
    case none
    case undecided
    case input(String)
  }

  /// An input that rules of both tables match whose order shows in the reply.
  private static func sharedInput(
    _ first: Table, _ second: Table, _ budget: inout Budget
  ) -> SharedInput {
    let tables = [first, second].map { table in
      var table = table
      table.rules += [table.defaultRule].compactMap(\.self)
      return table
    }
    let rules = RuleBoxes(tables)
    if !rules.unread.isEmpty { return .undecided }
    for (index, rule) in tables[0].rules.enumerated() {
      guard budget.allows(tables[1].rules.count * rules.space.all.count) else { return .undecided }
      for (otherIndex, other) in tables[1].rules.enumerated() {
        // Of two answers without outputs the stronger counts, in either order.
        if rule.verdict != other.verdict, rule.outputs.isEmpty, other.outputs.isEmpty { continue }
        if let box = rules.overlap(index, rules.starts[1] + otherIndex) {
          return .input(rules.space.witness(in: box).text)
        }
      }
    }
    return .none
  }

  /// Compares two versions of a table of which one answers with every rule that matches.
  mutating func compareHits(_ before: Table, _ after: Table, _ budget: inout Budget) {
    split([[before], [after]], &budget) { tables, hits in
      let rules = hits[0].map { tables[0].rules[$0] }.orDefault(of: tables[0])
      return Decision(
        outcome: tables[0].outcome(of: rules), rules: tables[0].names(of: rules))
    }
  }

  private static func chainDecision(_ tables: [Table], _ hits: [[Int]]) -> Decision {
    var deciding: (verdict: Verdict, rule: Finding.RuleName)?
    for (table, indexes) in zip(tables, hits) {
      let rules = indexes.map { table.rules[$0] }.orDefault(of: table)
      let answer = table.hitPolicy.isMultiHit ? rules.deciding : rules.first
      guard let answer else { continue }
      if deciding.map({ answer.verdict > $0.verdict }) ?? true {
        deciding = (answer.verdict, answer.name(in: table.file))
      }
      if answer.verdict.stopsChain { break }
    }
    return Decision(
      outcome: deciding.map { RuleOutcome(verdict: $0.verdict.name, outputs: [:]) },
      rules: deciding.map { [$0.rule] } ?? [])
  }

  private mutating func split(
    _ versions: [[Table]], _ budget: inout Budget,
    decision: @escaping ([Table], [[Int]]) -> Decision
  ) {
    let tables = versions.flatMap(\.self)
    let rules = RuleBoxes(tables)
    problem = Self.unreadRule(rules, tables)
    guard problem.isEmpty else { return }
    var numbers = Numbers()
    var index = 0
    let layers = versions.map { tables in
      tables.map { table in
        let boxes = Array(rules.boxes[rules.starts[index]...].prefix(table.rules.count))
        index += 1
        return numbers.layer(table, boxes)
      }
    }
    let difference = SplitDifference(
      rules.space, layers,
      answers: versions.map { tables in { decision(tables, $0).outcome } }, &budget)
    isComplete = isComplete && difference.isComplete
    add(
      difference.parts.map { part in
        (part.box, decision(versions[0], part.before), decision(versions[1], part.after))
      }, rules.space)
  }

  /// Numbers for rules and for what tables make of their hits, equal where these are.
  private struct Numbers {
    private struct RuleKey: Hashable {
      let boxes: [Box]
      let outcome: RuleOutcome
    }

    private struct Kind: Hashable {
      let hitPolicy: HitPolicy
      let outputs: [OutputClause]
      let modelKind: String?
      let defaultOutcome: RuleOutcome?
    }

    private var rules: [RuleKey: Int] = [:]
    private var kinds: [Kind: Int] = [:]

    mutating func layer(
      _ table: Table, _ boxes: [[Box]]
    ) -> SplitDifference<RuleOutcome?>.Layer {
      let kind = Kind(
        hitPolicy: table.hitPolicy, outputs: table.outputs, modelKind: table.answering?.kind,
        defaultOutcome: table.defaultRule?.outcome)
      let keys = zip(boxes, table.rules).map { boxes, rule in
        Self.number(RuleKey(boxes: boxes, outcome: rule.outcome), in: &rules)
      }
      return .init(
        kind: Self.number(kind, in: &kinds), boxes: boxes, keys: keys,
        isFirstOnly: table.answersByFirst)
    }

    private static func number<Key: Hashable>(_ key: Key, in numbers: inout [Key: Int]) -> Int {
      let number = numbers[key] ?? numbers.count
      numbers[key] = number
      return number
    }
  }
}

extension [Rule] {
  /// The default rule of a table, where it has one, in place of no hit.
  fileprivate func orDefault(of table: Table) -> [Rule] {
    isEmpty ? [table.defaultRule].compactMap(\.self) : self
  }
}

extension Table {
  /// Whether the first rule that matches is all that counts. Of a model's UNIQUE and ANY others count that
  /// may not be.
  fileprivate var answersByFirst: Bool {
    answering == nil ? hitPolicy.style != .all : [.first, .priority].contains(hitPolicy)
  }

  /// In deciding order, without rules whose answer is nobody's.
  fileprivate var asEnforced: Table {
    var table = inDecidingOrder
    table.rules.removeAll { !reach(of: $0).decides }
    return table
  }
}
