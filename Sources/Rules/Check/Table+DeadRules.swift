extension Table {
  /// LIMIT: every rule costs a search, so larger tables are looked at for single masks only.
  private static let searchedRuleCountMax = 1000

  /// In a FIRST table, the rules whose every input is taken by rules above them: each with the one
  /// rule that takes all of it, where there is such a rule.
  func deadRules() -> [(rule: Int, mask: Int?)] {
    guard hitPolicy == .first else { return [] }
    let columns = self.columns
    let samples = columns.map { ColumnSamples($0).samples }
    // By column and different cell: the rules whose cells hold all of it.
    let holding = zip(columns, samples).map { column, samples in
      column.cells.map { cell in
        samples.reduce(into: RuleBits(below: rules.count, count: rules.count)) { bits, sample in
          if sample.rules.intersects(cell.rules) { bits.formIntersection(sample.rules) }
        }
      }
    }
    var search = CoverageSearch(columns, ruleCount: rules.count)
    return rules.indices.compactMap { index in
      let above = RuleBits(below: index, count: rules.count)
      var masks = above
      for (column, holding) in zip(columns, holding) {
        masks.formIntersection(holding[column.cellIndexes[index]])
      }
      if let mask = masks.first { return (index, mask) }
      guard index > 1, rules.count <= Self.searchedRuleCountMax,
        case .covered = search.run(above, where: { $1.rules[index] })
      else { return nil }
      return (index, nil)
    }
  }

  func deadRuleWarnings() -> [Diagnostic] {
    deadRules().map { index, mask in
      let rule = rules[index]
      let why =
        mask.map { "\(rules[$0].label) matches all that it does" }
        ?? "the rules above it together match all that it does"
      return Diagnostic(
        .warning, file: file, at: rule.location,
        "\(rule.label) can never fire: \(why); move it up or remove it")
    }
  }
}
