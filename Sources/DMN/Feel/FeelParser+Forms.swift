/// Contexts, and the forms that begin with a word.
extension FeelParser {
  mutating func context() throws(FeelSyntaxError) -> FeelExpression {
    offset += 1
    if take("}") { return .context([]) }
    let outer = names
    defer { names = outer }
    var entries: [(key: String, value: FeelExpression)] = []
    repeat {
      skipBlanks()
      let key = current == "\"" ? try string() : declaredName(before: [":"])
      guard let key, take(":") else { throw unexpected("`name:`") }
      if entries.contains(where: { $0.key == key }) {
        throw FeelSyntaxError(
          offset: offset, message: "a second `\(key)` in one context; rename it")
      }
      entries.append((key, try expression()))
      names.insert(key)
      memberNames.insert(key)
    } while take(",")
    guard take("}") else { throw unexpected("`,` or `}`") }
    return .context(entries)
  }

  /// What is true or not, so no range by itself: `[1, 2][> 1]` would be empty without a word.
  mutating func condition() throws(FeelSyntaxError) -> FeelExpression {
    try value { parser throws(FeelSyntaxError) in try parser.expression() }
  }

  mutating func conditional() throws(FeelSyntaxError) -> FeelExpression {
    let condition = try condition()
    guard takeWord("then") else { throw unexpected("`then`") }
    let then = try expression()
    guard takeWord("else") else { throw unexpected("`else`") }
    return .conditional(condition, then: then, otherwise: try expression())
  }

  private mutating func iterators() throws(FeelSyntaxError) -> [FeelExpression.Iterator] {
    var iterators: [FeelExpression.Iterator] = []
    repeat {
      guard let name = declaredName(before: [","], orWord: "in"), takeWord("in") else {
        throw unexpected("`name in`")
      }
      let domain = try expression()
      let end = take("..") ? try expression() : nil
      iterators.append(.init(name: name, domain: domain, end: end))
      names.insert(name)
    } while take(",")
    return iterators
  }

  mutating func iteration() throws(FeelSyntaxError) -> FeelExpression {
    let outer = names
    defer { names = outer }
    let iterators = try iterators()
    guard takeWord("return") else { throw unexpected("`return`") }
    return .iterate(iterators, body: try expression())
  }

  mutating func quantified(isEvery: Bool) throws(FeelSyntaxError) -> FeelExpression {
    let outer = names
    defer { names = outer }
    let iterators = try iterators()
    guard takeWord("satisfies") else { throw unexpected("`satisfies`") }
    return .quantified(isEvery: isEvery, iterators, condition: try condition())
  }

  mutating func function() throws(FeelSyntaxError) -> FeelExpression {
    _ = take("(")
    let outer = names
    defer { names = outer }
    var parameters: [Parameter] = []
    while !take(")") {
      if !parameters.isEmpty, !take(",") { throw unexpected("`,` or `)`") }
      guard let name = declaredName(before: [":", ",", ")"]) else {
        throw unexpected("a parameter")
      }
      let typeRef = take(":") ? try typeText() : nil
      parameters.append(Parameter(name: name, typeRef: typeRef))
      names.insert(name)
    }
    if takeWord("external") {
      throw FeelSyntaxError(
        offset: offset, message: "external functions are not run; write the function in FEEL")
    }
    return .function(parameters, body: try expression())
  }
}
