/// Type references that lead nowhere, or in a circle.
extension ModelReader {
  /// Reports types that are not defined: an error where the file imports a model or names another language
  /// that may define them, and else a warning, since a value of any type is then let through.
  mutating func checkTypes(of model: DecisionModel) {
    let defined = Set(model.itemDefinitions.map(\.name))
    for item in model.itemDefinitions { check(item, defined) }
    checkCircles(model.itemDefinitions)
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
    let other = itemTypeLanguages[name] ?? typeLanguage
    let language = other.map { ", and types of `\($0)` are not read" } ?? ""
    report(
      at: position,
      "the type `\(typeRef)` of `\(name)` is not defined\(language); define it as an item definition",
      severity: hasImport || other != nil ? .error : .warning)
  }

  /// Reports types that are only other names of themselves. O(types).
  private mutating func checkCircles(_ items: [ItemDefinition]) {
    let known = Dictionary(items.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var seen: Set<String> = []
    for item in items {
      var path: [String] = []
      var next: String? = item.name
      while let name = next, seen.insert(name).inserted {
        path.append(name)
        next = known[name]?.typeRef
      }
      // One that was seen on an earlier path leads nowhere new.
      guard let name = next, let start = path.firstIndex(of: name), let first = known[name] else { continue }
      element = name
      let circle = (path[start...] + [name]).map { "`\($0)`" }.joined(separator: ", ")
      report(
        at: first.position,
        "the type `\(name)` is defined by itself: \(circle); give one of them a type of FEEL's")
    }
  }
}
