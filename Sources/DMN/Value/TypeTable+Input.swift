/// Values from JSON, which has no dates, times and durations, and often leaves out what is null.
extension TypeTable {
  /// A value from JSON made to fit a type: texts become dates, times and durations, and components that are
  /// not given null.
  func converted(_ value: FeelValue, to type: FeelType, depth: Int = 0) -> FeelValue {
    // A level of a value may take three: a component, its type's name, and what that names.
    if depth > 3 * Self.depthMax { return value }
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
    // What names a structure has no components of its own.
    if case .context(var context) = value, !item.components.isEmpty {
      for component in item.components {
        let name = KnownNames.canonical(component.name)
        let key = context.keys.first { KnownNames.canonical($0) == name } ?? component.name
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
