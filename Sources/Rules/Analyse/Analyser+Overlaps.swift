extension Analyser {
  /// What the hit policy says of rules that match the same input.
  mutating func findOverlaps() {
    switch table.hitPolicy.style {
    case .disjoint, .agreeing:
      var source = table
      source.rules = Array(table.rules[rows])
      let (overlaps, isComplete) = source.overlapFindings(&budget)
      for finding in overlaps { append(finding) }
      if !isComplete { leave("which rules overlap") }
      if table.hitPolicy.style == .agreeing {
        findRepeatedRules()
        advisePolicy("UNIQUE", "no two rules overlap") { _, _ in true }
      }
    case .ordered:
      if !advisePolicy("UNIQUE", "no two rules overlap", unless: { _, _ in true }) {
        advisePolicy("ANY", "rules that overlap answer the same") { $0 != $1 }
      }
    case .all: findRepeatedRules()
    }
  }

  /// Advises a hit policy unless two rules overlap whose answers are as asked. Returns whether it did, or
  /// whether it may have had to.
  @discardableResult
  private mutating func advisePolicy(
    _ policy: String, _ why: String, unless isWanted: (Int, Int) -> Bool
  ) -> Bool {
    let answers = answers
    for rule in rows {
      if budget.isSpent {
        leave("whether `hitPolicy: \(policy)` decides the same")
        return true
      }
      let later = (rule + 1)..<rows.upperBound
      if overlaps(rule, in: later, where: { isWanted(answers[rule], answers[$0]) }) { return false }
    }
    advise(policy, why)
    return true
  }

  private mutating func advise(_ policy: String, _ why: String) {
    guard rows.count > 1, rules.unread.isEmpty else { return }
    let box = rules.boxes.first { !$0.isEmpty }?.first
    report(
      .hitPolicy, .info, regions: box.map { [$0] } ?? [],
      "\(why), so `hitPolicy: \(policy)` decides the same, and keeps it so")
  }

  /// Rules that say again what another says: of the same cells, or, in an ANY table, of narrower.
  /// Where all rules answer, both do: the list of a value or a sum has it twice.
  private mutating func findRepeatedRules() {
    for rule in rows where !rules.boxes[rule].isEmpty {
      if budget.isSpent {
        leave("whether \(label(rule)) says what another does")
        continue
      }
      let others = containing(rule, in: rows).filter {
        answers[$0] == answers[rule]
      }
      let twin = others.prefix { $0 < rule }.first { holds(rule, $0) }
      if let twin {
        report(
          .firstNormalForm, .info, rules: [rule, twin], regions: rules.boxes[rule],
          "\(label(rule)) and \(label(twin)) are the same"
            + (table.hitPolicy.isMultiHit
              ? ", and both answer; remove one if their outputs should count once"
              : "; remove one"))
      } else if table.hitPolicy.style == .agreeing,
        let other = others.first(where: { !holds(rule, $0) })
      {
        report(
          .subsumed, .info, rules: [rule, other], regions: rules.boxes[rule],
          "\(label(rule)) is not needed: \(label(other)) answers the same to all that it matches")
      }
    }
  }

  /// Whether a rule holds all of another.
  mutating func holds(_ rule: Int, _ other: Int) -> Bool {
    !containing(other, in: rule..<(rule + 1)).isEmpty
  }
}
