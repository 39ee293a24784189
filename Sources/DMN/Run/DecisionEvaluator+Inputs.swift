extension DecisionEvaluator {
  /// An entry of an input that a decision does not read.
  public struct UnreadInput: Sendable, Equatable {
    /// A component with the names of what it is in, `Applicant.Agge`.
    public var name: String
    /// Whether the model calculates what has this name.
    public var isCalculated: Bool
    /// Names that a mistyped one may have meant, nearest first.
    public var near: [String]
  }

  /// The entries of an input, and of its structures, that nothing has or names which a decision, or the
  /// function that is asked for, is made of. What other decisions read is none of them.
  /// O(size of the expressions + entries × names).
  public func unreadInputs(_ input: FeelContext, of invocable: Invocable) -> [UnreadInput] {
    var used: Set<String> = []
    for id in order(from: invocable.id, entersServices: true) {
      switch elements[id]?.kind {
      case .decision(let expression), .knowledge(_, let expression): used.formUnion(expression.readNames)
      case .input, .service, nil: break
      }
    }
    let parameters =
      (parameters(of: invocable) ?? [])
      + model.inputs.map { Parameter(name: $0.variableName, typeRef: $0.typeRef) }
    let known = Dictionary(
      parameters.map { (KnownNames.canonical($0.name), $0) }, uniquingKeysWith: { first, _ in first })
    let calculated = Set(model.decisions.map { KnownNames.canonical($0.variableName) })
    var unread: [UnreadInput] = []
    for (key, value) in input.entries {
      let name = KnownNames.canonical(key)
      if let parameter = known[name] {
        let components = parameter.typeRef.map(types.components) ?? []
        addComponents(of: value, components, path: key, used, to: &unread)
      } else if calculated.contains(name) || !used.contains(name) {
        // A name that only the decision's expressions have may be the one that was meant, too.
        let names = Set(parameters.map(\.name)).union(undeclaredNames(used)).sorted()
        let isCalculated = calculated.contains(name)
        let near = isCalculated ? [] : DecisionModel.near(key, among: names)
        unread.append(UnreadInput(name: key, isCalculated: isCalculated, near: near))
      }
    }
    return unread
  }

  /// Those of some names that are nothing of the model and no function.
  private func undeclaredNames(_ names: Set<String>) -> Set<String> {
    let declared = Set(elements.values.map { KnownNames.canonical($0.variable) })
    return names.filter { !declared.contains($0) && Builtins.functions[$0] == nil }
  }

  private func addComponents(
    of value: FeelValue, _ components: [ItemDefinition], path: String, _ used: Set<String>,
    to unread: inout [UnreadInput], depth: Int = 0
  ) {
    guard !components.isEmpty, depth < TypeTable.depthMax else { return }
    switch value {
    case .list(let elements):
      for element in elements {
        addComponents(of: element, components, path: path, used, to: &unread, depth: depth + 1)
      }
    case .context(let context):
      for (key, value) in context.entries {
        let name = KnownNames.canonical(key)
        let place = "\(path).\(key)"
        if let component = components.first(where: { KnownNames.canonical($0.name) == name }) {
          let named = component.typeRef.map(types.components) ?? []
          let inner = component.components.isEmpty ? named : component.components
          addComponents(of: value, inner, path: place, used, to: &unread, depth: depth + 1)
        } else if !used.contains(name), !unread.contains(where: { $0.name == place }) {
          let near = DecisionModel.near(key, among: components.map(\.name))
          unread.append(UnreadInput(name: place, isCalculated: false, near: near))
        }
      }
    default: break
    }
  }
}

extension TypeTable {
  /// The components of a structure, or of a list of such; none of anything else.
  fileprivate func components(_ typeRef: String) -> [ItemDefinition] {
    var reference: String? = typeRef
    for _ in 0..<Self.depthMax {
      guard let item = reference.flatMap({ items[$0] }) else { return [] }
      if !item.components.isEmpty { return item.components }
      reference = item.typeRef
    }
    return []
  }
}

extension CompiledExpression {
  /// The names of variables and members that it reads, those that it defines itself included.
  fileprivate var readNames: Set<String> {
    switch self {
    case .feel(let expression): expression.readNames
    case .table(let table): table.readNames
    case .context(let entries): Self.readNames(entries.map(\.value))
    case .invocation(let called, let arguments, _): Self.readNames([called] + arguments.map(\.value))
    case .function(_, let body): body.readNames
    case .list(let elements): Self.readNames(elements)
    case .relation(_, let rows): Self.readNames(Array(rows.joined()))
    case .conditional(let first, let second, let third): Self.readNames([first, second, third])
    case .filter(let first, let second), .iteration(_, _, let first, let second):
      Self.readNames([first, second])
    case .typed(let expression, _, _): expression.readNames
    case .broken: []
    }
  }

  private static func readNames(_ parts: [CompiledExpression]) -> Set<String> {
    parts.reduce(into: []) { $0.formUnion($1.readNames) }
  }
}

extension CompiledTable {
  fileprivate var readNames: Set<String> {
    var names: Set<String> = []
    for input in inputs {
      for part in [input.expression, input.allowedValues] { names.formUnion(part?.readNames ?? []) }
    }
    for output in outputs { names.formUnion(output.defaultValue?.readNames ?? []) }
    for rule in rules {
      for part in rule.tests + rule.values { names.formUnion(part.readNames) }
    }
    return names
  }
}

extension FeelExpression {
  fileprivate var readNames: Set<String> {
    var names: Set<String> = []
    _ = contains { part in
      switch part {
      case .name(let name), .path(_, let name): names.insert(name)
      default: break
      }
      return false
    }
    return names
  }
}
