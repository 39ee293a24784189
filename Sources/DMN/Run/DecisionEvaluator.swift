/// Evaluates the decisions of a model, one at a time, as the standard says.
///
/// Made for exactness: it walks the parsed expressions. It is a value, and may be used from any thread.
public struct DecisionEvaluator: Sendable {
  public let model: DecisionModel
  /// What reading and parsing found, in file order.
  public let problems: [DMNProblem]
  /// Those of `problems` that are imports of other models.
  private let importProblems: [DMNProblem]
  /// What cells of its tables say that is null, or holds never or always, whatever the inputs are; in file
  /// order. The standard evaluates them all the same.
  public let cellProblems: [DMNProblem]
  let types: TypeTable
  /// By id.
  let elements: [String: Element]

  /// An element of the requirements graph, compiled.
  struct Element: Sendable {
    enum Kind: Sendable {
      case input
      case decision(CompiledExpression)
      case knowledge([Parameter], CompiledExpression)
      case service(DecisionService, [Parameter])
    }

    var id: String
    /// The name that problems use.
    var name: String
    /// The name that expressions use, as it is written.
    var variable: String
    /// Of its value; of a function, of what it returns.
    var typeRef: String?
    var kind: Kind
    /// Ids, those that lead nowhere left out.
    var required: [String]
  }

  /// nil where the file was no model. `memberNames` are names of more than one word that only the input
  /// knows: keys of objects whose type the model leaves open.
  public init?(_ reading: ModelReading, memberNames: some Sequence<String> = []) {
    guard let model = reading.model else { return nil }
    var compiler = ModelCompiler(model, file: reading.file, memberNames: memberNames)
    compiler.importNames = Set(reading.importNames.map(KnownNames.canonical))
    self.model = model
    types = compiler.typeTable
    elements = Self.elements(of: model, &compiler)
    problems = Self.inOrder(reading.problems + compiler.problems)
    importProblems = reading.importProblems
    cellProblems = Self.inOrder(compiler.cellProblems)
  }

  private static func inOrder(_ problems: [DMNProblem]) -> [DMNProblem] {
    problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
  }

  private static func elements(
    of model: DecisionModel, _ compiler: inout ModelCompiler
  ) -> [String: Element] {
    var elements: [String: Element] = [:]
    for input in model.inputs {
      elements[input.id] = Element(
        id: input.id, name: input.name, variable: input.variableName, typeRef: input.typeRef,
        kind: .input, required: [])
    }
    for service in model.services {
      elements[service.id] = Element(
        id: service.id, name: service.name, variable: service.variableName,
        typeRef: service.typeRef, kind: .service(service, []),
        required: service.outputDecisions + service.encapsulatedDecisions)
    }
    for knowledge in model.knowledgeModels {
      elements[knowledge.id] = Element(
        id: knowledge.id, name: knowledge.name, variable: knowledge.variableName,
        typeRef: knowledge.typeRef, kind: .input, required: knowledge.requirements.knowledge)
    }
    for decision in model.decisions {
      let requirements = decision.requirements
      elements[decision.id] = Element(
        id: decision.id, name: decision.name, variable: decision.variableName,
        typeRef: decision.typeRef, kind: .input,
        required: requirements.inputs + requirements.decisions + requirements.knowledge)
    }
    let ids = Set(elements.keys)
    for id in ids { elements[id]!.required.removeAll { !ids.contains($0) } }
    for service in model.services {
      // Input data, then input decisions.
      let inputs = (service.inputData + service.inputDecisions).compactMap { elements[$0] }
      let (parameters, result) = compiler.typeTable.signature(
        inputs.map { Parameter(name: $0.variable, typeRef: $0.typeRef) }, typed: service.typeRef)
      elements[service.id]!.kind = .service(service, parameters)
      elements[service.id]!.typeRef = result
    }
    for knowledge in model.knowledgeModels { compile(knowledge, in: &elements, &compiler) }
    for decision in model.decisions {
      let names = names(of: elements[decision.id]!.required, in: elements)
      elements[decision.id]!.kind = .decision(
        compiler.compile(
          decision.expression, names: names, isOpen: decision.requirements.inputs.isEmpty,
          element: decision.name))
    }
    return elements
  }

  /// A function, whose expression may have a type beside that of its variable.
  private static func compile(
    _ knowledge: KnowledgeModel, in elements: inout [String: Element], _ compiler: inout ModelCompiler
  ) {
    let names =
      names(of: elements[knowledge.id]!.required, in: elements) + [Parameter(name: knowledge.variableName)]
    let own = compiler.typeTable.signature(
      knowledge.function?.parameters ?? [], typed: knowledge.functionTypeRef)
    let (parameters, result) = compiler.typeTable.signature(own.parameters, typed: knowledge.typeRef)
    let body = compiler.compile(
      knowledge.function?.body, names: names + parameters.map { Parameter(name: $0.name) },
      isOpen: false, element: knowledge.name)
    let position = knowledge.function?.body.position ?? knowledge.position
    elements[knowledge.id]!.kind = .knowledge(parameters, body.typed(own.result, at: position))
    elements[knowledge.id]!.typeRef = result
  }

  /// What elements are called, and the types that their values are made to fit.
  private static func names(of ids: [String], in elements: [String: Element]) -> [Parameter] {
    ids.compactMap { elements[$0] }.map { element in
      switch element.kind {
      case .input, .decision: Parameter(name: element.variable, typeRef: element.typeRef)
      case .knowledge, .service: Parameter(name: element.variable)
      }
    }
  }

  /// Ids of an element and all that it requires, each after those it requires. Cycles are cut. What a
  /// service requires is left out unless `entersServices`: it is evaluated when the service is called.
  func order(from id: String, entersServices: Bool = false) -> [String] {
    var order: [String] = []
    var seen: Set<String> = [id]
    var path: [(id: String, next: Int)] = [(id, 0)]
    while let (current, next) = path.last {
      var required = elements[current]?.required ?? []
      if case .service? = elements[current]?.kind, !entersServices { required = [] }
      guard next < required.count else {
        order.append(current)
        path.removeLast()
        continue
      }
      path[path.count - 1].next += 1
      if seen.insert(required[next]).inserted { path.append((required[next], 0)) }
    }
    return order
  }

  /// The problems that concern a decision: its own, those of what it requires, and those of the whole
  /// file or of a type.
  public func problems(of invocable: Invocable) -> [DMNProblem] {
    let names = Set(
      order(from: invocable.id, entersServices: true).compactMap { elements[$0]?.name })
    let types = Set(model.itemDefinitions.map(\.name))
    return problems.filter { problem in
      problem.element.map { names.contains($0) || types.contains($0) } ?? true
    }
  }

  /// The problems that keep it from being evaluated; behind imports, which may be why.
  public func errors(of invocable: Invocable) -> [DMNProblem] {
    let errors = problems(of: invocable).filter { $0.severity == .error }
    return errors.isEmpty ? [] : importProblems + errors.filter { !importProblems.contains($0) }
  }
}
