/// Boxed expressions.
extension Interpreter {
  func evaluate(_ boxed: CompiledExpression, _ scope: Scope) -> FeelValue {
    switch boxed {
    case .feel(let expression): return evaluate(expression, scope)
    case .broken: return .null
    case .typed(let expression, let typeRef, let place):
      return coerced(evaluate(expression, scope), to: typeRef, as: "the expression", at: place)
    case .table(let table): return evaluate(table, scope)
    case .context(let entries): return nested { context(entries, scope) }
    case .invocation(let called, let arguments, let place):
      return nested { invoke(called, arguments, at: place, scope) }
    case .function(let parameters, let body): return function(parameters, body, scope)
    case .list(let elements): return nested { bounded(.list(elements.map { evaluate($0, scope) })) }
    case .relation(let columns, let rows):
      return nested {
        .list(
          rows.map { row in
            .context(
              FeelContext(
                zip(columns, row).map { column, cell in
                  let value = evaluate(cell, scope)
                  return (column.name, coerced(value, to: column.typeRef, as: "`\(column.name)`"))
                }))
          })
      }
    case .conditional(let condition, let then, let otherwise):
      return nested { evaluate(evaluate(condition, scope).isTrue ? then : otherwise, scope) }
    case .filter(let list, let match):
      return nested {
        let value = evaluate(list, scope)
        if value.isNull { return .null }
        return .list(value.elements.filter { evaluate(match, elementScope($0, in: scope)).isTrue })
      }
    case .iteration(let form, let variable, let domain, let body):
      return nested { iterate(form, variable, evaluate(domain, scope), body, scope) }
    }
  }

  private func elementScope(_ element: FeelValue, in scope: Scope) -> Scope {
    let inner = Scope(["item": element], in: scope)
    if case .context(let context) = element { return Scope(element: context, in: inner) }
    return inner
  }

  private func context(_ entries: [CompiledExpression.Entry], _ scope: Scope) -> FeelValue {
    var context = FeelContext()
    var inner = scope
    for entry in entries {
      var value: FeelValue
      if case .function(let parameters, let body) = entry.value, let name = entry.name {
        value = function(parameters, body, inner, named: KnownNames.canonical(name))
      } else {
        value = evaluate(entry.value, inner)
      }
      value = coerced(value, to: entry.typeRef, as: entry.name.map { "`\($0)`" } ?? "the result")
      guard let name = entry.name else { return value }
      context[name] = value
      inner = Scope([KnownNames.canonical(name): value], in: inner)
    }
    return bounded(.context(context))
  }

  /// A value as a type reference has it, with a warning where it does not fit.
  func coerced(
    _ value: FeelValue, to typeRef: String?, as what: @autoclosure () -> String,
    at place: SourcePosition? = nil
  ) -> FeelValue {
    guard let typeRef, !value.isNull else { return value }
    let coerced = types.coerce(value, to: types.type(typeRef))
    if coerced.isNull {
      warn("\(what()) is a \(value.kindName) that is no `\(typeRef)`; it is null", at: place)
    }
    return coerced
  }

  /// A function of the model. Where it has a name, it can call itself by it.
  func function(
    _ parameters: [Parameter], _ body: CompiledExpression, _ scope: Scope, named name: String? = nil
  ) -> FeelValue {
    .function(
      FeelFunction(signatures: [parameters]) { arguments, interpreter in
        var values = Self.bound(parameters, arguments)
        if let name, values[name] == nil {
          values[name] = interpreter.function(parameters, body, scope, named: name)
        }
        let inner = Scope(values, in: scope)
        return interpreter.nested { interpreter.evaluate(body, inner) }
      })
  }

  private func invoke(
    _ called: CompiledExpression, _ arguments: [(parameter: Parameter, value: CompiledExpression)],
    at place: SourcePosition, _ scope: Scope
  ) -> FeelValue {
    let source: FeelExpression
    let function: FeelValue
    if case .feel(let expression) = called.untyped {
      (source, function) = (expression, calledValue(expression, scope))
    } else {
      (source, function) = (.value(.null), evaluate(called, scope))
    }
    let values = arguments.map { parameter, value in
      let value = evaluate(value, scope)
      return (parameter.name, coerced(value, to: parameter.typeRef, as: "`\(parameter.name)`", at: place))
    }
    if values.isEmpty { return call(source, function, [], at: place) }
    return call(source, function, named: values, at: place)
  }

  private func iterate(
    _ form: Iteration.Form, _ variable: String, _ domain: FeelValue, _ body: CompiledExpression,
    _ scope: Scope
  ) -> FeelValue {
    let iterator = FeelExpression.Iterator(name: variable, domain: .value(domain), end: nil)
    var needsPartial = true
    if case .feel(let expression) = body { needsPartial = expression.uses("partial") }
    return loop(form, [iterator], needsPartial: needsPartial, scope) { self.evaluate(body, $0) }
  }
}
