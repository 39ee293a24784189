/// Evaluates expressions. It never fails: what has no value is null, with a warning where that may be a
/// mistake. What passes a limit stops everything, and is told by `failure`.
final class Interpreter {
  let types: TypeTable
  /// Why values are null, in the order met, each once at a place.
  private(set) var warnings: [Evaluation.Warning] = []
  /// The limit that was passed, if one was.
  private(set) var failure: String?
  private var depth = 0
  private var stepCount = 0

  private let stepCountMax: Int
  private static let warningCountMax = 20

  init(types: TypeTable = TypeTable(), stepCountMax: Int = DMNLimits.stepCountMax) {
    self.types = types
    self.stepCountMax = stepCountMax
  }

  func warn(_ message: String, at place: SourcePosition? = nil) {
    guard warnings.count < Self.warningCountMax else { return }
    let line = message.count > 300 ? message.prefix(300) + "…" : message
    let warning = Evaluation.Warning(message: line, line: place?.line, column: place?.column)
    if !warnings.contains(warning) { warnings.append(warning) }
  }

  func fail(_ message: String) { if failure == nil { failure = message } }

  func evaluate(_ expression: FeelExpression, _ scope: Scope) -> FeelValue {
    nested { evaluateNested(expression, scope) }
  }

  /// Counts a step, one level deeper; null where a limit is passed.
  func nested(_ body: () -> FeelValue) -> FeelValue {
    if failure != nil { return .null }
    depth += 1
    stepCount += 1
    defer { depth -= 1 }
    if depth > DMNLimits.evaluationDepthMax {
      fail(
        "expressions and calls nest more than \(DMNLimits.evaluationDepthMax) deep; does a function"
          + " call itself for ever?"
      )
      return .null
    }
    if stepCount > stepCountMax {
      fail("more than \(stepCountMax) steps; let loops run over fewer elements")
      return .null
    }
    return body()
  }

  /// A value that was just made, unless it is too large: sharing makes large ones in few steps.
  func bounded(_ value: FeelValue) -> FeelValue {
    switch value {
    case .list, .context:
      var budget = DMNLimits.valueNodeCountMax
      value.count(down: &budget)
      stepCount += (DMNLimits.valueNodeCountMax - budget) / 8
      if budget > 0 { return value }
      fail(
        "a value holds more than \(DMNLimits.valueNodeCountMax) others, or nests more than "
          + "\(DMNLimits.valueDepthMax) deep; make smaller lists")
      return .null
    case .string(let text) where text.utf8.count > DMNLimits.stringByteCountMax:
      fail("a string has more than \(DMNLimits.stringByteCountMax) bytes; make shorter ones")
      return .null
    default: return value
    }
  }

  private func evaluateNested(_ expression: FeelExpression, _ scope: Scope) -> FeelValue {
    switch expression {
    case .value(let value): return value
    case .name(let name): return lookUp(name, scope)
    case .tested: return scope.tested ?? .null
    case .binary(let symbol, let left, let right): return binary(symbol, left, right, scope)
    case .negate(let value): return evaluate(value, scope).negated
    case .path(let value, let name): return member(name, of: evaluate(value, scope))
    default: return evaluateCompound(expression, scope)
    }
  }

  private func evaluateCompound(_ expression: FeelExpression, _ scope: Scope) -> FeelValue {
    switch expression {
    case .noTemporal(let text):
      warn("`@\(FeelJSON.quoted(text))` is no date, time or duration; it is null")
      return .null
    case .list(let elements): return bounded(.list(elements.map { evaluate($0, scope) }))
    case .context(let entries): return context(entries, scope)
    case .range(let low, let lowClosed, let high, let highClosed):
      return range(low, lowClosed, high, highClosed, scope)
    case .function(let parameters, let body): return function(parameters, .feel(body), scope)
    case .call(let called, let arguments, let place):
      return call(called, calledValue(called, scope), arguments.map { evaluate($0, scope) }, at: place)
    case .namedCall(let called, let arguments, let place):
      let values = arguments.map { ($0.name, evaluate($0.value, scope)) }
      return call(called, calledValue(called, scope), named: values, at: place)
    case .between(let value, let low, let high):
      let tested = evaluate(value, scope)
      let range = FeelRange(
        low: evaluate(low, scope), isLowClosed: true, high: evaluate(high, scope),
        isHighClosed: true)
      return FeelValue(range.contains(tested))
    case .contained(let value, let tests):
      return FeelValue(anyHolds(tests, Scope(tested: evaluate(value, scope), in: scope)))
    case .instance(let value, let type):
      let tested = evaluate(value, scope)
      return .boolean(types.isInstance(tested, of: type))
    case .conditional(let condition, let then, let otherwise):
      return evaluate(evaluate(condition, scope).isTrue ? then : otherwise, scope)
    case .iterate(let iterators, let body):
      return loop(.for, iterators, needsPartial: body.uses("partial"), scope) {
        self.evaluate(body, $0)
      }
    case .quantified(let isEvery, let iterators, let condition):
      return loop(isEvery ? .every : .some, iterators, scope) { self.evaluate(condition, $0) }
    case .filter(let list, let condition): return filter(evaluate(list, scope), condition, scope)
    case .comparison(let symbol, let value):
      return Self.compare(symbol, scope.tested ?? .null, evaluate(value, scope))
    case .tests(let tests, let isNegated):
      return FeelValue(anyHolds(tests, scope).map { $0 != isNegated })
    default: return .boolean(true)
    }
  }

  private func lookUp(_ name: String, _ scope: Scope) -> FeelValue {
    if let value = scope.value(of: name) { return value }
    warn("the name `\(name)` is not known here; it is null")
    return .null
  }

  private func context(
    _ entries: [(key: String, value: FeelExpression)], _ scope: Scope
  ) -> FeelValue {
    var context = FeelContext()
    var inner = scope
    for (key, expression) in entries {
      let name = KnownNames.canonical(key)
      let value: FeelValue
      if case .function(let parameters, let body) = expression {
        value = function(parameters, .feel(body), inner, named: name)
      } else {
        value = evaluate(expression, inner)
      }
      context[key] = value
      inner = Scope([name: value], in: inner)
    }
    return bounded(.context(context))
  }

  private func range(
    _ low: FeelExpression?, _ lowClosed: Bool, _ high: FeelExpression?, _ highClosed: Bool,
    _ scope: Scope
  ) -> FeelValue {
    let (lowValue, highValue) = (low.map { evaluate($0, scope) }, high.map { evaluate($0, scope) })
    if let lowValue, let highValue, !lowValue.isNull, !highValue.isNull,
      lowValue.order(against: highValue) == nil
    {
      warn("the ends of an interval are of different kinds; it is null")
      return .null
    }
    return .range(
      FeelRange(low: lowValue, isLowClosed: lowClosed, high: highValue, isHighClosed: highClosed))
  }

  static func bound(_ parameters: [Parameter], _ arguments: [FeelValue]) -> [String: FeelValue] {
    Dictionary(
      zip(parameters.map { KnownNames.canonical($0.name) }, arguments),
      uniquingKeysWith: { _, last in last })
  }

  // MARK: - Unary tests

  /// Whether `?` of the scope passes any of the tests; nil where that cannot be said.
  func anyHolds(_ tests: [FeelExpression], _ scope: Scope) -> Bool? {
    var isUnknown = false
    for test in tests {
      switch holds(test, scope) {
      case true?: return true
      case nil: isUnknown = true
      case false?: break
      }
    }
    return isUnknown ? nil : false
  }

  private func holds(_ test: FeelExpression, _ scope: Scope) -> Bool? {
    let tested = scope.tested ?? .null
    switch test {
    case .anything: return true
    case .value(let value): return Self.fits(tested, value)
    case .comparison, .tests: return evaluate(test, scope).boolean
    default: break
    }
    let value = evaluate(test, scope)
    if test.usesTested {
      // A condition, or what the tested value is compared with.
      if case .boolean(let holds) = value { return holds }
      return value.isNull ? nil : Self.fits(tested, value)
    }
    // A condition on other inputs.
    if case .boolean(let holds) = value, !tested.isNull, tested.boolean == nil { return holds }
    return Self.fits(tested, value)
  }

  /// Whether a value is what a test says: equal to it, inside it, or one of it.
  private static func fits(_ tested: FeelValue, _ value: FeelValue) -> Bool? {
    switch value {
    case .range(let range):
      if case .range = tested { return tested.equals(value) }
      return range.contains(tested)
    case .list(let elements):
      if tested.equals(value) == true { return true }
      return elements.contains { element in
        if case .list = element { return tested.equals(element) == true }
        return fits(tested, element) == true
      }
    default: return tested.equals(value)
    }
  }
}
