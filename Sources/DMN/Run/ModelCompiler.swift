/// Parses every expression of a model, and reports all that cannot be parsed.
struct ModelCompiler {
  private let file: String
  /// Names of components and context entries anywhere in the model.
  private var memberNames: KnownNames
  /// Names that every expression sees: of functions, of types, and those that the caller's input has,
  /// whether the model declares them or not.
  private let commonNames: KnownNames
  private let types: ItemTypes
  let typeTable: TypeTable
  private(set) var problems: [DMNProblem] = []
  /// What cells say that is null, or holds never or always, whatever the inputs are. It is no error of
  /// evaluation.
  private(set) var cellProblems: [DMNProblem] = []
  private var element: String?
  /// What the file calls models that it imports, canonical: none is read.
  var importNames: Set<String> = []

  init(_ model: DecisionModel, file: String, memberNames names: some Sequence<String>) {
    self.file = file
    types = ItemTypes(model.itemDefinitions)
    typeTable = TypeTable(model.itemDefinitions)
    memberNames = KnownNames(names)
    var common = Builtins.names
    for item in model.itemDefinitions { common.insert(item.name) }
    common.formUnion(memberNames)
    commonNames = common
    for item in model.itemDefinitions { addNames(of: item) }
    for decision in model.decisions { decision.expression.map { addNames(of: $0) } }
    for knowledge in model.knowledgeModels { knowledge.function.map { addNames(of: $0.body) } }
    for item in model.itemDefinitions { check(item) }
  }

  /// An expression, in the sight of `names`; nil where it is empty. `isOpen` where it may name what only the
  /// caller knows.
  mutating func compile(
    _ expression: BoxedExpression?, names: [Parameter], isOpen: Bool, element: String
  ) -> CompiledExpression {
    self.element = element
    defer { self.element = nil }
    var sight = Sight(commonNames, undeclared: isOpen ? .warning : .error)
    for name in names { sight.insert(name.name, typeRef: name.typeRef) }
    return expression.map { compile($0, sight) } ?? .feel(.value(.null))
  }

  private mutating func addNames(of item: ItemDefinition) {
    for component in item.components {
      memberNames.insert(component.name)
      addNames(of: component)
    }
  }

  private mutating func addNames(of expression: BoxedExpression) {
    switch expression.kind {
    case .table(let table):
      for output in table.outputs { output.name.map { memberNames.insert($0) } }
    case .context(let entries):
      for entry in entries {
        entry.name.map { memberNames.insert($0) }
        addNames(of: entry.expression)
      }
    case .relation(let columns, _): for column in columns { memberNames.insert(column.name) }
    case .function(let function): addNames(of: function.body)
    case .list(let elements): for element in elements { addNames(of: element) }
    case .conditional(let first, let second, let third):
      for part in [first, second, third] { addNames(of: part) }
    case .filter(let first, let second): for part in [first, second] { addNames(of: part) }
    case .iteration(let iteration):
      for part in [iteration.domain, iteration.body] { addNames(of: part) }
    case .invocation(let called, let bindings):
      addNames(of: called)
      for binding in bindings { addNames(of: binding.expression) }
    case .literal, .unsupported: break
    }
  }

  private mutating func check(_ item: ItemDefinition) {
    element = item.name
    for text in [item.allowedValues, item.typeConstraint] { _ = tests(text, Sight(Builtins.names)) }
    for component in item.components { check(component) }
    element = nil
  }

  // MARK: - Expressions

  private mutating func compile(_ boxed: BoxedExpression, _ names: Sight) -> CompiledExpression {
    // The type of a function is looked at where it is made.
    if case .function(let function) = boxed.kind { return compile(function, typed: boxed.typeRef, names) }
    return untyped(boxed, names).typed(boxed.typeRef, at: boxed.position)
  }

  private mutating func untyped(_ boxed: BoxedExpression, _ names: Sight) -> CompiledExpression {
    switch boxed.kind {
    case .literal(let text):
      guard let expression = feel(text, names) else { return .broken }
      report(CellCheck([], names, types).fault(inValue: expression), of: text)
      return .feel(expression)
    case .table(let table):
      let compiled = compile(table, typed: boxed.typeRef, at: boxed.position, names)
      checkPriorities(of: compiled, at: boxed.position)
      return .table(compiled)
    case .context(let entries): return context(entries, names)
    case .invocation(let called, let bindings):
      return .invocation(
        compile(called, names),
        bindings.map { ($0.parameter, compile($0.expression, names)) }, at: called.position)
    case .function(let function): return compile(function, typed: nil, names)
    case .list(let elements): return .list(elements.map { compile($0, names) })
    case .relation(let columns, let rows):
      return .relation(columns, rows.map { $0.map { compile($0, names) } })
    case .conditional(let condition, let then, let otherwise):
      return .conditional(
        compile(condition, names), compile(then, names), compile(otherwise, names))
    case .filter(let list, let match):
      var inner = names
      inner.addMembers(memberNames)
      return .filter(compile(list, names), compile(match, inner))
    case .iteration(let iteration):
      var inner = names
      for name in [iteration.variable, "partial"] { inner.insert(name) }
      return .iteration(
        iteration.form, variable: KnownNames.canonical(iteration.variable),
        compile(iteration.domain, names), compile(iteration.body, inner))
    case .unsupported: return .broken
    }
  }

  private mutating func compile(
    _ function: FunctionDefinition, typed typeRef: String?, _ names: Sight
  ) -> CompiledExpression {
    var inner = names
    for parameter in function.parameters { inner.insert(parameter.name) }
    let signature = typeTable.signature(function.parameters, typed: typeRef)
    let body = compile(function.body, inner).typed(signature.result, at: function.body.position)
    return .function(signature.parameters, body)
  }

  private mutating func context(_ entries: [ContextEntry], _ names: Sight)
    -> CompiledExpression
  {
    var inner = names
    var compiled: [CompiledExpression.Entry] = []
    for entry in entries {
      // A function may call itself.
      if case .function = entry.expression.kind, let name = entry.name { inner.insert(name) }
      let value = compile(entry.expression, inner)
      compiled.append(.init(name: entry.name, typeRef: entry.typeRef, value: value))
      if let name = entry.name { inner.insert(name) }
    }
    return .context(compiled)
  }

  // MARK: - Tables

  private mutating func compile(
    _ table: DecisionTable, typed typeRef: String?, at position: SourcePosition, _ names: Sight
  ) -> CompiledTable {
    let inputs = table.inputs.map { input in
      CompiledTable.Input(
        text: input.expression.text, typeRef: input.typeRef,
        expression: feel(input.expression, names) ?? .value(.null),
        allowedValues: tests(input.allowedValues, names))
    }
    let outputs = table.outputs.map { output in
      let allowed = tests(output.allowedValues ?? types.type(output.typeRef).allowed.first, names)
      return CompiledTable.Output(
        name: output.name ?? "", typeRef: output.typeRef, priorities: Self.tests(in: allowed),
        allowedValues: output.allowedValues == nil ? nil : allowed,
        defaultValue: output.defaultEntry.flatMap { feel($0, names) })
    }
    let rules = table.rules.map { rule in
      CompiledTable.Rule(
        tests: rule.inputEntries.map { tests($0, names) ?? .anything },
        values: rule.outputEntries.map {
          $0.text.isEmpty ? .value(.null) : feel($0, names) ?? .value(.null)
        }, typeRefs: rule.outputTypeRefs)
    }
    let compiled = CompiledTable(
      hitPolicy: table.hitPolicy, aggregation: table.aggregation, inputs: inputs, outputs: outputs,
      rules: rules)
    check(table, compiled, typed: typeRef, at: position, CellCheck(inputs, names, types))
    return compiled
  }

  /// By what PRIORITY and OUTPUT ORDER rank is a list of values of one output at least (DMN 8.2.10).
  private mutating func checkPriorities(of table: CompiledTable, at position: SourcePosition) {
    guard table.hitPolicy == .priority || table.hitPolicy == .outputOrder,
      table.outputs.allSatisfy(\.priorities.isEmpty)
    else { return }
    report(
      at: position,
      "\(table.hitPolicy.rawValue) and no output with `outputValues`, which it ranks by; list the values of"
        + " an output, those of the highest priority first")
  }

  private static func tests(in expression: FeelExpression?) -> [FeelExpression] {
    if case .tests(let tests, isNegated: false)? = expression { tests } else { [] }
  }

  // MARK: - Texts

  private mutating func feel(_ text: SourceText, _ names: Sight) -> FeelExpression? {
    if text.text.isEmpty { return .value(.null) }
    return parsed(text) { text, members throws(FeelSyntaxError) in
      try FeelParser.expression(
        text.text, at: text.position, names: names.known, memberNames: members)
    }
  }

  private mutating func tests(_ text: SourceText?, _ names: Sight) -> FeelExpression? {
    guard let text else { return nil }
    return parsed(text) { text, members throws(FeelSyntaxError) in
      try FeelParser.unaryTests(
        text.text, at: text.position, names: names.known, memberNames: members)
    }
  }

  private mutating func parsed(
    _ source: SourceText,
    _ parse: (SourceText, KnownNames) throws(FeelSyntaxError) -> FeelExpression
  ) -> FeelExpression? {
    do throws(FeelSyntaxError) {
      return try parse(source, memberNames)
    } catch {
      let before = String(String.UnicodeScalarView(source.text.unicodeScalars.prefix(error.offset)))
      report(
        at: source.position.advanced(over: before),
        "`\(Self.excerpt(source.text))` is no FEEL: \(error.message)")
      return nil
    }
  }

  /// Says what in a table's cells means nothing.
  private mutating func check(
    _ table: DecisionTable, _ compiled: CompiledTable, typed typeRef: String?, at position: SourcePosition,
    _ check: CellCheck
  ) {
    let (inputs, outputs) = (compiled.inputs, compiled.outputs)
    var ownType: ValueType? = nil
    if outputs.count == 1, let typeRef {
      ownType = ValueType(name: typeRef, of: "table")
      if let message = check.fault(ofTable: compiled, typed: typeRef) {
        // Once, and not of each cell.
        ownType = nil
        report(CellCheck.Fault(severity: .warning, message: message), at: position, "the table")
      }
    }
    for (source, output) in zip(table.outputs, outputs) {
      guard let entry = source.defaultEntry, let value = output.defaultValue else { continue }
      let types = [ValueType(name: output.typeRef, of: "output"), ownType]
      report(check.fault(inValue: value) ?? fault(value, types, check), of: entry)
    }
    let allowed = table.outputs.map { OutputValues($0.allowedValues) }
    for (source, rule) in zip(table.rules, compiled.rules) {
      for (column, cell) in source.inputEntries.enumerated() where column < inputs.count {
        report(check.fault(in: rule.tests[column], ofColumn: column), of: cell)
      }
      for (column, (cell, value)) in zip(source.outputEntries, rule.values).enumerated()
      where column < outputs.count {
        let output = outputs[column]
        let types = [
          ValueType(name: rule.typeRefs.isEmpty ? nil : rule.typeRefs[column], of: "entry"),
          ValueType(name: output.typeRef, of: "output"), table.hitPolicy.givesOne ? ownType : nil,
        ]
        let fault = check.fault(inValue: value) ?? fault(value, types, check)
        report(fault ?? allowed[column]?.fault(in: cell, value, output), of: cell)
      }
    }
  }

  /// A type that a value is made to fit, and what has it.
  private struct ValueType {
    var name: String?
    var of: String
  }

  /// A literal that a type, one after the other, makes null.
  private func fault(
    _ value: FeelExpression, _ types: [ValueType?], _ check: CellCheck
  ) -> CellCheck.Fault? {
    guard var literal = check.literal(value), !literal.isNull else { return nil }
    for type in types {
      guard let type, let name = type.name else { continue }
      literal = typeTable.coerce(literal, to: typeTable.type(name))
      if literal.isNull {
        return CellCheck.Fault(
          severity: .warning, message: "is always null: it is no `\(name)`, the type of its \(type.of)")
      }
    }
    return nil
  }

  private mutating func report(_ fault: CellCheck.Fault?, of cell: SourceText) {
    guard let fault else { return }
    if let name = fault.undeclared, importNames.contains(name) {
      report(
        at: cell.position,
        "`\(name)` is an imported model, which is not read; move what is needed into this file")
      return
    }
    report(fault, at: cell.position, "`\(Self.excerpt(cell.text))`")
  }

  private mutating func report(_ fault: CellCheck.Fault, at position: SourcePosition, _ what: String) {
    guard cellProblems.count < DMNLimits.problemCountMax else { return }
    cellProblems.append(
      DMNProblem(
        file: file, at: position, severity: fault.severity, element: element, "\(what) \(fault.message)"))
  }

  private mutating func report(at position: SourcePosition, _ message: String) {
    guard problems.count < DMNLimits.problemCountMax else {
      if problems.count == DMNLimits.problemCountMax {
        problems.append(.more(file: file, at: position))
      }
      return
    }
    problems.append(DMNProblem(file: file, at: position, element: element, message))
  }

  private static func excerpt(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count > 60 ? line.prefix(60) + "…" : line
  }
}

extension DecisionTable.HitPolicy {
  /// Whether a table gives what one rule says, and no list.
  fileprivate var givesOne: Bool {
    switch self {
    case .unique, .any, .priority, .first: true
    case .ruleOrder, .outputOrder, .collect: false
    }
  }
}
