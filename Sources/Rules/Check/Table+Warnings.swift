extension Table {
  /// What is probably not meant: rules that can never fire, inputs without a rule, no examples.
  public func warnings() -> [Diagnostic] {
    var diagnostics = deadRuleWarnings()
    if let gap = gapWarning() { diagnostics.append(gap) }
    if examples.isEmpty {
      diagnostics.append(
        Diagnostic(
          .warning, file: file, at: location,
          "no examples; add a table under `## Examples` for `postern test` to run"
        ))
    }
    return diagnostics.sorted()
  }
}
