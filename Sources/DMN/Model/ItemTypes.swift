/// The types that a model defines, by name.
public struct ItemTypes: Sendable {
  private let items: [String: ItemDefinition]

  public init(_ items: [ItemDefinition]) {
    self.items = Dictionary(items.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The FEEL type behind a reference, and what each definition on the way allows, its own first.
  public func type(_ typeRef: String?) -> (name: String?, allowed: [SourceText]) {
    var name = typeRef
    var allowed: [SourceText] = []
    var seen: Set<String> = []
    while let reference = name, let item = items[reference], seen.insert(reference).inserted {
      if item.isCollection || !item.components.isEmpty { return ("list", []) }
      allowed += [item.allowedValues, item.typeConstraint].compactMap(\.self)
      name = item.typeRef
    }
    return (name, allowed)
  }
}
