/// Decision tables.
extension ModelReader {
  mutating func table(_ node: XMLNode) -> DecisionTable {
    var table = DecisionTable()
    readHitPolicy(node, into: &table)
    table.orientation = node.attribute("preferredOrientation")
    table.outputLabel = node.attribute("outputLabel")
    table.inputs = node.children("input").map { inputClause($0) }
    table.outputs = node.children("output").map { outputClause($0) }
    table.annotations = node.children("annotation").map { $0.attributes["name"] ?? "" }
    if table.outputs.isEmpty {
      report(at: node.position, "the table has no output; write one")
    }
    if table.outputs.count > 1 {
      var names: Set<String> = []
      for output in table.outputs {
        if let name = output.name, names.insert(name).inserted { continue }
        let what = output.name.map { "a second output named `\($0)`" } ?? "an output without a name"
        report(at: output.position, "\(what) in a table of several; give each a name of its own")
      }
    }
    table.rules = node.children("rule").map { rule($0, of: table) }
    alignAnnotations(of: &table)
    return table
  }

  /// Gives every rule an annotation for each column, and every annotation a column: files often have
  /// more of one than of the other.
  private func alignAnnotations(of table: inout DecisionTable) {
    let count = max(table.annotations.count, table.rules.map(\.annotations.count).max() ?? 0)
    table.annotations += Array(repeating: "", count: count - table.annotations.count)
    for index in table.rules.indices {
      let missing = count - table.rules[index].annotations.count
      table.rules[index].annotations += Array(repeating: "", count: missing)
    }
  }

  private mutating func readHitPolicy(_ node: XMLNode, into table: inout DecisionTable) {
    if let text = node.attributes["hitPolicy"] {
      if let policy = DecisionTable.HitPolicy(rawValue: text) {
        table.hitPolicy = policy
      } else {
        let known = DecisionTable.HitPolicy.allCases.map(\.rawValue).joined(separator: ", ")
        report(at: node.position, "`\(text)` is no hit policy; the policies are \(known)")
      }
    }
    if let text = node.attributes["aggregation"], !text.isEmpty {
      if let aggregation = DecisionTable.Aggregation(rawValue: text) {
        table.aggregation = aggregation
      } else {
        let known = DecisionTable.Aggregation.allCases.map(\.rawValue).joined(separator: ", ")
        report(at: node.position, "`\(text)` is no aggregation; the aggregations are \(known)")
      }
    }
    if table.aggregation != nil, table.hitPolicy != .collect {
      report(
        at: node.position,
        "`aggregation` needs hit policy COLLECT and this is \(table.hitPolicy.rawValue); remove one"
      )
    }
  }

  private mutating func inputClause(_ node: XMLNode) -> DecisionTable.InputClause {
    let expression = node.child("inputExpression")
    let text = expression?.child("text")?.sourceText ?? SourceText("", at: node.position)
    if text.text.isEmpty {
      report(at: node.position, "the input has no `inputExpression`; write what it tests")
    }
    if let expression { checkLanguage(of: expression) }
    var clause = DecisionTable.InputClause(
      expression: text, typeRef: typeRef(expression?.attributes["typeRef"]))
    clause.id = node.attribute("id")
    clause.label = node.attribute("label")
    clause.allowedValues = unaryTests(node.child("inputValues"))
    clause.position = node.position
    return clause
  }

  private mutating func outputClause(_ node: XMLNode) -> DecisionTable.OutputClause {
    var clause = DecisionTable.OutputClause(
      name: node.attribute("name").map(Self.normalized),
      typeRef: typeRef(node.attributes["typeRef"]))
    clause.id = node.attribute("id")
    clause.label = node.attribute("label")
    clause.allowedValues = unaryTests(node.child("outputValues"))
    if let entry = node.child("defaultOutputEntry") {
      checkLanguage(of: entry)
      clause.defaultEntry = entry.child("text")?.sourceText
      if clause.defaultEntry?.text.isEmpty ?? false { clause.defaultEntry = nil }
    }
    clause.position = node.position
    return clause
  }

  private mutating func rule(_ node: XMLNode, of table: DecisionTable) -> DecisionTable.Rule {
    let inputs = entries("inputEntry", of: node)
    let outputs = entries("outputEntry", of: node)
    check(inputs.count, against: table.inputs.count, "input", at: node)
    check(outputs.count, against: table.outputs.count, "output", at: node)
    var rule = DecisionTable.Rule(inputEntries: inputs, outputEntries: outputs)
    let typeRefs = zip(node.children("outputEntry"), table.outputs).map { entry, output in
      typeRef(entry.attributes["typeRef"]).flatMap { $0 == output.typeRef ? nil : $0 }
    }
    if outputs.count == table.outputs.count, typeRefs.contains(where: { $0 != nil }) {
      rule.outputTypeRefs = typeRefs
    }
    rule.id = node.attribute("id")
    rule.description = node.text(ofChild: "description")
    rule.annotations = node.children("annotationEntry").map {
      $0.child("text")?.sourceText.text ?? ""
    }
    rule.extensions = node.extensions
    rule.position = node.position
    return rule
  }

  private mutating func entries(_ name: String, of node: XMLNode) -> [SourceText] {
    node.children(name).map { entry in
      checkLanguage(of: entry)
      guard let text = entry.child("text") else {
        report(
          at: entry.position,
          "`\(name)` has no `text`; write `<text>…</text>`"
            + (name == "inputEntry" ? ", or `<text>-</text>` for any value" : ""))
        return SourceText("", at: entry.position)
      }
      return text.sourceText
    }
  }

  private mutating func check(_ count: Int, against expected: Int, _ kind: String, at node: XMLNode)
  {
    if count == expected { return }
    report(
      at: node.position,
      "the rule has \(count) \(kind) entries and the table \(expected) \(kind)s; make them equal")
  }

  mutating func unaryTests(_ node: XMLNode?) -> SourceText? {
    guard let node, let text = node.child("text")?.sourceText, !text.text.isEmpty else {
      return nil
    }
    checkLanguage(of: node)
    return text
  }
}
