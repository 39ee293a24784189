/// Boxed expressions.
extension ModelReader {
  mutating func expression(_ node: XMLNode) -> BoxedExpression {
    BoxedExpression(
      kind(node), typeRef: typeRef(node.attributes["typeRef"]), id: node.attribute("id"),
      at: node.position)
  }

  private mutating func kind(_ node: XMLNode) -> BoxedExpression.Kind {
    switch node.name {
    case "literalExpression": literal(node)
    case "decisionTable": .table(table(node))
    case "context": .context(node.children("contextEntry").map { contextEntry($0) })
    case "invocation": invocation(node)
    case "functionDefinition":
      function(node).map { .function($0) } ?? .unsupported(element: node.name)
    case "list": .list(operands(node).map { expression($0) })
    case "relation": relation(node)
    case "conditional":
      .conditional(
        condition: part("if", of: node), then: part("then", of: node),
        otherwise: part("else", of: node))
    case "filter": .filter(list: part("in", of: node), match: part("match", of: node))
    case "for": iteration(node, .for, body: "return")
    case "some": iteration(node, .some, body: "satisfies")
    case "every": iteration(node, .every, body: "satisfies")
    default: unsupported(node, "the element `\(node.name)` is not an expression that is read")
    }
  }

  mutating func unsupported(_ node: XMLNode, _ message: String) -> BoxedExpression.Kind {
    report(at: node.position, message + "; use a decision table or FEEL text")
    return .unsupported(element: node.name)
  }

  private mutating func literal(_ node: XMLNode) -> BoxedExpression.Kind {
    checkLanguage(of: node)
    if node.child("importedValues") != nil {
      return unsupported(node, "`importedValues` is not read")
    }
    guard let text = node.child("text") else {
      report(at: node.position, "`literalExpression` has no `text`; write `<text>…</text>`")
      return .literal(SourceText("", at: node.position))
    }
    return .literal(text.sourceText)
  }

  /// Holds another expression language than FEEL against the element that names it.
  mutating func checkLanguage(of node: XMLNode) {
    let language = node.attributes["expressionLanguage"]
    if language.map(Self.isFeel) ?? isFeel { return }
    report(
      at: node.position,
      "expressions in `\(language ?? "the file's language")` are not read; write FEEL")
  }

  /// What an expression element holds that are expressions themselves.
  func operands(_ node: XMLNode) -> [XMLNode] {
    let grammar = ElementGrammar.all[node.name]
    return node.children.filter { grammar?.isPart($0.name) != true }
  }

  /// The only expression in `node`.
  mutating func only(_ node: XMLNode) -> BoxedExpression {
    let found = operands(node)
    for extra in found.dropFirst() {
      report(
        at: extra.position,
        "a second expression, `\(extra.name)`, in `\(node.name)`; it has one: remove the other")
    }
    guard let first = found.first else {
      report(at: node.position, "`\(node.name)` has no expression; write one")
      return BoxedExpression(.literal(SourceText("null", at: node.position)), at: node.position)
    }
    return expression(first)
  }

  /// The expression in the child `name` of `node`.
  private mutating func part(_ name: String, of node: XMLNode) -> BoxedExpression {
    guard let child = node.child(name) else {
      report(at: node.position, "`\(node.name)` has no `\(name)`; write one")
      return BoxedExpression(.literal(SourceText("null", at: node.position)), at: node.position)
    }
    return only(child)
  }

  private mutating func contextEntry(_ node: XMLNode) -> ContextEntry {
    let variable = node.child("variable")
    return ContextEntry(
      name: variable.map { name(of: $0) }, typeRef: typeRef(variable?.attributes["typeRef"]),
      expression: only(node))
  }

  private mutating func invocation(_ node: XMLNode) -> BoxedExpression.Kind {
    let bindings = node.children("binding").compactMap { child -> Binding? in
      guard let parameter = child.child("parameter") else {
        report(at: child.position, "`binding` has no `parameter`; write one")
        return nil
      }
      let named = self.parameter(parameter)
      if operands(child).isEmpty {
        return Binding(
          parameter: named,
          expression: BoxedExpression(.literal(SourceText("null", at: child.position))))
      }
      return Binding(parameter: named, expression: only(child))
    }
    return .invocation(called: only(node), bindings: bindings)
  }

  mutating func function(_ node: XMLNode) -> FunctionDefinition? {
    let parameters = node.children("formalParameter").map { parameter($0) }
    if let kind = node.attributes["kind"], kind != "FEEL" {
      _ = unsupported(node, "functions of kind `\(kind)` are not run")
      return nil
    }
    return FunctionDefinition(parameters: parameters, body: only(node))
  }

  private mutating func relation(_ node: XMLNode) -> BoxedExpression.Kind {
    let columns = node.children("column").map { parameter($0) }
    let rows = node.children("row").map { row -> [BoxedExpression] in
      let cells = operands(row).map { expression($0) }
      if cells.count != columns.count {
        report(
          at: row.position,
          "the row has \(cells.count) cells and the relation \(columns.count) columns; make them equal"
        )
      }
      return cells
    }
    return .relation(columns: columns, rows: rows)
  }

  private mutating func iteration(
    _ node: XMLNode, _ form: Iteration.Form, body: String
  ) -> BoxedExpression.Kind {
    guard let variable = node.attributes["iteratorVariable"].map(Self.normalized) else {
      return unsupported(node, "`\(node.name)` has no `iteratorVariable`")
    }
    return .iteration(
      Iteration(
        form: form, variable: variable, domain: part("in", of: node), body: part(body, of: node)))
  }
}
