import DMN

/// A boxed expression other than text and a table as a list of its parts, and back.
struct BoxedParts {
  struct Part {
    var word: String
    var name: String?
    var typeRef: String?
    /// `nil` for a part that is a name only.
    var expression: BoxedExpression?
  }

  var form: String
  /// Of a loop.
  var variable: String?
  var parts: [Part] = []

  init(form: String, variable: String?, parts: [Part]) {
    self.form = form
    self.variable = variable
    self.parts = parts
  }

  /// The parts of an expression; text and tables have none.
  init(_ expression: BoxedExpression) throws(UnwritableModel) {
    form = ""
    switch expression.kind {
    case .context(let entries):
      form = "context"
      parts = entries.map {
        Part(
          word: $0.name == nil ? "result" : "entry", name: $0.name, typeRef: $0.typeRef,
          expression: $0.expression)
      }
    case .invocation(let called, let bindings):
      form = "invocation"
      parts = [Part(word: "called", expression: called)]
      parts += bindings.map {
        Part(
          word: "argument", name: $0.parameter.name, typeRef: $0.parameter.typeRef,
          expression: $0.expression)
      }
    case .function(let function):
      form = "function"
      parts = function.parameters.map { Part(word: "parameter", name: $0.name, typeRef: $0.typeRef) }
      parts.append(Part(word: "body", expression: function.body))
    case .list(let items):
      form = "list"
      parts = items.map { Part(word: "item", expression: $0) }
    case .relation(let columns, let rows):
      form = "relation"
      parts = columns.map { Part(word: "column", name: $0.name, typeRef: $0.typeRef) }
      if let row = rows.first(where: { $0.count != columns.count || $0.isEmpty }) {
        throw UnwritableModel(
          position: row.first?.position ?? expression.position,
          message: "a row of a relation with another number of cells than columns")
      }
      parts += rows.flatMap(\.self).map { Part(word: "cell", expression: $0) }
    case .conditional(let condition, let then, let otherwise):
      form = "conditional"
      parts = [("if", condition), ("then", then), ("else", otherwise)].map {
        Part(word: $0.0, expression: $0.1)
      }
    case .filter(let list, let match):
      form = "filter"
      parts = [Part(word: "in", expression: list), Part(word: "match", expression: match)]
    case .iteration(let iteration):
      form = iteration.form.rawValue
      variable = iteration.variable
      parts = [
        Part(word: "in", expression: iteration.domain),
        Part(word: Self.bodyWord(iteration.form), expression: iteration.body),
      ]
    case .literal, .table, .unsupported: break
    }
  }

  private static func bodyWord(_ form: Iteration.Form) -> String {
    form == .for ? "return" : "satisfies"
  }

  /// The forms that have parts.
  static let forms = [
    "context", "invocation", "function", "list", "relation", "conditional", "filter", "for", "some",
    "every",
  ]

  /// The expression with these parts; `nil` where they are not those of its form.
  var kind: BoxedExpression.Kind? {
    func all(_ word: String) -> [Part] { parts.filter { $0.word == word } }
    func one(_ word: String) -> BoxedExpression? {
      let found = all(word)
      return found.count == 1 ? found[0].expression : nil
    }
    func hasOnly(_ words: String...) -> Bool { parts.allSatisfy { words.contains($0.word) } }
    func parameters(_ word: String) -> [Parameter] {
      all(word).map { Parameter(name: $0.name ?? "", typeRef: $0.typeRef) }
    }
    switch form {
    case "context":
      guard hasOnly("entry", "result") else { return nil }
      return .context(
        parts.compactMap { part in
          part.expression.map {
            ContextEntry(
              name: part.word == "result" ? nil : part.name ?? "", typeRef: part.typeRef,
              expression: $0)
          }
        })
    case "invocation":
      guard hasOnly("called", "argument"), let called = one("called") else { return nil }
      let bindings = zip(parameters("argument"), all("argument").compactMap(\.expression))
      return .invocation(
        called: called, bindings: bindings.map { Binding(parameter: $0, expression: $1) })
    case "function":
      guard hasOnly("parameter", "body"), let body = one("body") else { return nil }
      return .function(FunctionDefinition(parameters: parameters("parameter"), body: body))
    case "list": return hasOnly("item") ? .list(all("item").compactMap(\.expression)) : nil
    case "relation":
      let columns = parameters("column")
      let cells = all("cell").compactMap(\.expression)
      guard hasOnly("column", "cell"), cells.isEmpty || !columns.isEmpty,
        columns.isEmpty || cells.count % columns.count == 0
      else { return nil }
      return .relation(
        columns: columns,
        rows: stride(from: 0, to: cells.count, by: max(1, columns.count)).map {
          Array(cells[$0..<($0 + columns.count)])
        })
    case "conditional":
      guard parts.count == 3, let condition = one("if"), let then = one("then"),
        let otherwise = one("else")
      else { return nil }
      return .conditional(condition: condition, then: then, otherwise: otherwise)
    case "filter":
      guard parts.count == 2, let list = one("in"), let match = one("match") else { return nil }
      return .filter(list: list, match: match)
    default:
      guard let loop = Iteration.Form(rawValue: form), parts.count == 2, let domain = one("in"),
        let body = one(Self.bodyWord(loop)), let variable
      else { return nil }
      return .iteration(Iteration(form: loop, variable: variable, domain: domain, body: body))
    }
  }
}
