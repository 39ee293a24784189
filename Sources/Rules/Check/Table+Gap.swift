import Signals

extension Table {
  /// An input that no rule matches, by input of the table; `nil` where there is none, or where the
  /// table is too large to find one.
  func uncoveredInput() -> [PlainSignal]? {
    var search = CoverageSearch(columns, ruleCount: rules.count)
    let all = RuleBits(below: rules.count, count: rules.count)
    guard case .uncovered(let path) = search.run(all, where: { _, _ in true }) else { return nil }
    return search.input(path)
  }

  /// A warning that names an input without a rule, and the states that no rule is about.
  func gapWarning() -> Diagnostic? {
    guard let input = uncoveredInput() else { return nil }
    var message = "no rule matches \(text(of: input))"
    let undecided = inputs.indices.compactMap { column -> String? in
      let states = PlainSignal.states.filter { state in
        !rules.contains { $0.cells[column].matches(state) }
      }
      if states.isEmpty { return nil }
      return "`\(inputs[column].name)` \(states.map(\.state.name).joined(separator: "/"))"
    }
    if !undecided.isEmpty { message += "; undecided states: \(undecided.joined(separator: ", "))" }
    return Diagnostic(
      .warning, file: file, at: location, message + "; add a rule for them, or a last rule of `-`")
  }
}
