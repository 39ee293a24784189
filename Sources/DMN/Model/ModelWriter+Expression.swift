/// Boxed expressions and tables.
extension ModelWriter {
  mutating func expression(_ expression: BoxedExpression) {
    var attributes: [XMLText.Attribute] = [("id", expression.id), ("typeRef", expression.typeRef)]
    switch expression.kind {
    case .literal(let text): textElement("literalExpression", text, attributes)
    case .table(let table):
      attributes += [
        ("hitPolicy", table.hitPolicy.rawValue), ("aggregation", table.aggregation?.rawValue),
        ("preferredOrientation", table.orientation), ("outputLabel", table.outputLabel),
      ]
      element("decisionTable", attributes) { $0.tableParts(table) }
    case .context(let entries):
      element("context", attributes) { writer in
        for entry in entries { writer.contextEntry(entry) }
      }
    case .invocation(let called, let bindings):
      element("invocation", attributes) { writer in
        writer.expression(called)
        for binding in bindings {
          writer.element("binding") { writer in
            writer.parameter(binding.parameter, as: "parameter")
            writer.expression(binding.expression)
          }
        }
      }
    case .function(let function):
      element("functionDefinition", attributes) { $0.functionParts(function) }
    case .list(let elements):
      element("list", attributes) { writer in
        for element in elements { writer.expression(element) }
      }
    case .relation(let columns, let rows):
      element("relation", attributes) { writer in
        for column in columns { writer.parameter(column, as: "column") }
        for row in rows {
          writer.element("row") { writer in
            for cell in row { writer.expression(cell) }
          }
        }
      }
    case .conditional(let condition, let then, let otherwise):
      parts("conditional", attributes, [("if", condition), ("then", then), ("else", otherwise)])
    case .filter(let list, let match):
      parts("filter", attributes, [("in", list), ("match", match)])
    case .iteration(let iteration):
      parts(
        iteration.form.rawValue, attributes + [("iteratorVariable", iteration.variable)],
        [
          ("in", iteration.domain),
          (iteration.form == .for ? "return" : "satisfies", iteration.body),
        ])
    case .unsupported: break
    }
  }

  private mutating func parts(
    _ name: String, _ attributes: [XMLText.Attribute], _ parts: [(String, BoxedExpression)]
  ) {
    element(name, attributes) { writer in
      for (name, expression) in parts { writer.element(name) { $0.expression(expression) } }
    }
  }

  private mutating func contextEntry(_ entry: ContextEntry) {
    element("contextEntry") { writer in
      if let name = entry.name {
        writer.parameter(Parameter(name: name, typeRef: entry.typeRef), as: "variable")
      }
      writer.expression(entry.expression)
    }
  }

  mutating func functionParts(_ function: FunctionDefinition) {
    for parameter in function.parameters { self.parameter(parameter, as: "formalParameter") }
    expression(function.body)
  }

  private mutating func tableParts(_ table: DecisionTable) {
    for input in table.inputs {
      element("input", [("id", input.id), ("label", input.label)]) { writer in
        writer.textElement("inputExpression", input.expression, [("typeRef", input.typeRef)])
        writer.textElement("inputValues", input.allowedValues)
      }
    }
    for output in table.outputs {
      let attributes: [XMLText.Attribute] = [
        ("id", output.id), ("name", output.name), ("label", output.label),
        ("typeRef", output.typeRef),
      ]
      element("output", attributes) { writer in
        writer.textElement("outputValues", output.allowedValues)
        writer.textElement("defaultOutputEntry", output.defaultEntry)
      }
    }
    for name in table.annotations { xml.element("annotation", [("name", name)]) }
    for rule in table.rules {
      element("rule", [("id", rule.id)]) { writer in
        if let description = rule.description {
          writer.xml.element("description", text: description)
        }
        writer.extensions(rule.extensions)
        for entry in rule.inputEntries { writer.textElement("inputEntry", entry) }
        for (index, entry) in rule.outputEntries.enumerated() {
          let typeRef = rule.outputTypeRefs.isEmpty ? nil : rule.outputTypeRefs[index]
          writer.textElement("outputEntry", entry, [("typeRef", typeRef)])
        }
        for annotation in rule.annotations {
          writer.textElement("annotationEntry", SourceText(annotation))
        }
      }
    }
  }
}
