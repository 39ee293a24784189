/// The literals that an output may be, for a look at many cells.
struct OutputValues {
  /// As JSON.
  private let literals: Set<String>

  /// `nil` where anything is allowed, or the values are no literals.
  init?(_ allowed: SourceText?) {
    guard let values = allowed?.literals else { return nil }
    literals = Set(values)
  }

  /// What is wrong with a cell that is a literal; `nil` for what is calculated.
  func fault(
    in cell: SourceText, _ value: FeelExpression, _ output: CompiledTable.Output
  ) -> CellCheck.Fault? {
    guard let literal = cell.literal, literal != FeelJSON.write(.null), !literals.contains(literal),
      let allowed = output.allowedValues
    else { return nil }
    // The same number can be written otherwise.
    let interpreter = Interpreter()
    let tested = interpreter.evaluate(value, Scope())
    if interpreter.evaluate(allowed, Scope(tested: tested)).isTrue { return nil }
    return CellCheck.Fault(
      severity: .warning, message: "is always null: it is none of the values that its output may have")
  }
}
