/// What decision tables of a model answer where it is known which of their rules match: their hit policies
/// over what those say, by the evaluator itself. For comparisons, which have no inputs.
public struct AnswerCompiler: Sendable {
  private let compiler: ModelCompiler
  private let types: TypeTable

  /// O(elements of the model).
  public init(_ model: DecisionModel) {
    compiler = ModelCompiler(model, file: "", memberNames: [String]())
    types = TypeTable(model.itemDefinitions)
  }

  public func answers(of source: DecisionTable) -> TableAnswers {
    var outputs = source
    outputs.inputs = []
    for index in outputs.rules.indices { outputs.rules[index].inputEntries = [] }
    var compiler = compiler
    let compiled = compiler.compile(
      BoxedExpression(.table(outputs), at: SourcePosition()), names: [], isOpen: true, element: "")
    guard case .table(let table) = compiled else { preconditionFailure("a table is compiled to a table") }
    return TableAnswers(source, table, types)
  }
}

/// The answers of one table.
public struct TableAnswers: Sendable {
  private let source: DecisionTable
  private let table: CompiledTable
  private let types: TypeTable
  /// Whether outputs are literals, by rule, and of the default.
  private let isLiteral: [Bool]
  private let defaultIsLiteral: Bool

  fileprivate init(_ source: DecisionTable, _ table: CompiledTable, _ types: TypeTable) {
    self.source = source
    self.table = table
    self.types = types
    isLiteral = source.rules.map { $0.outputEntries.allSatisfy { $0.literal != nil } }
    defaultIsLiteral = source.outputs.allSatisfy { $0.defaultEntry.map { $0.literal != nil } ?? true }
  }

  /// The answer as JSON by output, of several hits their list; of what is calculated its text. Empty for
  /// null. `rules` are the indices of those that match, in their order. O(rules × outputs).
  public func answer(of rules: [Int]) -> [String: String] {
    let isKnown = rules.isEmpty ? defaultIsLiteral : rules.allSatisfy { isLiteral[$0] }
    guard isKnown else { return texts(of: rules) }
    let value = Interpreter(types: types).answer(of: rules, table)
    if value.isNull { return [:] }
    if table.outputs.count > 1 {
      let names = table.outputs.map(\.name)
      switch value {
      case .context: return Self.json(names.map { ($0, Self.member($0, of: value)) })
      case .list(let rows):
        return Self.json(names.map { name in (name, .list(rows.map { Self.member(name, of: $0) })) })
      default: return Self.json([("", value)])
      }
    }
    return Self.json([(table.outputs.first?.name ?? "", value)])
  }

  private static func member(_ name: String, of row: FeelValue) -> FeelValue {
    if case .context(let row) = row { row.member(name) ?? .null } else { .null }
  }

  private static func json(_ values: [(name: String, value: FeelValue)]) -> [String: String] {
    Dictionary(
      values.map { (resultName($0.name), FeelJSON.write($0.value)) }, uniquingKeysWith: { first, _ in first })
  }

  /// What has no name is the result.
  private static func resultName(_ name: String) -> String { name.isEmpty ? "result" : name }

  // MARK: - What is calculated

  /// What some rules say, or where there are none the defaults.
  private func texts(of rules: [Int]) -> [String: String] {
    let hits = source.hitPolicy == .first ? Array(rules.prefix(1)) : rules
    // Of two that are null whatever they give.
    if source.hitPolicy == .unique, hits.count > 1 { return [:] }
    var texts: [String: String] = [:]
    for (index, output) in table.outputs.enumerated() {
      let said = hits.isEmpty ? [defaultText(index)] : hits.map { text(of: $0, index) }
      texts[Self.resultName(output.name)] = answer(said, ofDefault: hits.isEmpty)
    }
    return texts
  }

  private func answer(_ said: [String], ofDefault: Bool) -> String {
    if ofDefault { return said[0] }
    let list = "[\(said.joined(separator: ", "))]"
    switch source.hitPolicy {
    case .unique, .first, .priority: return said[0]
    // Two are the same where they say so.
    case .any: return Set(said).count == 1 ? said[0] : "one of \(list)"
    case .ruleOrder, .outputOrder: return list
    case .collect:
      switch source.aggregation {
      case nil: return list
      case .count: return String(said.count)
      case let aggregation?: return "\(aggregation.rawValue) of [\(said.sorted().joined(separator: ", "))]"
      }
    }
  }

  private func defaultText(_ output: Int) -> String {
    guard let entry = source.outputs[output].defaultEntry else { return FeelJSON.write(.null) }
    guard entry.literal != nil else { return entry.text }
    return FeelJSON.write(Interpreter(types: types).defaultOutput(table.outputs[output]))
  }

  /// A literal as evaluation has it, so null where its output may not be it.
  private func text(of rule: Int, _ output: Int) -> String {
    let entry = source.rules[rule].outputEntries[output]
    guard entry.literal != nil else { return entry.text }
    let interpreter = Interpreter(types: types)
    return FeelJSON.write(interpreter.output(rule, output, of: table))
  }
}
