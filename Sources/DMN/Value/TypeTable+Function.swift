/// Functions that the model declares the type of.
extension TypeTable {
  /// The parameters of a function and the type of its results, where a variable or an expression that is the
  /// function has a type. Of a function type, parameters take those that they do not have themselves, by
  /// name or, where none of the names is the same, by place. Any other type is that of the results: many
  /// files say it so.
  func signature(
    _ parameters: [Parameter], typed typeRef: String?
  ) -> (parameters: [Parameter], result: String?) {
    guard let typeRef else { return (parameters, nil) }
    guard let item = functionItem(typeRef) else {
      if case .function = type(typeRef) { return (parameters, nil) }
      return (parameters, typeRef)
    }
    let names = item.parameters.map { KnownNames.canonical($0.name) }
    let isByName = parameters.contains { names.contains(KnownNames.canonical($0.name)) }
    let typed = parameters.enumerated().map { place, parameter in
      let index = isByName ? names.firstIndex(of: KnownNames.canonical(parameter.name)) : place
      let declared = index.flatMap { $0 < item.parameters.count ? item.parameters[$0].typeRef : nil }
      return Parameter(name: parameter.name, typeRef: parameter.typeRef ?? declared)
    }
    return (typed, item.outputTypeRef)
  }

  /// The function type behind a reference; nil where it leads to another one.
  private func functionItem(_ typeRef: String) -> FunctionItem? {
    var reference: String? = typeRef
    for _ in 0..<Self.depthMax {
      guard let item = reference.flatMap({ items[$0] }), !item.isCollection else { return nil }
      if let function = item.functionItem { return function }
      reference = item.typeRef
    }
    return nil
  }
}
