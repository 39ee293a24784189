extension Analyser {
  /// LIMIT: letters of an output's value in a message; outputs may have 4 KiB.
  private static let shownLetterCountMax = 40

  /// Rules that an earlier one of another answer shadows in part, where neither holds the other:
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
      where outcomes[other] != outcomes[rule] && !holding.contains(other)
        && !masked.contains(other) && reaches[other].isAll && !holds(rule, other)
      {
        if budget.isSpent {
          leave("whether \(label(rule)) is misleading")
          break
        }
        guard let region = reached(other, rule) else { continue }
        pairs.append((rule, other))
        let (own, others) = difference(outcomes[rule], outcomes[other])
        report(
          .misleading, .info, rules: [rule, other], regions: [region],
          "\(label(rule)) says \(own), but \(label(other)) \(place.one) says \(others)"
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

  /// What two answers say where they differ: their verdicts, or else the outputs that are not the same.
  private func difference(_ own: RuleOutcome, _ other: RuleOutcome) -> (own: String, other: String) {
    if own.verdict != other.verdict { return (own.verdict, other.verdict) }
    let names = Set(own.outputs.keys).union(other.outputs.keys).sorted()
      .filter { own.outputs[$0] != other.outputs[$0] }
    func text(_ outcome: RuleOutcome) -> String {
      names.map { "`\(table.outputName($0))` \(shown(outcome.outputs[$0]))" }.joined(separator: ", ")
    }
    return (text(own), text(other))
  }

  private func shown(_ value: String?) -> String {
    guard let value else { return table.isOfModel ? "null" : "none" }
    let isLong = value.count > Self.shownLetterCountMax
    let text = isLong ? value.prefix(Self.shownLetterCountMax) + "…" : value
    return table.isOfModel ? text : quoted(text)
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
