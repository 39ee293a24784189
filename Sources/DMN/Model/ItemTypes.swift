/// The types that a model defines, by name.
public struct ItemTypes: Sendable {
  private let items: [String: ItemDefinition]

  public init(_ items: [ItemDefinition]) {
    self.items = Dictionary(items.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The FEEL type behind a reference, and what definitions on the way allow, its own first: all constraints,
  /// and of allowed values the first, which are all that a type has, whatever it is based on.
  public func type(_ typeRef: String?) -> (name: String?, allowed: [SourceText]) {
    var name = typeRef
    var allowed: [SourceText] = []
    var hasValues = false
    var seen: Set<String> = []
    while let reference = name, let item = items[reference], seen.insert(reference).inserted {
      if item.isCollection || !item.components.isEmpty { return ("list", []) }
      if let values = item.allowedValues, !hasValues {
        allowed.append(values)
        hasValues = true
      }
      if let constraint = item.typeConstraint { allowed.append(constraint) }
      name = item.typeRef
    }
    return (name, allowed)
  }
}
