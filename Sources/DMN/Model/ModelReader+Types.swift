/// Type references that lead nowhere.
extension ModelReader {
  /// Reports types that are not defined: an error where the file imports a model that may define them, and
  /// else a warning, since a value of any type is then let through.
  mutating func checkTypes(of model: DecisionModel) {
    let defined = Set(model.itemDefinitions.map(\.name))
    for item in model.itemDefinitions { check(item, defined) }
    for input in model.inputs { check(input.typeRef, of: input.name, at: input.position, defined) }
    for knowledge in model.knowledgeModels {
      check(knowledge.typeRef, of: knowledge.name, at: knowledge.position, defined)
    }
    for decision in model.decisions {
      check(decision.typeRef, of: decision.name, at: decision.position, defined)
    }
    element = nil
  }

  private mutating func check(_ item: ItemDefinition, _ defined: Set<String>) {
    check(item.typeRef, of: item.name, at: item.position, defined)
    for component in item.components { check(component, defined) }
  }

  private mutating func check(
    _ typeRef: String?, of name: String, at position: SourcePosition, _ defined: Set<String>
  ) {
    guard let typeRef, !typeRef.contains("<"), !defined.contains(typeRef),
      case .named = FeelType(name: typeRef)
    else { return }
    element = name
    report(
      at: position,
      "the type `\(typeRef)` of `\(name)` is not defined; define it as an item definition",
      severity: hasImport ? .error : .warning)
  }
}
