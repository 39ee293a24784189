/// The types that a model defines, and which values are of which type.
struct TypeTable: Sendable {
  private(set) var items: [String: ItemDefinition] = [:]
  /// Tests of allowed values, parsed, by the name of the type (`type.component` for components). Those of
  /// a collection are of its elements.
  private var allowedValues: [String: FeelExpression] = [:]
  /// As `allowedValues`, but of a collection as a whole.
  private var constraints: [String: FeelExpression] = [:]

  init(_ items: [ItemDefinition] = []) {
    for item in items {
      self.items[item.name] = item
      addConstraints(of: item, path: item.name)
    }
  }

  private mutating func addConstraints(of item: ItemDefinition, path: String) {
    allowedValues[path] = item.allowedValues.flatMap { Self.tests($0) }
    constraints[path] = item.typeConstraint.flatMap { Self.tests($0) }
    for component in item.components {
      addConstraints(of: component, path: "\(path).\(component.name)")
    }
  }

  private static func tests(_ source: SourceText) -> FeelExpression? {
    try? FeelParser.unaryTests(source.text, names: Builtins.names)
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
  static let depthMax = 64

  private func elementType(of item: ItemDefinition) -> FeelType {
    item.typeRef.map(type) ?? .any
  }

  // MARK: - Conformance

  /// How far the values that a type allows are looked at.
  private enum Allowance {
    case all
    /// Those of the type itself not: a type that is based on it has its own, which are all that it has.
    case ofDerived
    /// Kinds and structure alone.
    case none
  }

  /// Null conforms to every type. A context has to have every component; more are let through.
  func conforms(_ value: FeelValue, to type: FeelType) -> Bool {
    conforms(value, to: type, depth: 0)
  }

  /// As `conforms`, but null is an instance of Null only, and which values a type allows is no matter.
  func isInstance(_ value: FeelValue, of type: FeelType) -> Bool {
    if value.isNull { return type == .null }
    return conforms(value, to: type, .none, depth: 0)
  }

  private func conforms(
    _ value: FeelValue, to type: FeelType, _ allowance: Allowance = .all, depth: Int
  ) -> Bool {
    if depth > Self.depthMax || value.isNull { return true }
    func fits(_ part: FeelValue, _ type: FeelType) -> Bool {
      conforms(part, to: type, allowance == .ofDerived ? .all : allowance, depth: depth + 1)
    }
    switch type {
    case .any: return true
    case .null: return false
    case .basic(let basic): return value.kindName == basic.rawValue
    case .list(let element):
      guard case .list(let elements) = value else { return false }
      return elements.allSatisfy { fits($0, element) }
    case .range(let end):
      guard case .range(let range) = value else { return false }
      return fits(range.low ?? .null, end) && fits(range.high ?? .null, end)
    case .context(let members):
      guard case .context(let context) = value else { return false }
      return members.allSatisfy { name, type in
        context.member(name).map { fits($0, type) } ?? false
      }
    case .function(let parameters, _):
      guard case .function(let function) = value else { return false }
      return parameters.isEmpty || function.signatures.contains { $0.count == parameters.count }
    case .named(let name):
      // A type that nobody defines constrains nothing.
      guard let item = items[name] else { return true }
      return conforms(value, to: item, path: name, allowance, depth: depth + 1)
    }
  }

  private func conforms(
    _ value: FeelValue, to item: ItemDefinition, path: String, _ allowance: Allowance, depth: Int
  ) -> Bool {
    var parts = [value]
    var allowance = allowance
    if item.isCollection {
      guard case .list(let elements) = value else { return false }
      parts = elements
      // What a type based on the list allows are lists, not their elements.
      if allowance == .ofDerived { allowance = .all }
    }
    return (allowance == .none || holds(constraints[path], value))
      && parts.allSatisfy { isOne($0, of: item, path: path, allowance, depth: depth) }
  }

  private func isOne(
    _ value: FeelValue, of item: ItemDefinition, path: String, _ allowance: Allowance, depth: Int
  ) -> Bool {
    if value.isNull { return true }
    if item.functionItem != nil {
      if case .function = value { return true } else { return false }
    }
    if !item.components.isEmpty {
      guard case .context(let context) = value else { return false }
      let inner: Allowance = allowance == .none ? .none : .all
      for component in item.components {
        guard let member = context.member(KnownNames.canonical(component.name)),
          member.isNull
            || conforms(member, to: component, path: "\(path).\(component.name)", inner, depth: depth + 1)
        else { return false }
      }
    } else if let typeRef = item.typeRef {
      let base = allowance == .all && allowedValues[path] != nil ? .ofDerived : allowance
      guard conforms(value, to: type(typeRef), base, depth: depth + 1) else { return false }
    }
    return allowance != .all || holds(allowedValues[path], value)
  }

  private func holds(_ tests: FeelExpression?, _ value: FeelValue) -> Bool {
    tests.map { Interpreter().evaluate($0, Scope(tested: value)).isTrue } ?? true
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
