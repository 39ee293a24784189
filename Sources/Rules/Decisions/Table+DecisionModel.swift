import DMN
import Signals
import Wire

/// Puts a login table into words of DMN: the opposite of `DecisionSource`.
struct DecisionModelBuilder {
  private let table: Table

  init(_ table: Table) { self.table = table }

  /// The model with the table as its only decision. Throws what XML cannot hold.
  func model() throws(UnwritableTable) -> DecisionModel {
    var model = DecisionModel(id: "tables", name: table.name, namespace: ModelExtension.namespace)
    var decision = Decision(id: "table-\(table.name)", name: table.title)
    var attributes: [String: String] = [:]
    if decision.name != ModelReader.normalized(table.title) || [table.name, ""].contains(table.title) {
      decision.name = table.name
      attributes["title"] = table.title.isEmpty ? nil : table.title
    }
    decision.variableName = decision.name
    let settings = TableDraft.settings(of: table)
    for case (let name, .text(let text)) in settings where LoginExtension.settings.contains(name) {
      attributes[name] = text
    }
    let lists = table.lists.map {
      ModelExtension(LoginExtension.list, ["name": $0.name, "file": $0.path])
    }
    let signals = table.customInputs.map {
      ModelExtension(LoginExtension.signal, ["name": $0.name, "type": $0.typeName])
    }
    decision.extensions = [
      ModelExtension(
        LoginExtension.table, attributes, elements: lists + signals + (try examples()))
    ]
    decision.expression = BoxedExpression(.table(try decisionTable()), id: "rules")
    model.decisions = [decision]
    return model
  }

  private func examples() throws(UnwritableTable) -> [ModelExtension] {
    if table.examples.isEmpty { return [] }
    let grid = try ExampleColumns(table).grid(of: table.examples)
    let columns = grid[0].map { ModelExtension(LoginExtension.column, ["name": $0]) }
    var rows: [ModelExtension] = []
    for row in grid.dropFirst() {
      for cell in row { try checkXML(cell) }
      rows.append(
        ModelExtension(
          LoginExtension.example,
          elements: row.map { ModelExtension(LoginExtension.entry, text: $0) }))
    }
    return [ModelExtension(LoginExtension.examples, elements: columns + rows)]
  }

  private func decisionTable() throws(UnwritableTable) -> DecisionTable {
    let words = table.hitPolicy.rawValue.split(separator: " ")
    let aggregation = words.last.flatMap { DecisionTable.Aggregation(rawValue: String($0)) }
    let policy = aggregation == nil ? table.hitPolicy.rawValue : String(words[0])
    var decisionTable = DecisionTable(
      hitPolicy: .init(rawValue: policy)!, aggregation: aggregation)
    decisionTable.inputs = table.inputs.enumerated().map { index, signal in
      var input = DecisionTable.InputClause(
        expression: .init(signal.name), typeRef: signal.feelType)
      input.id = "input-\(index + 1)"
      return input
    }
    decisionTable.outputs = [verdict] + table.outputs.enumerated().map(output)
    for rule in table.rules { decisionTable.rules.append(try self.rule(rule)) }
    return decisionTable
  }

  private var verdict: DecisionTable.OutputClause {
    var verdict = DecisionTable.OutputClause(name: "verdict", typeRef: "string")
    verdict.id = "verdict"
    verdict.allowedValues = Self.list(table.verdictValues.map { quoted($0.name) })
    verdict.defaultEntry = table.defaultRule.map { .init(quoted($0.verdict.name)) }
    return verdict
  }

  private func output(_ index: Int, _ clause: OutputClause) -> DecisionTable.OutputClause {
    var output = DecisionTable.OutputClause(
      name: clause.column.text, typeRef: clause.type.rawValue)
    output.id = "output-\(index + 1)"
    output.allowedValues = Self.list(clause.values.map { Self.literal($0, clause) })
    output.defaultEntry = Self.entry(of: table.defaultRule, clause).map { .init($0) }
    return output
  }

  private func rule(_ rule: Rule) throws(UnwritableTable) -> DecisionTable.Rule {
    var inputs: [DMN.SourceText] = []
    for (signal, tests) in zip(table.inputs, rule.cells) {
      guard let text = tests.text(for: signal, quotingAddresses: true) else {
        throw UnwritableTable(message: "\(rule.label): no cell says what it says of `\(signal.name)`")
      }
      inputs.append(.init(Self.escapingControls(text)))
    }
    let outputs = [quoted(rule.verdict.name)] + table.outputs.map { Self.entry(of: rule, $0) ?? "" }
    var written = DecisionTable.Rule(
      inputEntries: inputs, outputEntries: outputs.map { .init($0) })
    written.id = "rule-\(rule.number)"
    try checkXML(rule.comment)
    written.description = rule.comment.isEmpty ? nil : rule.comment
    var attributes = rule.name.isEmpty ? [:] : ["name": rule.name]
    if let mode = rule.mode {
      attributes["mode"] = ModeText(mode: mode, canary: rule.canary).description
    }
    if !attributes.isEmpty {
      written.extensions = [ModelExtension(LoginExtension.rule, attributes)]
    }
    return written
  }

  private static func entry(of rule: Rule?, _ clause: OutputClause) -> String? {
    rule?.outputs.first { OutputColumn($0) == clause.column }.map { literal($0.value, clause) }
  }

  private static func literal(_ value: String, _ clause: OutputClause) -> String {
    clause.type != .string ? value : escapingControls(quoted(value))
  }

  private static func list(_ literals: [String]) -> DMN.SourceText? {
    literals.isEmpty ? nil : .init(literals.joined(separator: ", "))
  }

  /// A FEEL text whose literals hold no character that XML has not.
  private static func escapingControls(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: \.isOutsideXML) else { return text }
    return text.unicodeScalars.map { scalar in
      guard scalar.isOutsideXML else { return String(scalar) }
      let digits = String(scalar.value, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }.joined()
  }

  private func checkXML(_ text: String) throws(UnwritableTable) {
    if text.unicodeScalars.contains(where: \.isOutsideXML) {
      throw UnwritableTable(
        message: "`\(table.name)`: a comment or an example has a control character, which XML cannot hold")
    }
  }
}

extension Unicode.Scalar {
  /// Whether XML 1.0 has no way to write it.
  fileprivate var isOutsideXML: Bool {
    value < 0x20 && !["\t", "\n", "\r"].contains(self) || [0xFFFE, 0xFFFF].contains(value)
  }
}

extension Signal {
  /// The FEEL type of its values.
  var feelType: String? {
    switch type {
    case .number: typeName
    case .boolean: "boolean"
    case .string, .enumeration, .address: "string"
    case .list: nil
    }
  }
}
