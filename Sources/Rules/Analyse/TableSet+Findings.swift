extension TableSet {
  /// What there is to say about each table by itself.
  public func findings(
    budget: Budget = Budget(), progress: (String) -> Void = { _ in }
  ) -> [Finding] {
    tables.flatMap { $0.findings(budget: budget, progress: progress) }
  }
}

extension [Diagnostic] {
  /// By file and place.
  public func inOrder() -> [Diagnostic] { sorted() }
}
