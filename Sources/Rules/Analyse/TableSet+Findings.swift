import Tables

extension TableSet {
  /// What there is to say about each table, and about the tables of each chain together.
  public func findings(
    budget: Budget = Budget(), progress: (String) -> Void = { _ in }
  ) -> [Finding] {
    var findings = tables.flatMap { $0.findings(budget: budget, progress: progress) }
    var start = 0
    while start < tables.count {
      let key = tables[start].key
      let chain = tables[start...].prefix { $0.key == key }
      progress("chain of \(key.trigger)")
      var analyser = ChainAnalyser(Array(chain), budget)
      findings += analyser.run()
      start = chain.endIndex
    }
    return findings
  }
}

extension [Diagnostic] {
  /// By file and place.
  public func inOrder() -> [Diagnostic] { sorted() }
}
