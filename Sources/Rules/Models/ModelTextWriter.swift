import DMN

/// Writes a decision model as Markdown: settings, types and inputs, then a section for each decision,
/// knowledge model and service.
struct ModelTextWriter {
  private(set) var lines: [String] = []
  /// Set while the table of a CSV file is to be kept apart.
  private(set) var grid: [[String]]?
  private let keepsGrid: Bool

  /// With `keepsGrid`, the last table stays in `grid`.
  init(_ model: DecisionModel, keepsGrid: Bool = false) throws(UnwritableModel) {
    self.keepsGrid = keepsGrid
    lines = ["---", "model: \(yamlScalar(model.name))", "namespace: \(yamlScalar(model.namespace))"]
    if let id = model.id { lines.append("id: \(yamlScalar(id))") }
    lines.append("---")
    if !keepsGrid, !model.name.isEmpty { lines += ["", "# \(model.name.replacing("\n", with: " "))"] }
    try writeTypes(model.itemDefinitions)
    try writeInputs(model.inputs)
    for knowledge in model.knowledgeModels { try write(knowledge) }
    for service in model.services { try write(service) }
    for decision in model.decisions { try write(decision) }
  }

  // MARK: Sections

  private mutating func section(_ heading: String) {
    lines += ["", heading, ""]
  }

  private mutating func table(_ rows: [[String]]) { lines += MarkdownTableWriter.lines(of: rows) }

  mutating func bullet(
    _ key: String, _ text: String?, at position: SourcePosition
  ) throws(UnwritableModel) {
    guard let text else { return }
    lines.append("- \(key): \(try ModelCell.line(Optional(text), at: position))")
  }

  private mutating func writeTypes(_ items: [ItemDefinition]) throws(UnwritableModel) {
    if items.isEmpty { return }
    section(ModelWords.types)
    var rows = [["type", "of", "is", "values", "constraint", "id"]]
    for item in items { try add(item, depth: 0, to: &rows) }
    table(rows)
  }

  private func add(
    _ item: ItemDefinition, depth: Int, to rows: inout [[String]]
  ) throws(UnwritableModel) {
    let place = item.position
    let marks = String(repeating: "> ", count: depth)
    let kind = (item.isCollection ? ["list"] : []) + (item.functionItem == nil ? [] : ["function"])
    if item.functionItem != nil, item.typeRef != nil || !item.components.isEmpty {
      throw UnwritableModel(
        position: place, message: "`\(item.name)` is a function and something else; make it one")
    }
    rows.append([
      marks + (try ModelCell.line(item.name, at: place)),
      try ModelCell.line(item.functionItem?.outputTypeRef ?? item.typeRef, at: place),
      kind.joined(separator: " "),
      try ModelCell.line(item.allowedValues?.text, isCode: true, at: place),
      try ModelCell.line(item.typeConstraint?.text, isCode: true, at: place),
      try ModelCell.line(item.id, at: place),
    ])
    for parameter in item.functionItem?.parameters ?? [] {
      let name = try ModelCell.line(parameter.name, at: place)
      rows.append(
        [marks + "> " + name, try ModelCell.line(parameter.typeRef, at: place), "parameter", "", "", ""])
    }
    for component in item.components { try add(component, depth: depth + 1, to: &rows) }
  }

  private mutating func writeInputs(_ inputs: [InputData]) throws(UnwritableModel) {
    if inputs.isEmpty { return }
    section(ModelWords.inputs)
    var rows = [["input", "type", "variable", "id"]]
    for input in inputs {
      let variable = input.variableName == input.name ? nil : input.variableName
      rows.append([
        try ModelCell.line(input.name, at: input.position),
        try ModelCell.line(input.typeRef, at: input.position),
        try ModelCell.line(variable, at: input.position),
        try ModelCell.line(input.id == input.name ? nil : input.id, at: input.position),
      ])
    }
    table(rows)
  }

  private mutating func write(_ decision: Decision) throws(UnwritableModel) {
    if let first = decision.extensions.first {
      throw UnwritableModel(
        position: first.position, message: "`postern:\(first.name)` makes a login table; remove it")
    }
    section(ModelWords.decision + (try ModelCell.line(decision.name, at: decision.position)))
    try writeHead(
      id: decision.id, name: decision.name, variable: decision.variableName, decision.typeRef,
      at: decision.position)
    try bullet(ModelWords.description, decision.description, at: decision.position)
    try bullet(ModelWords.question, decision.question, at: decision.position)
    try bullet(ModelWords.allowedAnswers, decision.allowedAnswers, at: decision.position)
    try write(decision.requirements, at: decision.position)
    if let expression = decision.expression { try write(expression) }
  }

  private mutating func write(_ knowledge: KnowledgeModel) throws(UnwritableModel) {
    section(ModelWords.knowledge + (try ModelCell.line(knowledge.name, at: knowledge.position)))
    try writeHead(
      id: knowledge.id, name: knowledge.name, variable: knowledge.variableName, knowledge.typeRef,
      at: knowledge.position)
    try write(knowledge.requirements, at: knowledge.position)
    if let function = knowledge.function {
      try write(
        BoxedExpression(
          .function(function), typeRef: knowledge.functionTypeRef, at: knowledge.position))
    }
  }

  private mutating func write(_ service: DecisionService) throws(UnwritableModel) {
    section(ModelWords.service + (try ModelCell.line(service.name, at: service.position)))
    try writeHead(
      id: service.id, name: service.name, variable: service.variableName, service.typeRef,
      at: service.position)
    let ids = [
      (ModelWords.outputDecision, service.outputDecisions),
      (ModelWords.encapsulatedDecision, service.encapsulatedDecisions),
      (ModelWords.inputDecision, service.inputDecisions), (ModelWords.inputData, service.inputData),
    ]
    for (key, ids) in ids { for id in ids { try bullet(key, id, at: service.position) } }
  }

  private mutating func writeHead(
    id: String, name: String, variable: String, _ typeRef: String?, at position: SourcePosition
  ) throws(UnwritableModel) {
    if id != name { try bullet(ModelWords.id, id, at: position) }
    if variable != name { try bullet(ModelWords.variable, variable, at: position) }
    try bullet(ModelWords.type, typeRef, at: position)
  }

  private mutating func write(
    _ requirements: Requirements, at position: SourcePosition
  ) throws(UnwritableModel) {
    let ids = [
      (ModelWords.requiresInput, requirements.inputs),
      (ModelWords.requiresDecision, requirements.decisions),
      (ModelWords.requiresKnowledge, requirements.knowledge),
    ]
    for (key, ids) in ids { for id in ids { try bullet(key, id, at: position) } }
  }

  // MARK: Expressions

  /// An expression and, below it, those of its parts that need room. `path` is its number.
  private mutating func write(
    _ expression: BoxedExpression, path: String = ""
  ) throws(UnwritableModel) {
    let place = expression.position
    try bullet(ModelWords.resultType, expression.typeRef, at: place)
    try bullet(ModelWords.expressionID, expression.id, at: place)
    switch expression.kind {
    case .literal(let text): lines += try Self.code(text)
    case .table(let table):
      let written = try TableGrid.write(table, at: place)
      for (key, text) in written.bullets { try bullet(key, text, at: place) }
      if keepsGrid { grid = written.rows } else { lines += [""]; self.table(written.rows) }
    case .unsupported(let element):
      throw UnwritableModel(position: place, message: "`\(element)` is not read; remove it")
    default:
      let boxed = try BoxedParts(expression)
      try bullet(ModelWords.form, boxed.form, at: place)
      try bullet(ModelWords.iterator, boxed.variable, at: place)
      try write(boxed.parts, path: path, at: place)
    }
  }

  private mutating func write(
    _ parts: [BoxedParts.Part], path: String, at position: SourcePosition
  ) throws(UnwritableModel) {
    var rows = [["part", "name", "type", "expression"]]
    var below: [(path: String, expression: BoxedExpression)] = []
    for (index, part) in parts.enumerated() {
      var text = ""
      if let expression = part.expression {
        if let line = try Self.inline(expression) {
          text = line
        } else {
          text = ModelCell.below
          below.append(("\(path.isEmpty ? "" : path + ".")\(index + 1)", expression))
        }
      }
      rows.append([
        part.word, try ModelCell.line(part.name, at: position),
        try ModelCell.line(part.typeRef, at: position), text,
      ])
    }
    lines.append("")
    table(rows)
    for (path, expression) in below {
      section("### \(path)")
      try write(expression, path: path)
    }
  }

  /// What fits into a cell: FEEL text of one line and nothing beside it.
  private static func inline(_ expression: BoxedExpression) throws(UnwritableModel) -> String? {
    guard case .literal(let text) = expression.kind, expression.id == nil, expression.typeRef == nil,
      !text.text.contains(where: \.isNewline), text.text != ModelCell.below
    else { return nil }
    return try? ModelCell.line(text.text, isCode: true, at: text.position)
  }

  private static func code(_ text: DMN.SourceText) throws(UnwritableModel) -> [String] {
    var longest = 2
    for run in text.text.split(whereSeparator: { $0 != "`" }) { longest = max(longest, run.count) }
    guard !text.text.contains(where: { $0.isNewline && $0 != "\n" }) else {
      throw UnwritableModel(
        position: text.position, message: "a line end that is no line feed; write line feeds")
    }
    let fence = String(repeating: "`", count: longest + 1)
    return ["", fence + "feel", text.text, fence]
  }
}
