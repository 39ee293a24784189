/// Function calls.
extension Interpreter {
  /// What is called: of a name that nothing has, null, which the call tells of.
  func calledValue(_ called: FeelExpression, _ scope: Scope) -> FeelValue {
    if case .name(let name) = called { scope.value(of: name) ?? .null } else { evaluate(called, scope) }
  }

  /// A call that stands at `place` in its file.
  func call(
    _ source: FeelExpression, _ value: FeelValue, _ arguments: [FeelValue], at place: SourcePosition?
  ) -> FeelValue {
    guard let function = function(value, called: source, at: place) else { return .null }
    return apply(function, arguments, at: place)
  }

  func call(
    _ source: FeelExpression, _ value: FeelValue, named arguments: [(String, FeelValue)],
    at place: SourcePosition?
  ) -> FeelValue {
    guard let function = function(value, called: source, at: place) else { return .null }
    let given = arguments.map { KnownNames.canonical($0.0) }
    for signature in function.signatures {
      let names = signature.map { KnownNames.canonical($0.name) }
      // What is not given is null.
      guard Set(given).count == given.count, Set(given).isSubset(of: names) else { continue }
      var positional = names.map { name in
        given.firstIndex(of: name).map { arguments[$0].1 } ?? .null
      }
      if function.isVariadic, names.count > 1, case .list(let rest)? = positional.last {
        positional.removeLast()
        positional += rest
      }
      return apply(function, positional, as: signature, at: place)
    }
    let names = arguments.map { "`\($0.0)`" }.joined(separator: ", ")
    warn("no parameters named \(names); it is null", at: place)
    return .null
  }

  /// Calls a function by the signature that was named, or the first that the arguments fit. An argument that
  /// is not of its parameter's type is null.
  func apply(
    _ function: FeelFunction, _ arguments: [FeelValue], as named: [Parameter]? = nil,
    at place: SourcePosition? = nil
  ) -> FeelValue {
    let signatures = function.signatures.filter { signature in
      arguments.count == signature.count
        || (function.isVariadic && arguments.count >= signature.count)
    }
    let fitting = signatures.count > 1 ? signatures.first { fits(arguments, $0) } : nil
    guard let signature = named ?? fitting ?? signatures.first else {
      warn(
        "a function is called with \(arguments.count) arguments, which does not fit; it is null", at: place)
      return .null
    }
    var typed = arguments
    for (index, parameter) in signature.enumerated() where index < typed.count {
      guard let typeRef = parameter.typeRef else { continue }
      let coerced = types.coerce(typed[index], to: types.type(typeRef))
      if coerced.isNull, !typed[index].isNull {
        warn("the argument `\(parameter.name)` is no `\(typeRef)`; it is null", at: place)
      }
      typed[index] = coerced
    }
    return bounded(function.call(typed, self))
  }

  private func fits(_ arguments: [FeelValue], _ signature: [Parameter]) -> Bool {
    zip(arguments, signature).allSatisfy { argument, parameter in
      parameter.typeRef.map { types.conforms(argument, to: types.type($0)) } ?? true
    }
  }

  /// The function that is called. A built-in one is also found where a variable has its name.
  private func function(
    _ value: FeelValue, called source: FeelExpression, at place: SourcePosition?
  ) -> FeelFunction? {
    if case .function(let function) = value { return function }
    guard case .name(let name) = source else {
      warn("a call of something that is no function; it is null", at: place)
      return nil
    }
    if let function = Builtins.functions[name] { return function }
    warn("`\(name)` is not a function; the call is null", at: place)
    return nil
  }
}
