/// One benchmark's time over another's.
struct Ratio {
  let name: String
  let numerator: String
  let denominator: String
}

extension Ratio {
  /// What goals are about: slowest inputs, twice the rules, candidates and counters, each over the table
  /// without.
  static let all = slowestInputs + printed + twiceTheRules + besideCandidates + counted

  private static let slowestInputs = scaleRuleCounts.map { ruleCount in
    let table = scaleName(ruleCount)
    return Ratio(
      name: "\(ruleCount) rules: slowest inputs over typical ones", numerator: slowestName(table),
      denominator: table)
  }

  private static let printed = printedRuleCounts.flatMap { ruleCount in
    let table = scaleName(ruleCount)
    return [("typical", table), ("slowest", slowestName(table))].map { kind, name in
      Ratio(
        name: "\(ruleCount) rules: worst case as printed, over \(kind) inputs",
        numerator: printedName(table), denominator: name)
    }
  }

  private static let twiceTheRules = [2000, 3000, 4000, 5000, 8000, 10_000].map { ruleCount in
    Ratio(
      name: "\(ruleCount) rules over half as many", numerator: scaleName(ruleCount),
      denominator: scaleName(ruleCount / 2))
  }

  private static let besideCandidates = candidateOperations.filter { $0.candidateCount == 8 }.map {
    Ratio(
      name: "\($0.ruleCount) rules: 8 candidates over the table alone, "
        + "\($0.editedColumnCount) columns of each edited",
      numerator: $0.name, denominator: scaleName($0.ruleCount))
  }

  private static let counted = cycleTables.map {
    let name = cycleName($0)
    return Ratio(name: countedName(name) + ", over not", numerator: countedName(name), denominator: name)
  }
}
