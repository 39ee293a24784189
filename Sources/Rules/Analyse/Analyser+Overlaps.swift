extension Analyser {
  /// What the hit policy says of rules that match the same input.
  mutating func findOverlaps() {
    switch table.hitPolicy.style {
    case .disjoint, .agreeing:
      var source = table
      source.rules = Array(table.rules[rows])
      for finding in source.overlapFindings() { append(finding) }
      if table.hitPolicy.style == .agreeing { findRepeatedRules() }
      if table.hitPolicy.style == .agreeing, !hasOverlap() {
        advise("UNIQUE", "no two rules overlap")
      }
    case .ordered:
      if !hasOverlap() {
        advise("UNIQUE", "no two rules overlap")
      } else if !hasOverlap(where: { $0 != $1 }) {
        advise("ANY", "rules that overlap answer the same")
      }
    case .all: findRepeatedRules()
    }
  }

  private mutating func advise(_ policy: String, _ why: String) {
    guard rows.count > 1, rules.unread.isEmpty else { return }
    let box = rules.boxes.first { !$0.isEmpty }?.first
    report(
      .hitPolicy, .info, regions: box.map { [$0] } ?? [],
      "\(why), so `hitPolicy: \(policy)` decides the same, and keeps it so")
  }

  /// Whether two rules overlap whose outcomes are as asked.
  private func hasOverlap(
    where isWanted: (Int, Int) -> Bool = { _, _ in true }
  ) -> Bool {
    rows.contains { rule in
      overlapping(rule, in: (rule + 1)..<rows.upperBound).contains {
        isWanted(answers[rule], answers[$0])
      }
    }
  }

  /// Rules that say again what another says: of the same cells, or, in an ANY table, of narrower.
  /// Where all rules answer, both do: the list of a value or a sum has it twice.
  private mutating func findRepeatedRules() {
    for rule in rows where !rules.boxes[rule].isEmpty {
      let others = containing(rule, in: rows).filter {
        answers[$0] == answers[rule]
      }
      let twin = others.first { $0 < rule && containing($0, in: rule..<(rule + 1)) == [rule] }
      if let twin {
        report(
          .firstNormalForm, .info, rules: [rule, twin], regions: rules.boxes[rule],
          "\(label(rule)) and \(label(twin)) are the same"
            + (table.hitPolicy.isMultiHit
              ? ", and both answer; remove one if their outputs should count once"
              : "; remove one"))
      } else if table.hitPolicy.style == .agreeing, let other = others.first,
        containing(other, in: rule..<(rule + 1)).isEmpty
      {
        report(
          .redundant, .info, rules: [rule, other], regions: rules.boxes[rule],
          "\(label(rule)) is not needed: \(label(other)) answers the same to all that it matches")
      }
    }
  }
}
