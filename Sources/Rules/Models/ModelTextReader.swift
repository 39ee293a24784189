import DMN

/// Reads the Markdown form of a decision model: the opposite of `ModelTextWriter`.
struct ModelTextReader {
  private(set) var model: DecisionModel
  private var log: DiagnosticLog
  /// Sections of parts of the element being read, by their numbers.
  private var below: [String: ModelTextSection] = [:]

  var diagnostics: [Diagnostic] { log.sorted }

  /// LIMIT: as many as XML has room for, where each is two elements: 100,000 rules of ten columns.
  private static let cellCountMax = DMNLimits.elementCountMax / 2

  /// `grid` is the table of the last section, where it stands apart from the text.
  init(_ lines: [SourceLine], file: String, grid: Grid? = nil, log: DiagnosticLog) {
    self.log = log
    model = DecisionModel(name: "", namespace: "")
    var rest = lines[...]
    readSettings(&rest)
    var sections = ModelTextSection.sections(rest, log: &self.log)
    if let grid, let last = sections.indices.last { sections[last].grids.append(grid) }
    let cellCount = sections.flatMap(\.grids).reduce(0) { $0 + $1.rows.count * $1.header.cellCount }
    guard cellCount <= Self.cellCountMax else {
      self.log.error(
        at: .start,
        "\(cellCount) cells in the tables; \(Self.cellCountMax) is the most that a model may have; split it")
      return
    }
    var index = 0
    while index < sections.count {
      let end = sections[(index + 1)...].firstIndex { !$0.heading.text.hasPrefix("### ") }
      let next = end ?? sections.count
      read(sections[index], parts: sections[(index + 1)..<next])
      index = next
    }
  }

  private mutating func readSettings(_ lines: inout ArraySlice<SourceLine>) {
    guard lines.first?.text.trimmed == "---",
      let end = lines.dropFirst().firstIndex(where: { $0.text.trimmed == "---" })
    else {
      return log.error(at: .start, "the front matter has no end; put a line `---` after it")
    }
    let settings = FrontMatter(
      FrontMatter.Lines(lines[lines.startIndex..<end].dropFirst()), at: .start, log: &log)
    lines = lines[(end + 1)...]
    for entry in settings?.entries ?? [] {
      guard case .scalar(let value) = entry.value else {
        log.error(at: entry.key.location, "`\(entry.key.text)` is one value")
        continue
      }
      switch entry.key.text {
      case "model": model.name = value.text
      case "namespace": model.namespace = value.text
      case "id": model.id = value.text
      default:
        log.error(
          at: entry.key.location,
          "no setting `\(entry.key.text)` of a model; the settings are `model`, `namespace`, `id`")
      }
    }
  }

  private mutating func read(_ section: ModelTextSection, parts: ArraySlice<ModelTextSection>) {
    below = [:]
    for part in parts {
      let path = String(part.heading.text.dropFirst(4))
      if below.updateValue(part, forKey: path) != nil {
        log.error(at: part.heading.location, "a second part `\(path)`; give each its own number")
      }
    }
    let heading = section.heading.text
    if heading == ModelWords.types {
      for grid in section.grids { model.itemDefinitions += ModelTypes.read(grid, log: &log) }
    } else if heading == ModelWords.inputs {
      for grid in section.grids { readInputs(grid) }
    } else if let name = name(in: heading, ModelWords.decision) {
      readDecision(name, section)
    } else if let name = name(in: heading, ModelWords.knowledge) {
      readKnowledge(name, section)
    } else if let name = name(in: heading, ModelWords.service) {
      readService(name, section)
    } else {
      log.error(
        at: section.heading.location,
        "no section `\(heading)`; a model has `\(ModelWords.types)`, `\(ModelWords.inputs)`,"
          + " `\(ModelWords.decision)NAME`, `\(ModelWords.knowledge)NAME`, `\(ModelWords.service)NAME`")
    }
    for (path, part) in below.sorted(by: { $0.key < $1.key }) {
      log.error(
        at: part.heading.location, "nothing refers to the part `\(path)`; remove it, or write"
          + " `\(ModelCell.below)` where it belongs")
    }
  }

  private func name(in heading: String, _ prefix: String) -> String? {
    let bare = prefix.dropLast()
    guard heading.hasPrefix(bare) else { return nil }
    return ModelReader.normalized(String(heading.dropFirst(bare.count)))
  }

  private mutating func readInputs(_ grid: Grid) {
    for row in Rows(grid, ["input", "type", "variable", "id"], log: &log).rows {
      let name = row["input"] ?? ""
      var input = InputData(id: row["id"] ?? name, name: name, typeRef: row["type"])
      input.variableName = row["variable"] ?? name
      input.position = row.position
      model.inputs.append(input)
    }
  }

  private mutating func readDecision(_ name: String, _ section: ModelTextSection) {
    var decision = Decision(id: name, name: name)
    decision.position = SourcePosition(section.heading.location)
    for (key, value) in section.bullets {
      let text = ModelCell.text(of: value).text
      switch key.text {
      case ModelWords.id: decision.id = text
      case ModelWords.variable: decision.variableName = text
      case ModelWords.type: decision.typeRef = text
      case ModelWords.description: decision.description = text
      case ModelWords.question: decision.question = text
      case ModelWords.allowedAnswers: decision.allowedAnswers = text
      default: require(key, text, in: &decision.requirements)
      }
    }
    decision.expression = expression(section, path: "")
    model.decisions.append(decision)
  }

  private mutating func readKnowledge(_ name: String, _ section: ModelTextSection) {
    var knowledge = KnowledgeModel(id: name, name: name)
    knowledge.position = SourcePosition(section.heading.location)
    for (key, value) in section.bullets {
      let text = ModelCell.text(of: value).text
      switch key.text {
      case ModelWords.id: knowledge.id = text
      case ModelWords.variable: knowledge.variableName = text
      case ModelWords.type: knowledge.typeRef = text
      default: require(key, text, in: &knowledge.requirements)
      }
    }
    let logic = expression(section, path: "")
    if case .function(let function)? = logic?.kind {
      knowledge.function = function
      knowledge.functionTypeRef = logic?.typeRef
    } else {
      log.error(
        at: section.heading.location, "no function; write `- form: function` and the table of its parts")
    }
    model.knowledgeModels.append(knowledge)
  }

  /// A bullet that requires something; one of an expression is left to it.
  private mutating func require(
    _ key: SourceText, _ id: String, in requirements: inout Requirements
  ) {
    switch key.text {
    case ModelWords.requiresInput: requirements.inputs.append(id)
    case ModelWords.requiresDecision: requirements.decisions.append(id)
    case ModelWords.requiresKnowledge: requirements.knowledge.append(id)
    case _ where ModelWords.expression.contains(key.text): break
    default: log.error(at: key.location, unknownBullet(key.text))
    }
  }

  private mutating func readService(_ name: String, _ section: ModelTextSection) {
    var service = DecisionService(id: name, name: name)
    service.position = SourcePosition(section.heading.location)
    for (key, value) in section.bullets {
      let text = ModelCell.text(of: value).text
      switch key.text {
      case ModelWords.id: service.id = text
      case ModelWords.variable: service.variableName = text
      case ModelWords.type: service.typeRef = text
      case ModelWords.outputDecision: service.outputDecisions.append(text)
      case ModelWords.encapsulatedDecision: service.encapsulatedDecisions.append(text)
      case ModelWords.inputDecision: service.inputDecisions.append(text)
      case ModelWords.inputData: service.inputData.append(text)
      default: log.error(at: key.location, unknownBullet(key.text))
      }
    }
    model.services.append(service)
  }

  // MARK: Expressions

  /// What a section says; `nil` where it says nothing.
  private mutating func expression(
    _ section: ModelTextSection, path: String
  ) -> BoxedExpression? {
    func value(_ key: String) -> SourceText? { section.bullets.first { $0.key.text == key }?.value }
    if section.grids.count + section.codes.count > 1 {
      log.error(
        at: section.heading.location, "more than one table or text below the heading; a part has one")
    }
    let kind: BoxedExpression.Kind
    if let form = value(ModelWords.form) {
      guard let boxed = boxed(form, value(ModelWords.iterator), section, path: path) else { return nil }
      kind = boxed
    } else if let grid = section.grids.first {
      let policy = value(ModelWords.hitPolicy) ?? grid.header.cells[0]
      guard let name = HitPolicyName(policy.text) else {
        let known = HitPolicy.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        log.error(
          at: policy.location,
          "`\(policy.text)` is no hit policy; write one of \(known) or its letters into the corner")
        return nil
      }
      var table = TableGrid.read(grid, policy: name.parts, log: &log)
      table.orientation = value(ModelWords.orientation).map { ModelCell.text(of: $0).text }
      table.outputLabel = value(ModelWords.outputLabel).map { ModelCell.text(of: $0).text }
      kind = .table(table)
    } else if let code = section.codes.first {
      kind = .literal(code)
    } else {
      return nil
    }
    return BoxedExpression(
      kind, typeRef: value(ModelWords.resultType).map { ModelCell.text(of: $0).text },
      id: value(ModelWords.expressionID).map { ModelCell.text(of: $0).text },
      at: SourcePosition(section.heading.location))
  }

  private mutating func boxed(
    _ form: SourceText, _ iterator: SourceText?, _ section: ModelTextSection, path: String
  ) -> BoxedExpression.Kind? {
    guard BoxedParts.forms.contains(form.text), let grid = section.grids.first else {
      log.error(
        at: form.location,
        section.grids.isEmpty
          ? "no table of the parts of this \(form.text); write one below"
          : "no form `\(form.text)`; the forms are `\(BoxedParts.forms.joined(separator: "`, `"))`")
      return nil
    }
    var boxed = BoxedParts(
      form: form.text, variable: iterator.map { ModelCell.text(of: $0).text }, parts: [])
    let rows = Rows(grid, ["part", "name", "type", "expression"], log: &log).rows
    for (index, row) in rows.enumerated() {
      let word = row["part"] ?? ""
      let hasExpression = !["parameter", "column"].contains(word)
      boxed.parts.append(
        .init(
          word: word, name: row["name"], typeRef: row["type"],
          expression: hasExpression ? part(row, "\(path.isEmpty ? "" : path + ".")\(index + 1)") : nil))
    }
    if let kind = boxed.kind { return kind }
    log.error(at: grid.header.location, "these are not the parts of a \(form.text); correct the table")
    return nil
  }

  private mutating func part(_ row: Rows.Row, _ path: String) -> BoxedExpression {
    let text = row.text("expression")
    guard text.text == ModelCell.below else {
      return BoxedExpression(.literal(text), at: text.position)
    }
    if let section = below.removeValue(forKey: path) {
      for (key, _) in section.bullets where !ModelWords.expression.contains(key.text) {
        log.error(at: key.location, unknownBullet(key.text))
      }
      if let expression = expression(section, path: path) { return expression }
    }
    log.error(
      at: SourceLocation(text.position), "no part `\(path)`; write it below a heading `### \(path)`")
    return BoxedExpression(.literal(text), at: text.position)
  }

  private func unknownBullet(_ key: String) -> String {
    "nothing here is called `\(key)`"
      + hint(
        for: key,
        among: ModelWords.head.union(ModelWords.requirements).union(ModelWords.expression).sorted(),
        otherwise: "; see `ops/tables/models.md`")
  }
}

extension SourcePosition {
  init(_ location: SourceLocation) { self.init(line: location.line, column: location.column) }
}
