import Signals

extension Analyser {
  /// Inputs that no rule matches: first those where every signal has a value, then the states of
  /// each signal.
  ///
  /// With a default rule there are none; then, whether it ever applies.
  mutating func findGaps() {
    let cover = rules.boxes(of: rows)
    if let rule = table.defaultRule { return findIdleDefault(rule, cover) }
    // An unread rule may match what no other does.
    if !rules.unread.isEmpty {
      guard case .covered = CoverSearch.uncovered(in: rules.space.all, by: cover, &budget) else {
        return leave("gaps")
      }
    }
    let (regions, isComplete) = CoverSearch.regions(
      in: rules.space.values, by: cover, of: rules.space, &budget)
    gaps = regions
    hasOpenGaps = !isComplete && regions.count < CoverSearch.regionCountMax
    if !hasOpenGaps { report(gaps: regions, isComplete: isComplete) }
    findUndecidedStates(cover)
    if regions.isEmpty, isComplete { findPartlyDecidedInputs() }
  }

  /// Goes on with the search for gaps that took more than one question may, with all that is left. Last.
  mutating func findOpenGaps() {
    guard hasOpenGaps else { return }
    budget.isLastQuestion = true
    let (regions, isComplete) = CoverSearch.regions(
      in: rules.space.values, by: rules.boxes(of: rows), of: rules.space, known: gaps, &budget)
    if !isComplete, regions.count < CoverSearch.regionCountMax { leave("gaps") }
    report(gaps: regions, isComplete: isComplete)
    if regions.isEmpty, isComplete { findPartlyDecidedInputs() }
  }

  private mutating func report(gaps regions: [Box], isComplete: Bool) {
    guard let first = regions.first else { return }
    report(
      .gap, .warning, regions: regions, isComplete: isComplete,
      "no rule matches \(witness(first).text); add a rule for \(regions.count == 1 ? "it" : "them"),"
        + " or a last rule of `-`")
  }

  private mutating func findIdleDefault(_ rule: Rule, _ cover: [Box]) {
    switch CoverSearch.uncovered(in: rules.space.all, by: cover, &budget) {
    case .uncovered: return
    case .undecided: leave("whether the default applies")
    case .covered:
      report(
        .masked, .info, at: rule.location, regions: [rules.space.all],
        "the default never applies: some rule matches every input")
    }
  }

  /// Inputs with values that rules match, but none for all of the traffic.
  private mutating func findPartlyDecidedInputs() {
    guard rows.contains(where: { !reaches[$0].isAll }) else { return }
    guard rules.unread.isEmpty else { return leave("gaps beside rules that are not enforced for all") }
    let full = rules.boxes(of: rows.filter { reaches[$0].isAll })
    let (regions, isComplete) = CoverSearch.regions(
      in: rules.space.values, by: full, of: rules.space, &budget)
    guard let first = regions.first else {
      if !isComplete { leave("gaps beside rules that are not enforced for all") }
      return
    }
    let matching = rows.filter { rule in rules.boxes[rule].contains { $0.intersects(first) } }
    report(
      .partial, .warning, rules: matching, regions: regions, isComplete: isComplete,
      "\(witness(first).text) is decided for a part of the traffic only, by \(labels(matching)); add"
        + " a rule for the rest")
  }

  /// What a signal without a value leaves undecided. Where that is only what another signal leaves undecided
  /// whatever this one is, it is not named: a rule about it would be of no help. Of what no value decides,
  /// the gaps tell.
  private mutating func findUndecidedStates(_ cover: [Box]) {
    var regions: [Box] = []
    var names: [String] = []
    for (column, domain) in rules.space.domains.enumerated()
    where table.rules.contains(where: { !$0.cells[column].isAny }) {
      let axis = rules.space.axesOfColumn[column].lowerBound
      var found: [Int] = []
      for state in PlainSignal.states.indices {
        guard let region = uncovered(column, domain.stateClass(state), cover) else {
          continue
        }
        found.append(state)
        if let last = regions.last, let joined = last.joined(with: region), joined.axis == axis {
          regions[regions.count - 1] = joined.box
        } else {
          regions.append(region)
        }
      }
      if found.isEmpty { continue }
      let states = found.map { PlainSignal.states[$0].state.name }.joined(separator: "/")
      names.append("`\(domain.signal.name)` \(table.isOfModel ? "null" : states)")
    }
    guard !regions.isEmpty else { return }
    // A model's table is null then, which FEEL takes for an answer.
    report(
      .undecidedState, table.isOfModel ? .info : .warning, regions: regions,
      "not every input with \(names.joined(separator: ", ")) is decided; add a rule for them, or a"
        + " last rule of `-`")
  }

  /// LIMIT: rules of which each is asked whether it would decide an input if a signal had a value; of more,
  /// the signal is named.
  private static let decidingRuleCountMax = 256

  /// Undecided inputs with a signal in one state, where the others have values or where a value of it would
  /// be decided.
  private mutating func uncovered(_ column: Int, _ state: Int, _ cover: [Box]) -> Box? {
    let axes = rules.space.axesOfColumn[column]
    let only = ClassSet(state..<(state + 1))
    var (box, preferred) = (rules.space.all, rules.space.values)
    (box[axes.lowerBound], preferred[axes.lowerBound]) = (only, only)
    guard let region = uncovered(box, preferred, column, state, cover) else { return nil }
    if region.intersects(preferred) { return region }
    // What a rule decides for some value of the signal, with the state in its place.
    var parts: [Box] = []
    let values = rules.space.values[axes.lowerBound]
    for own in rules.boxes(of: rows) where own[axes.lowerBound].intersects(values)
      && !own[axes.lowerBound].intersects(only)
    {
      var part = own
      for axis in axes { part[axis] = rules.space.all[axis] }
      part[axes.lowerBound] = only
      if !parts.contains(part) { parts.append(part) }
      if parts.count > Self.decidingRuleCountMax { return region }
    }
    for part in parts {
      if let region = uncovered(part, preferred, column, state, cover) { return region }
    }
    return nil
  }

  private mutating func uncovered(
    _ box: Box, _ preferred: Box, _ column: Int, _ state: Int, _ cover: [Box]
  ) -> Box? {
    switch CoverSearch.uncovered(in: box, by: cover, preferring: preferred, &budget) {
    case .covered: return nil
    case .uncovered(let region): return region
    case .undecided:
      let domain = rules.space.domains[column]
      leave("`\(domain.signal.name)` \(domain.sample(state).state.name)")
      return nil
    }
  }
}

extension Box {
  /// The union with another box, where that is a box because they differ on one axis only.
  func joined(with other: Box) -> (box: Box, axis: Int)? {
    let different = indices.filter { self[$0] != other[$0] }
    guard different.count == 1, let axis = different.first else { return nil }
    var box = self
    box[axis] = box[axis].union(other[axis])
    return (box, axis)
  }
}
