/// A boxed expression whose texts are parsed.
indirect enum CompiledExpression: Sendable {
  case feel(FeelExpression)
  case table(CompiledTable)
  case context([Entry])
  /// With the place of what is called.
  case invocation(
    CompiledExpression, [(parameter: Parameter, value: CompiledExpression)], at: SourcePosition)
  case function([Parameter], CompiledExpression)
  case list([CompiledExpression])
  case relation([Parameter], [[CompiledExpression]])
  case conditional(CompiledExpression, CompiledExpression, CompiledExpression)
  case filter(CompiledExpression, CompiledExpression)
  case iteration(Iteration.Form, variable: String, CompiledExpression, CompiledExpression)
  /// Made to fit a type; with the place of the expression.
  case typed(CompiledExpression, String, at: SourcePosition)
  /// Could not be compiled; a problem says why.
  case broken

  /// This, or where there is a type this made to fit it.
  func typed(_ typeRef: String?, at position: SourcePosition) -> CompiledExpression {
    typeRef.map { .typed(self, $0, at: position) } ?? self
  }

  /// Without the types that it is made to fit.
  var untyped: CompiledExpression {
    if case .typed(let inner, _, _) = self { inner.untyped } else { self }
  }

  struct Entry: Sendable {
    /// nil: the result of the context.
    var name: String?
    var typeRef: String?
    var value: CompiledExpression
  }
}

/// A decision table whose cells are parsed.
struct CompiledTable: Sendable {
  var hitPolicy: DecisionTable.HitPolicy
  var aggregation: DecisionTable.Aggregation?
  var inputs: [Input]
  var outputs: [Output]
  var rules: [Rule]

  struct Input: Sendable {
    /// As the file writes it, for warnings.
    var text: String
    var typeRef: String?
    var expression: FeelExpression
    var allowedValues: FeelExpression?
  }

  struct Output: Sendable {
    var name: String
    var typeRef: String?
    /// The values of the output, highest priority first.
    var priorities: [FeelExpression]
    var allowedValues: FeelExpression?
    var defaultValue: FeelExpression?
  }

  struct Rule: Sendable {
    var tests: [FeelExpression]
    var values: [FeelExpression]
    /// What entries say of their own, by output; empty where none does.
    var typeRefs: [String?]
  }
}
