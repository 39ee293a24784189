import Signals

extension Analyser {
  /// LIMIT: rules whose inputs are tried before the search for any input that a column matters to.
  private static let triedRuleCountMax = 64

  /// Columns that no decision needs: those where every cell is `-`, and those without which every
  /// input would be decided as it is: these only where one rule answers, to all of the traffic.
  mutating func findIdleColumns() {
    for (column, signal) in table.inputs.enumerated() {
      if rows.allSatisfy({ table.rules[$0].cells[column].isAny }) {
        report(
          .secondNormalForm, .info, at: table.location, regions: [rules.space.all],
          "every cell of `\(signal.name)` is `-`; remove the column")
      } else if table.hitPolicy.style != .all, rules.unread.isEmpty,
        reaches.allSatisfy(\.isAll), !isBesideGap(column), !isKnownToMatter(column)
      {
        if budget.isSpent {
          leave("whether `\(signal.name)` is needed")
        } else {
          findWhetherItMatters(column)
        }
      }
    }
  }

  /// Whether a rule matches beside a gap once the column's signal is changed: it makes a decision of none.
  private mutating func isBesideGap(_ column: Int) -> Bool {
    let axes = rules.space.axesOfColumn[column]
    return gaps.contains { gap in
      guard budget.allows(table.rules.count) else { return false }
      return rules.boxes.joined().contains { box in
        box.indices.allSatisfy { axes.contains($0) || box[$0].intersects(gap[$0]) }
      }
    }
  }

  /// Whether some input is decided otherwise once the column's signal is changed: tried with inputs
  /// of a few rules.
  private mutating func isKnownToMatter(_ column: Int) -> Bool {
    let axes = rules.space.axesOfColumn[column]
    let able = table.rules.indices.filter {
      !table.rules[$0].cells[column].isAny && !rules.boxes[$0].isEmpty && !masked.contains($0)
    }
    for rule in able.prefix(Self.triedRuleCountMax) where !budget.isSpent {
      for box in rules.boxes[rule] {
        let point = box.map { ClassSet($0.first..<($0.first + 1)) }
        let decided = decision(point)
        for axis in axes {
          let others = rules.space.all[axis].subtracting(box[axis])
          if others.isEmpty { continue }
          var moved = point
          moved[axis] = ClassSet(others.first..<(others.first + 1))
          if decision(moved) != decided { return true }
        }
      }
    }
    return false
  }

  private mutating func decision(_ point: Box) -> RuleOutcome? {
    let rule = table.rules.indices.first { rule in
      rules.boxes[rule].contains { $0.isSuperset(of: point) }
    }
    _ = budget.allows((rule ?? table.rules.count) + 1)
    return rule.map { outcomes[$0] }
  }

  /// Compares the table with itself, the column's signal being another in the copy: a column matters
  /// if some input of both, alike but for that signal, is decided differently.
  private mutating func findWhetherItMatters(_ column: Int) {
    let axes = rules.space.axesOfColumn[column]
    let name = table.inputs[column].name
    let copied = rules.space.all[axes]
    let own = rules.boxes.map { $0.map { $0 + copied } }
    let other = rules.boxes.map { boxes in
      boxes.map { box in
        var moved = box
        for axis in axes { moved[axis] = rules.space.all[axis] }
        return moved + box[axes]
      }
    }
    let difference = Difference(
      rules.space, all: rules.space.all + copied, .init(boxes: own, outcomes: outcomes),
      .init(boxes: other, outcomes: outcomes), partCountMax: 1, &budget)
    if !difference.parts.isEmpty { return }
    guard difference.isComplete else { return leave("whether `\(name)` is needed") }
    report(
      .secondNormalForm, .info, at: table.location, regions: [rules.space.all],
      "no decision depends on `\(name)`; remove the column")
  }
}
