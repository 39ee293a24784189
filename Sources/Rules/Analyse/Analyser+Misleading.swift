import Wire

extension Analyser {
  /// Rules that an earlier one of another verdict shadows in part, where neither holds the other:
  /// whoever reads the later one alone is told something that is not so.
  ///
  /// A rule behind one that it holds is left alone: an exception before the general case is what
  /// FIRST is for. One finding a rule, for the first that shadows it; none for a masked one.
  mutating func findMisleadingRules() {
    guard table.hitPolicy.style == .ordered else { return }
    var pairs: [(rule: Int, by: Int)] = []
    for rule in rows where !masked.contains(rule) {
      if budget.isSpent {
        leave("whether \(label(rule)) is misleading")
        continue
      }
      let holding = Set(containing(rule, in: 0..<rule))
      for other in overlapping(rule, in: 0..<rule)
      where table.rules[other].verdict != table.rules[rule].verdict && !holding.contains(other)
        && !masked.contains(other) && reaches[other].isAll && !holds(rule, other)
      {
        if budget.isSpent {
          leave("whether \(label(rule)) is misleading")
          break
        }
        guard let region = reached(other, rule) else { continue }
        pairs.append((rule, other))
        let (verdict, others) = (table.rules[rule].verdict, table.rules[other].verdict)
        report(
          .misleading, .info, rules: [rule, other], regions: [region],
          "\(label(rule)) says \(verdict.name), but \(label(other)) \(place.one) says \(others.name)"
            + " to a part of what it matches; narrow it, so that it can be read alone")
        break
      }
    }
    guard let first = pairs.first else { return }
    report(
      .firstNormalForm, .info, at: table.location, rules: [first.rule, first.by],
      regions: rules.overlap(first.rule, first.by).map { [$0] } ?? [],
      "the order of \(table.hitPolicy.isByPriority ? "output values" : "rules") decides for"
        + " \(pairs.count) of them; rules that can be read in any order would be of first normal form"
    )
  }

  /// Where rules stand that decide before another one.
  var place: (one: String, all: String, move: String) {
    table.hitPolicy.isByPriority
      ? ("of a higher priority", "the rules of a higher priority", "change what they answer")
      : ("above it", "the rules above it", "move it up")
  }

  /// A region where both rules match and the first of them decides.
  private mutating func reached(_ first: Int, _ second: Int) -> Box? {
    let cover = rules.boxes(of: overlapping(first, in: 0..<first).filter { reaches[$0].isAll })
    for box in rules.boxes[first] {
      for other in rules.boxes[second] where box.intersects(other) {
        switch CoverSearch.uncovered(
          in: box.intersection(other), by: cover, preferring: rules.space.values, &budget)
        {
        case .covered: continue
        case .uncovered(let region): return region
        case .undecided:
          leave("whether \(label(second)) is misleading")
          return nil
        }
      }
    }
    return nil
  }
}
