import Tables

extension TableSet {
  /// What there is to say about each table, and about the tables of each chain together. Each of them may
  /// take the budget's steps; `stepCount` becomes the most that one took.
  public func findings(
    budget: Budget = Budget(), stepCount: inout Int, progress: (String) -> Void = { _ in }
  ) -> [Finding] {
    var findings: [Finding] = []
    for table in tables {
      var own = budget
      findings += table.findings(&own, progress)
      stepCount = max(stepCount, own.stepCount)
    }
    var start = 0
    while start < tables.count {
      let key = tables[start].key
      let chain = tables[start...].prefix { $0.key == key }
      progress("chain of \(key.trigger)")
      var analyser = ChainAnalyser(Array(chain), budget)
      findings += analyser.run()
      stepCount = max(stepCount, analyser.budget.stepCount)
      start = chain.endIndex
    }
    return findings
  }

  public func findings(budget: Budget = Budget(), progress: (String) -> Void = { _ in }) -> [Finding] {
    var stepCount = 0
    return findings(budget: budget, stepCount: &stepCount, progress: progress)
  }
}

extension [Diagnostic] {
  /// By file and place.
  public func inOrder() -> [Diagnostic] { sorted() }
}
