/// What a decision table answers where it is known which of its rules match: its hit policy over what those
/// say, by the evaluator itself. For analyses, which have no inputs.
public struct TableAnswers: Sendable {
  private let table: CompiledTable
  private let types: TypeTable
  /// Whether outputs are literals, by rule, and of the default.
  private let isLiteral: [Bool]
  private let defaultIsLiteral: Bool

  public init(_ source: DecisionTable, in model: DecisionModel) {
    isLiteral = source.rules.map { $0.outputEntries.allSatisfy { $0.literal != nil } }
    defaultIsLiteral = source.outputs.allSatisfy { $0.defaultEntry.map { $0.literal != nil } ?? true }
    types = TypeTable(model.itemDefinitions)
    var outputs = source
    outputs.inputs = []
    for index in outputs.rules.indices { outputs.rules[index].inputEntries = [] }
    var compiler = ModelCompiler(model, file: "", memberNames: [String]())
    let compiled = compiler.compile(
      BoxedExpression(.table(outputs), at: SourcePosition()), names: [], isOpen: true, element: "")
    guard case .table(let table) = compiled else { preconditionFailure("a table is compiled to a table") }
    self.table = table
  }

  /// The answer as JSON by output, of several hits their list; null is left out. `rules` are the indices of
  /// those that match, in their order. `nil` where an output of one is calculated. O(rules × outputs).
  public func answer(of rules: [Int]) -> [String: String]? {
    guard rules.isEmpty ? defaultIsLiteral : rules.allSatisfy({ isLiteral[$0] }) else { return nil }
    let value = Interpreter(types: types).answer(of: rules, table)
    if table.outputs.count == 1 { return Self.members([(table.outputs[0].name, value)]) }
    switch value {
    case .context(let row): return Self.members(names.map { ($0, row.member($0) ?? .null) })
    case .list(let rows):
      return Self.members(names.map { name in (name, .list(rows.map { Self.member(name, of: $0) })) })
    default: return Self.members([("", value)])
    }
  }

  private var names: [String] { table.outputs.map(\.name) }

  private static func member(_ name: String, of row: FeelValue) -> FeelValue {
    if case .context(let row) = row { row.member(name) ?? .null } else { .null }
  }

  /// Those that are not null; what has no name is the `result`.
  private static func members(_ values: [(name: String, value: FeelValue)]) -> [String: String] {
    let given = values.filter { !$0.value.isNull }
    return Dictionary(
      given.map { ($0.name.isEmpty ? "result" : $0.name, FeelJSON.write($0.value)) },
      uniquingKeysWith: { first, _ in first })
  }
}
