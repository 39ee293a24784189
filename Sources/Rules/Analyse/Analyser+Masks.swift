extension Analyser {
  /// LIMIT: rules that mask another together, of which the ones that are not needed for it are
  /// left out of the finding.
  private static let minimizedRuleCountMax = 24

  /// Rules that match no input, and where order decides, rules of which earlier ones leave nothing,
  /// and rules without which nothing would change.
  mutating func findMaskedRules() {
    for rule in rows where !rules.unread.contains(rule) {
      if rules.boxes[rule].isEmpty {
        masked.insert(rule)
        report(.masked, .warning, rules: [rule], "\(label(rule)) matches no input; remove it")
        continue
      }
      guard table.hitPolicy.style == .ordered else { continue }
      let masks = containing(rule, in: 0..<rule).filter { leavesNothing($0, to: rule) }
      if let mask = masks.first {
        masked.insert(rule)
        report(
          .masked, .warning, rules: [rule, mask], regions: rules.boxes[rule],
          "\(label(rule)) can never fire: \(label(mask)) matches all that it does\(shared(mask));"
            + " \(place.move) or remove it")
        continue
      }
      if budget.isSpent {
        leave("whether \(label(rule)) can fire")
        continue
      }
      let before = overlapping(rule, in: 0..<rule)
      let earlier = before.filter { leavesNothing($0, to: rule) }
      if earlier.count > 1, covers(earlier, rule) {
        masked.insert(rule)
        let masks = needed(earlier, toMask: rule)
        report(
          .masked, .warning, rules: [rule] + masks, regions: rules.boxes[rule],
          "\(label(rule)) can never fire: \(place.all) together match all that it does"
            + " (\(labels(masks))); \(place.move) or remove it")
      } else if case let deciding = before.filter({ reaches[$0].decides }),
        deciding.count > earlier.count, covers(deciding, rule)
      {
        let parts = deciding.filter { !reaches[$0].isAll }
        report(
          .partial, .info, rules: [rule] + parts, regions: rules.boxes[rule],
          "\(label(rule)) decides only the traffic that \(labels(parts)) leaves to it")
      } else if let same = rulesInPlace(of: rule, earlier) {
        let holder = containing(rule, in: rows).first { same.contains($0) }
        let others = labels(holder.map { [$0] } ?? same)
        report(
          holder == nil ? .redundant : .subsumed, .info, rules: [rule] + [holder].compactMap(\.self),
          regions: rules.boxes[rule],
          "\(label(rule)) is not needed: without it, \(others) would say the same")
      }
    }
  }

  /// Whether a rule, of what both it and a later one match, leaves the later one nothing to decide: it is
  /// for all, or for a canary that has whoever the later one's has. Rules of a table draw their users alike.
  private func leavesNothing(_ rule: Int, to later: Int) -> Bool {
    switch (reaches[rule], reaches[later]) {
    case (.all, _): true
    case (.part(let canary), .part(let other)):
      canary.key == other.key && canary.basisPoints >= other.basisPoints
    default: false
    }
  }

  /// What a message adds of a rule that leaves nothing to another and is for a part of the traffic only.
  private func shared(_ mask: Int) -> String {
    guard case .part(let canary) = reaches[mask] else { return "" }
    return ", for the same \(canary.key == .user ? "users" : "sessions")"
  }

  /// Whether some rules together match all that another does. What is not decided is noted.
  private mutating func covers(_ others: [Int], _ rule: Int) -> Bool {
    let cover = rules.boxes(of: others)
    for box in rules.boxes[rule] {
      switch CoverSearch.uncovered(in: box, by: cover, &budget) {
      case .covered: continue
      case .uncovered: return false
      case .undecided:
        leave("whether \(label(rule)) can fire")
        return false
      }
    }
    return true
  }

  /// Those of some rules that mask a rule without which the others would not.
  private mutating func needed(_ masks: [Int], toMask rule: Int) -> [Int] {
    guard masks.count <= Self.minimizedRuleCountMax else { return masks }
    var needed = masks
    for mask in masks.reversed() {
      let others = needed.filter { $0 != mask }
      let cover = rules.boxes(of: others)
      let stillCovered = rules.boxes[rule].allSatisfy { box in
        if case .covered = CoverSearch.uncovered(in: box, by: cover, &budget) {
          true
        } else {
          false
        }
      }
      if stillCovered { needed = others }
    }
    return needed
  }

  /// The rules that decide in place of one that is not there, where that changes no decision: to all that it
  /// decides, the rules below it give the same answer. `nil` where they do not, or where that is not decided.
  private mutating func rulesInPlace(of rule: Int, _ earlier: [Int]) -> [Int]? {
    let below = (rule + 1)..<table.rules.count
    // Behind a rule that holds all of this one, nothing is left to differ.
    let end = containing(rule, in: below).first.map { $0 + 1 } ?? table.rules.count
    let later = overlapping(rule, in: (rule + 1)..<end)
    guard later.contains(where: { answers[$0] == answers[rule] }) else { return nil }
    var cover = rules.boxes(of: earlier)
    for other in later {
      if answers[other] != answers[rule] {
        for box in rules.boxes[other] {
          for own in rules.boxes[rule] {
            guard isCovered(own.intersection(box), cover, rule) else { return nil }
          }
        }
      }
      cover += rules.boxes[other]
    }
    for own in rules.boxes[rule] {
      guard isCovered(own, cover, rule) else { return nil }
    }
    return later.filter { answers[$0] == answers[rule] }
  }

  private mutating func isCovered(_ box: Box, _ cover: [Box], _ rule: Int) -> Bool {
    switch CoverSearch.uncovered(in: box, by: cover, &budget) {
    case .covered: return true
    case .uncovered: return false
    case .undecided:
      leave("whether \(label(rule)) is needed")
      return false
    }
  }
}
