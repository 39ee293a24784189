/// What evaluating a decision gave.
public struct Evaluation: Sendable {
  /// Why a value is null that might not have been meant to be.
  public struct Warning: Sendable, Hashable {
    /// A lower-case line.
    public var message: String
    /// Of a call, where it stands in the file, counted from 1.
    public var line: Int?
    public var column: Int?
  }

  public var value: FeelValue
  /// In the order met.
  public var warnings: [Warning]
}

/// Why a decision was not evaluated.
public enum EvaluationError: Error, Sendable {
  /// Errors of the file that the decision depends on.
  case broken([DMNProblem])
  /// A limit was passed; the text says which.
  case limit(String)
}

extension DecisionEvaluator {
  /// Evaluates a decision and what it requires, each once. Inputs that `input` does not name are null.
  public func evaluate(
    _ decision: Decision, input: FeelContext
  ) throws(EvaluationError) -> Evaluation {
    try evaluate(Invocable(decision), input: input)
  }

  /// Evaluates a decision, or calls a service or a knowledge model with the arguments that `input` names.
  public func evaluate(
    _ invocable: Invocable, input: FeelContext
  ) throws(EvaluationError) -> Evaluation {
    let errors = errors(of: invocable)
    if !errors.isEmpty { throw .broken(errors) }
    let interpreter = Interpreter(types: types)
    var values: [String: FeelValue] = [:]
    let order = order(from: invocable.id)
    for id in order {
      guard let element = elements[id], case .input = element.kind else { continue }
      values[id] = given(element.variable, element.typeRef, input, interpreter)
    }
    run(order, &values, interpreter, undeclared(input))
    var value = values[invocable.id] ?? .null
    if case .function(let function) = value, let parameters = parameters(of: invocable) {
      let arguments = parameters.map { given($0.name, $0.typeRef, input, interpreter) }
      value = function.call(arguments, interpreter)
    }
    if let failure = interpreter.failure { throw .limit(failure) }
    return Evaluation(value: value, warnings: interpreter.warnings)
  }

  /// Of a service or a knowledge model; `nil` of a decision, whose value may be a function.
  func parameters(of invocable: Invocable) -> [Parameter]? {
    switch elements[invocable.id]?.kind {
    case .service(_, let parameters), .knowledge(let parameters, _): parameters
    case .decision, .input, nil: nil
    }
  }

  /// The value of an input or a parameter, made to fit its type.
  private func given(
    _ name: String, _ typeRef: String?, _ input: FeelContext, _ interpreter: Interpreter
  ) -> FeelValue {
    guard let value = input.member(KnownNames.canonical(name)) else {
      interpreter.warn("the input `\(name)` is not given; it is null")
      return .null
    }
    let converted = types.converted(value, to: types.type(typeRef))
    return interpreter.coerced(converted, to: typeRef, as: "`\(name)`")
  }

  /// The entries of the input that name no element of the model: many editors write tables without input
  /// data, whose expressions name variables that only the caller knows.
  private func undeclared(_ input: FeelContext) -> FeelContext {
    let declared = Set(elements.values.map { KnownNames.canonical($0.variable) })
    return FeelContext(
      input.entries.filter { !declared.contains(KnownNames.canonical($0.key)) }
        .map { ($0.key, $0.value) })
  }

  /// Gives every id of `order` that has no value one.
  private func run(
    _ order: [String], _ values: inout [String: FeelValue], _ interpreter: Interpreter,
    _ undeclared: FeelContext = FeelContext()
  ) {
    for id in order where values[id] == nil {
      guard let element = elements[id] else { continue }
      switch element.kind {
      case .input: values[id] = .null
      case .decision(let expression):
        let outer = Scope(element: typed(undeclared, by: expression))
        let value = interpreter.evaluate(expression, scope(of: element, values, in: outer))
        values[id] = interpreter.coerced(value, to: element.typeRef, as: "`\(element.name)`")
      case .knowledge(let parameters, let body):
        values[id] = knowledge(element, parameters, body, scope(of: element, values), interpreter)
      case .service(let service, let parameters):
        values[id] = self.service(element, service, parameters)
      }
    }
  }

  /// Inputs that the model does not declare, as the table's columns say that they are.
  private func typed(_ undeclared: FeelContext, by expression: CompiledExpression) -> FeelContext {
    guard case .table(let table) = expression.untyped else { return undeclared }
    var result = undeclared
    for input in table.inputs {
      guard case .name(let name) = input.expression, let typeRef = input.typeRef,
        let key = undeclared.keys.first(where: { KnownNames.canonical($0) == name }),
        let value = undeclared[key]
      else { continue }
      result[key] = types.converted(value, to: types.type(typeRef))
    }
    return result
  }

  private func scope(
    of element: Element, _ values: [String: FeelValue], in outer: Scope? = nil
  ) -> Scope {
    let pairs = element.required.compactMap { id -> (String, FeelValue)? in
      guard let required = elements[id], let value = values[id] else { return nil }
      return (KnownNames.canonical(required.variable), value)
    }
    return Scope(Dictionary(pairs, uniquingKeysWith: { _, last in last }), in: outer)
  }

  /// The function of a knowledge model, whose results are made to fit its type.
  private func knowledge(
    _ element: Element, _ parameters: [Parameter], _ body: CompiledExpression, _ scope: Scope,
    _ interpreter: Interpreter
  ) -> FeelValue {
    let function = interpreter.function(
      parameters, body, scope, named: KnownNames.canonical(element.variable))
    guard case .function(let inner) = function, let typeRef = element.typeRef else { return function }
    return .function(
      FeelFunction(signatures: [parameters]) { arguments, interpreter in
        interpreter.coerced(inner.call(arguments, interpreter), to: typeRef, as: "`\(element.name)`")
      })
  }

  /// A decision service as a function of its input data and input decisions, in this order.
  private func service(
    _ element: Element, _ service: DecisionService, _ parameters: [Parameter]
  ) -> FeelValue {
    let inputs = (service.inputData + service.inputDecisions).compactMap { elements[$0] }
    return .function(
      FeelFunction(signatures: [parameters]) { arguments, interpreter in
        interpreter.nested {
          var values: [String: FeelValue] = [:]
          for (element, argument) in zip(inputs, arguments) { values[element.id] = argument }
          for id in service.outputDecisions { run(order(from: id), &values, interpreter) }
          let results = service.outputDecisions.map {
            (elements[$0]?.variable ?? $0, values[$0] ?? .null)
          }
          let result = results.count == 1 ? results[0].1 : .context(FeelContext(results))
          return interpreter.coerced(result, to: element.typeRef, as: "`\(element.name)`")
        }
      })
  }
}
