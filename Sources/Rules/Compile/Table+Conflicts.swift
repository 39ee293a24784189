extension Table {
  /// LIMIT: conflicts reported of one table.
  private static let conflictCountMax = 100

  /// In a UNIQUE table, rules that match a common input are errors; in an ANY table, those of them
  /// that answer differently.
  func conflictErrors() -> [Diagnostic] {
    let isConflict: (Int, Int) -> Bool
    switch hitPolicy {
    case .unique: isConflict = { _, _ in true }
    case .any: isConflict = { [rules] in !rules[$0].answersAs(rules[$1]) }
    default: return []
    }
    let search = OverlapSearch(columns, ruleCount: rules.count)
    guard let pairs = search.pairs(where: isConflict) else {
      return [
        error(
          "\(rules.count) rules, too many alike to prove that no two \(hitPolicy.conflict); set"
            + " `hitPolicy: FIRST`")
      ]
    }
    var errors = pairs.prefix(Self.conflictCountMax).map { first, second in
      conflict(rules[first], rules[second], search.input(first, second))
    }
    if pairs.count > errors.count {
      errors.append(error("\(pairs.count - errors.count) more pairs of rules in conflict"))
    }
    return errors
  }

  private func conflict(_ first: Rule, _ second: Rule, _ input: [PlainSignal]) -> Diagnostic {
    let advice =
      hitPolicy == .unique
      ? "narrow one of them, or set `hitPolicy: FIRST`"
      : "make their answers the same, narrow one of them, or set `hitPolicy: FIRST`"
    return Diagnostic(
      .error, file: file, at: second.location,
      "\(first.label) and \(second.label) both match \(text(of: input))"
        + (hitPolicy == .any ? " and answer differently" : "") + "; " + advice)
  }
}

extension HitPolicy {
  fileprivate var conflict: String { self == .any ? "disagree" : "overlap" }
}

extension Rule {
  /// Whether verdict and outputs are the same.
  fileprivate func answersAs(_ other: Rule) -> Bool {
    verdict == other.verdict && outputs == other.outputs
  }
}
