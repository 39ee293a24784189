/// Operators, paths, filters and loops.
extension Interpreter {
  func binary(
    _ symbol: FeelExpression.Operator, _ left: FeelExpression, _ right: FeelExpression,
    _ scope: Scope
  ) -> FeelValue {
    switch symbol {
    case .and, .or: return logic(isAnd: symbol == .and, left, right, scope)
    default: break
    }
    let (left, right) = (evaluate(left, scope), evaluate(right, scope))
    let result: FeelValue
    switch symbol {
    case .add: result = bounded(.add(left, right))
    case .subtract: result = .subtract(left, right)
    case .multiply: result = .multiply(left, right)
    case .divide: result = .divide(left, right)
    case .power: result = .power(left, right)
    default: return Self.compare(symbol, left, right)
    }
    if result.isNull {
      warn("`\(left.kindName) \(symbol.rawValue) \(right.kindName)` has no value; it is null")
    }
    return result
  }

  /// Three-valued: anything that is not a boolean counts as null.
  private func logic(
    isAnd: Bool, _ left: FeelExpression, _ right: FeelExpression, _ scope: Scope
  ) -> FeelValue {
    let decisive = !isAnd
    let first = evaluate(left, scope)
    if case .boolean(decisive) = first { return first }
    let second = evaluate(right, scope)
    if case .boolean(decisive) = second { return second }
    guard case .boolean = first, case .boolean = second else { return .null }
    return .boolean(!decisive)
  }

  static func compare(
    _ symbol: FeelExpression.Operator, _ left: FeelValue, _ right: FeelValue
  ) -> FeelValue {
    switch symbol {
    case .equal: return FeelValue(left.equals(right))
    case .notEqual: return FeelValue(left.equals(right).map { !$0 })
    default: break
    }
    guard let order = left.order(against: right) else { return .null }
    return switch symbol {
    case .less: .boolean(order < 0)
    case .lessOrEqual: .boolean(order <= 0)
    case .greater: .boolean(order > 0)
    default: .boolean(order >= 0)
    }
  }

  /// `value.name`: an entry, a property, or the list of either.
  func member(_ name: String, of value: FeelValue) -> FeelValue {
    switch value {
    case .context(let context):
      if let member = context.member(name) { return member }
      warn("there is no `\(name)` in the context; it is null")
      return .null
    case .list(let elements): return .list(elements.map { member(name, of: $0) })
    default:
      if let property = value.property(name) { return property }
      if !value.isNull { warn("a \(value.kindName) has no `\(name)`; it is null") }
      return .null
    }
  }

  func filter(_ value: FeelValue, _ condition: FeelExpression, _ scope: Scope) -> FeelValue {
    if value.isNull {
      // An index into nothing is nothing; a condition leaves nothing over.
      let isIndex = evaluate(condition, Scope(["item": .null], in: scope)).number != nil
      return isIndex ? .null : .list([])
    }
    let elements = value.elements
    if case .value(.number(let index)) = condition { return Self.element(index, of: elements) }
    if case .negate(.value(.number(let index))) = condition {
      return Self.element(-index, of: elements)
    }
    var kept: [FeelValue] = []
    for (position, element) in elements.enumerated() {
      var inner = Scope(["item": element], in: scope)
      if case .context(let context) = element {
        // The element's own `item` hides the element itself.
        inner = Scope(element: context, in: inner)
      }
      let result = evaluate(condition, inner)
      // A number is an index, whatever the element.
      if position == 0, let index = result.number { return Self.element(index, of: elements) }
      if result.isTrue { kept.append(element) }
    }
    if elements.isEmpty, evaluate(condition, scope).number != nil { return .null }
    return .list(kept)
  }

  /// The element at an index from 1, or from the end with -1 the last.
  private static func element(_ index: FeelNumber, of elements: [FeelValue]) -> FeelValue {
    guard let index = index.int, index != 0, index.magnitude <= elements.count else { return .null }
    return elements[index > 0 ? index - 1 : elements.count + index]
  }

  // MARK: - Loops

  /// `for`, `some` or `every`: `body` gives the element, or says whether the condition holds.
  /// With `needsPartial`, `partial` is the list of the elements so far.
  func loop(
    _ form: Iteration.Form, _ iterators: [FeelExpression.Iterator], needsPartial: Bool = false,
    _ scope: Scope, _ body: (Scope) -> FeelValue
  ) -> FeelValue {
    if form == .for { return collect(iterators, needsPartial, scope, body) }
    let isEvery = form == .every
    var sawNull = false
    let isComplete = forEach(iterators[...], scope) { inner in
      guard case .boolean(let holds) = body(inner) else {
        sawNull = true
        return true
      }
      return holds == isEvery
    }
    guard let isComplete else { return .null }
    if !isComplete { return .boolean(!isEvery) }
    return sawNull ? .null : .boolean(isEvery)
  }

  private func collect(
    _ iterators: [FeelExpression.Iterator], _ needsPartial: Bool, _ scope: Scope,
    _ body: (Scope) -> FeelValue
  ) -> FeelValue {
    var results: [FeelValue] = []
    let isComplete = forEach(iterators[...], scope) { inner in
      let seen = needsPartial ? Scope(["partial": .list(results)], in: inner) : inner
      results.append(body(seen))
      return results.count <= DMNLimits.listElementCountMax
    }
    if results.count > DMNLimits.listElementCountMax {
      fail(
        "a loop makes more than \(DMNLimits.listElementCountMax) elements; let it run over fewer")
    }
    return isComplete == nil ? .null : bounded(.list(results))
  }

  /// Calls `body` for each combination until it returns false, which is then returned; nil where a domain
  /// is nothing to loop over.
  private func forEach(
    _ iterators: ArraySlice<FeelExpression.Iterator>, _ scope: Scope, _ body: (Scope) -> Bool
  ) -> Bool? {
    guard let iterator = iterators.first else { return body(scope) }
    guard let elements = domain(iterator, scope) else { return nil }
    for element in elements {
      if failure != nil { return nil }
      let inner = Scope([iterator.name: element], in: scope)
      guard let goesOn = forEach(iterators.dropFirst(), inner, body) else { return nil }
      if !goesOn { return false }
    }
    return true
  }

  private func domain(_ iterator: FeelExpression.Iterator, _ scope: Scope) -> [FeelValue]? {
    let start = evaluate(iterator.domain, scope)
    if let end = iterator.end { return steps(from: start, to: evaluate(end, scope)) }
    switch start {
    case .null:
      warn("a loop over null; it is null")
      return nil
    case .range(let range):
      guard let low = range.low, let high = range.high else { return nil }
      guard var elements = steps(from: low, to: high) else { return nil }
      if !range.isLowClosed, !elements.isEmpty { elements.removeFirst() }
      if !range.isHighClosed, !elements.isEmpty { elements.removeLast() }
      return elements
    default: return start.elements
    }
  }

  /// `1..3`, upwards or downwards, of whole numbers or days.
  private func steps(from start: FeelValue, to end: FeelValue) -> [FeelValue]? {
    let bounds: (Int, Int)
    let value: (Int) -> FeelValue
    switch (start, end) {
    case (.number(let low), .number(let high)):
      guard let low = low.int, let high = high.int else { return nil }
      (bounds, value) = ((low, high), { FeelValue($0) })
    case (.date(let low), .date(let high)):
      bounds = (low.dayNumber, high.dayNumber)
      value = { FeelDate(dayNumber: $0).map { .date($0) } ?? .null }
    default:
      warn("a loop from \(start.kindName) to \(end.kindName); it is null")
      return nil
    }
    let (distance, overflow) = bounds.1.subtractingReportingOverflow(bounds.0)
    guard !overflow, distance.magnitude < DMNLimits.listElementCountMax else {
      fail("a loop over more than \(DMNLimits.listElementCountMax) elements; let it run over fewer")
      return nil
    }
    return stride(from: bounds.0, through: bounds.1, by: distance < 0 ? -1 : 1).map(value)
  }
}
