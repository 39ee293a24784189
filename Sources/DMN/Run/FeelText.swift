/// One FEEL expression by itself, outside of any model.
public enum FeelText {
  /// Evaluates an expression in which the entries of `context` are names.
  public static func evaluate(
    _ text: String, in context: FeelContext = FeelContext(),
    stepCountMax: Int = DMNLimits.stepCountMax
  ) throws(DMNProblem) -> Evaluation {
    let names = KnownNames(context.keys)
    return try run(text, context, stepCountMax: stepCountMax) { () throws(FeelSyntaxError) in
      var known = Builtins.names
      known.formUnion(names)
      return try FeelParser.expression(text, names: known, memberNames: names)
    }
  }

  /// Whether `value` passes the unary tests of a cell.
  public static func test(
    _ text: String, of value: FeelValue, in context: FeelContext = FeelContext()
  ) throws(DMNProblem) -> Evaluation {
    let names = KnownNames(context.keys)
    return try run(text, context, tested: value) { () throws(FeelSyntaxError) in
      var known = Builtins.names
      known.formUnion(names)
      return try FeelParser.unaryTests(text, names: known, memberNames: names)
    }
  }

  private static func run(
    _ text: String, _ context: FeelContext, tested: FeelValue? = nil,
    stepCountMax: Int = DMNLimits.stepCountMax,
    _ parse: () throws(FeelSyntaxError) -> FeelExpression
  ) throws(DMNProblem) -> Evaluation {
    let expression: FeelExpression
    do throws(FeelSyntaxError) {
      expression = try parse()
    } catch {
      let before = String(String.UnicodeScalarView(text.unicodeScalars.prefix(error.offset)))
      throw DMNProblem(
        file: "expression", at: SourcePosition().advanced(over: before), error.message)
    }
    let interpreter = Interpreter(stepCountMax: stepCountMax)
    let value = interpreter.evaluate(expression, Scope(element: context, tested: tested))
    if let failure = interpreter.failure {
      throw DMNProblem(file: "expression", at: SourcePosition(), failure)
    }
    return Evaluation(value: value, warnings: interpreter.warnings)
  }
}
