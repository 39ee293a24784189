import Wire

extension Table {
  /// The indexes of the rules in the order in which they are hits: that of the source, or that of
  /// the output values, the verdict first and then the columns from left to right. An output without
  /// a list of values has no part in it (DMN 8.2.10). Rules of one priority keep the order of the
  /// source.
  func hitOrder() -> [Int] {
    guard hitPolicy.isByPriority else { return Array(rules.indices) }
    let ranks = rules.map { rule in
      [verdictValues.firstIndex(of: rule.verdict) ?? verdictValues.count]
        + outputs.map { $0.rank(in: rule) }
    }
    return rules.indices.sorted { a, b in
      ranks[a] == ranks[b] ? a < b : ranks[a].lexicographicallyPrecedes(ranks[b])
    }
  }
}

extension OutputClause {
  /// The place of a rule's value among the values, last where it has none; 0 where there are none.
  fileprivate func rank(in rule: Rule) -> Int {
    if values.isEmpty { return 0 }
    let output = rule.outputs.first { OutputColumn($0) == column }
    return output.flatMap { values.firstIndex(of: $0.value) } ?? values.count
  }
}
