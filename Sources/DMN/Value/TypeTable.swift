/// The types that a model defines, and which values are of which type.
struct TypeTable: Sendable {
  private var items: [String: ItemDefinition] = [:]
  /// Tests of allowed values, parsed, by the name of the type (`type.component` for components).
  private var constraints: [String: [FeelExpression]] = [:]

  init(_ items: [ItemDefinition] = []) {
    for item in items {
      self.items[item.name] = item
      addConstraints(of: item, path: item.name, depth: 0)
    }
  }

  private mutating func addConstraints(of item: ItemDefinition, path: String, depth: Int) {
    for text in [item.allowedValues, item.typeConstraint] {
      guard let text, let tests = try? FeelParser.unaryTests(text.text) else { continue }
      constraints[path, default: []].append(tests)
    }
    for component in item.components {
      addConstraints(of: component, path: "\(path).\(component.name)", depth: depth + 1)
    }
  }

  /// The type that a `typeRef` names; anything where there is none.
  func type(_ typeRef: String?) -> FeelType {
    guard let typeRef else { return .any }
    if items[typeRef] != nil { return .named(typeRef) }
    var parser = FeelTypeText(typeRef)
    return parser.type() ?? FeelType(name: typeRef)
  }

  // MARK: - Coercion

  /// The value made to fit a type: itself, the element of a list of one, a list of it, or a date as its
  /// midnight; null where none of these fits.
  func coerce(_ value: FeelValue, to type: FeelType) -> FeelValue {
    coerce(value, to: type, depth: 0)
  }

  private func coerce(_ value: FeelValue, to type: FeelType, depth: Int) -> FeelValue {
    if value.isNull || conforms(value, to: type, depth: depth) { return value }
    let element = resolved(type, depth: depth)
    if case .list(let elementType) = element {
      if case .list = value { return .null }
      let coerced = coerce(value, to: elementType, depth: depth + 1)
      let list = FeelValue.list([coerced])
      return !coerced.isNull && conforms(list, to: type, depth: depth) ? list : .null
    }
    if case .list(let elements) = value, elements.count == 1 {
      return coerce(elements[0], to: type, depth: depth + 1)
    }
    if case .basic(.dateTime) = element, case .date(let date) = value {
      let midnight = FeelTime(nanosecond: 0, zone: .offset(0))
      return .dateTime(FeelDateTime(date: date, time: midnight))
    }
    return .null
  }

  /// A named type followed to what it is based on.
  private func resolved(_ type: FeelType, depth: Int) -> FeelType {
    guard case .named(let name) = type, let item = items[name], depth < Self.depthMax else {
      return type
    }
    if item.isCollection { return .list(elementType(of: item)) }
    if let typeRef = item.typeRef { return resolved(self.type(typeRef), depth: depth + 1) }
    return type
  }

  /// LIMIT: types based on one another; past it every value conforms.
  private static let depthMax = 64

  private func elementType(of item: ItemDefinition) -> FeelType {
    item.typeRef.map(type) ?? .any
  }

  // MARK: - Conformance

  func conforms(_ value: FeelValue, to type: FeelType) -> Bool {
    conforms(value, to: type, depth: 0)
  }

  /// As `conforms`, but null is an instance of nothing but Null (and Any is everything but null).
  func isInstance(_ value: FeelValue, of type: FeelType) -> Bool {
    if value.isNull { return type == .null }
    return conforms(value, to: type)
  }

  private func conforms(_ value: FeelValue, to type: FeelType, depth: Int) -> Bool {
    if depth > Self.depthMax || value.isNull { return true }
    switch type {
    case .any: return true
    case .null: return false
    case .basic(let basic): return value.kindName == basic.rawValue
    case .list(let element):
      guard case .list(let elements) = value else { return false }
      return elements.allSatisfy { conforms($0, to: element, depth: depth + 1) }
    case .range(let end):
      guard case .range(let range) = value else { return false }
      return [range.low, range.high].allSatisfy { bound in
        bound.map { conforms($0, to: end, depth: depth + 1) } ?? true
      }
    case .context(let members):
      guard case .context(let context) = value else { return false }
      return members.allSatisfy { name, type in
        context.member(name).map { conforms($0, to: type, depth: depth + 1) } ?? false
      }
    case .function(let parameters, _):
      guard case .function(let function) = value else { return false }
      return parameters.isEmpty || function.signatures.contains { $0.count == parameters.count }
    case .named(let name):
      // A type that nobody defines constrains nothing.
      guard let item = items[name] else { return true }
      return conforms(value, to: item, path: name, depth: depth + 1)
    }
  }

  private func conforms(
    _ value: FeelValue, to item: ItemDefinition, path: String, depth: Int
  ) -> Bool {
    guard item.isCollection else { return isOne(value, of: item, path: path, depth: depth) }
    guard case .list(let elements) = value else { return false }
    return elements.allSatisfy { isOne($0, of: item, path: path, depth: depth) }
  }

  private func isOne(_ value: FeelValue, of item: ItemDefinition, path: String, depth: Int) -> Bool
  {
    if value.isNull { return true }
    if item.functionItem != nil {
      if case .function = value { return true } else { return false }
    }
    if !item.components.isEmpty {
      guard case .context(let context) = value else { return false }
      for component in item.components {
        guard let member = context.member(KnownNames.canonical(component.name)) else { continue }
        let inner = "\(path).\(component.name)"
        if !conforms(member, to: component, path: inner, depth: depth + 1) { return false }
      }
    } else if let typeRef = item.typeRef, !conforms(value, to: type(typeRef), depth: depth + 1) {
      return false
    }
    return (constraints[path] ?? []).allSatisfy { tests in
      Interpreter().evaluate(tests, Scope(tested: value)).isTrue
    }
  }

  // MARK: - Input

  /// A value from JSON made to fit a type: texts become dates, times and durations.
  func converted(_ value: FeelValue, to type: FeelType, depth: Int = 0) -> FeelValue {
    if depth > Self.depthMax { return value }
    switch (type, value) {
    case (.basic(let basic), .string(let text)): return Self.converted(text, to: basic) ?? value
    case (.list(let element), .list(let elements)):
      return .list(elements.map { converted($0, to: element, depth: depth + 1) })
    case (.list(let element), _): return converted(value, to: element, depth: depth + 1)
    case (.any, _), (.basic, _): return value
    case (.named(let name), _):
      guard let item = items[name] else { return value }
      return converted(value, to: item, depth: depth + 1)
    default: return value
    }
  }

  private func converted(_ value: FeelValue, to item: ItemDefinition, depth: Int) -> FeelValue {
    if item.isCollection, case .list(let elements) = value {
      var element = item
      element.isCollection = false
      return .list(elements.map { converted($0, to: element, depth: depth + 1) })
    }
    if case .context(var context) = value {
      for component in item.components {
        let name = KnownNames.canonical(component.name)
        guard let key = context.keys.first(where: { KnownNames.canonical($0) == name }) else {
          continue
        }
        context[key] = converted(context[key] ?? .null, to: component, depth: depth + 1)
      }
      return .context(context)
    }
    return item.typeRef.map { converted(value, to: type($0), depth: depth + 1) } ?? value
  }

  private static func converted(_ text: String, to basic: FeelType.Basic) -> FeelValue? {
    switch basic {
    case .date: return FeelDate(text).map { .date($0) }
    case .time: return FeelTime(text).map { .time($0) }
    case .dateTime: return FeelDateTime(text).map { .dateTime($0) }
    case .daysDuration, .monthsDuration:
      var scanner = TemporalScanner(text)
      guard let value = scanner.duration(), scanner.isAtEnd, value.kindName == basic.rawValue else {
        return nil
      }
      return value
    case .number, .string, .boolean: return nil
    }
  }
}

/// A type reference with parameters, `list<number>`, read by the parser of expressions.
private struct FeelTypeText {
  private let text: String
  init(_ text: String) { self.text = text }

  mutating func type() -> FeelType? {
    guard text.contains("<"),
      case .instance(_, let type) = try? FeelParser.expression("null instance of \(text)")
    else { return nil }
    return type
  }
}
