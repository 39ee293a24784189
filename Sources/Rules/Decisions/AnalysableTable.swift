import DMN
import Signals
import Wire

/// A decision table of a DMN model as a table that the analyser takes. Each input expression is a signal
/// by its text; outputs are only compared.
struct AnalysableTable {
  /// Why a table cannot be one.
  struct Refusal: Error {
    let position: SourcePosition
    let message: String
  }

  /// Another version of a table, to compare it with.
  struct Version {
    let table: DecisionTable
    let decision: Decision?
    let model: DecisionModel
    let types: ItemTypes
  }

  let table: Table
  /// The numbers of rules whose outputs are calculated: whether they equal others is not known. They are
  /// compared by their text.
  private(set) var calculated: Set<Int> = []

  init(
    _ source: DecisionTable, of name: String, _ decision: Decision?, in model: DecisionModel,
    _ types: ItemTypes, file: String, at position: SourcePosition, beside other: Version? = nil,
    _ budget: Budget
  ) throws(Refusal) {
    guard source.rules.count <= Analyser.ruleCountMax else {
      throw Refusal(
        position: position,
        message: "it has \(source.rules.count) rules; \(Analyser.ruleCountMax) is the most")
    }
    var columns: [AnalysableColumn] = []
    var budget = budget
    for index in source.inputs.indices {
      columns.append(
        try AnalysableColumn(source, index, of: decision, in: model, types, beside: other, &budget))
      if columns.dropLast().contains(where: { $0.signal.name == columns[index].signal.name }) {
        throw Refusal(
          position: source.inputs[index].position,
          message: "`\(columns[index].signal.name)` is an input twice; put its tests into one column")
      }
    }
    var clauses: [OutputClause] = []
    for output in source.outputs { clauses.append(try Self.clause(output, source.hitPolicy, types)) }
    var rules: [Rule] = []
    for (index, rule) in source.rules.enumerated() {
      var own = Rule(
        number: index + 1, cells: columns.map { $0.cells[index] }, verdict: .allow,
        location: SourceLocation(rule.position))
      for (entry, clause) in zip(rule.outputEntries, clauses) {
        let literal = entry.literal
        if literal == nil {
          calculated.insert(index + 1)
          if !clause.values.isEmpty, source.hitPolicy != .any {
            throw Refusal(
              position: entry.position,
              message: "what `\(entry.text)` gives, and so its priority, is calculated")
          }
        }
        if literal != "null" { own.outputs.append(clause.column.output(literal ?? entry.text)) }
      }
      rules.append(own)
    }
    let hasDefault = source.outputs.contains { $0.defaultEntry != nil }
    var table = Table(
      file: file, name: name, trigger: "", hitPolicy: .init(name: source.policyName) ?? .unique,
      mode: .enforce, version: 1, inputs: columns.map(\.signal), outputs: clauses, rules: rules,
      defaultRule: hasDefault
        ? Rule(
          name: Rule.defaultName, number: 0, cells: columns.map { _ in .any }, verdict: .deny,
          location: SourceLocation(position)) : nil,
      location: SourceLocation(position))
    table.allowedInputs = columns.map(\.allowed)
    table.inputScales = columns.map { NumberScale($0.scale) }
    self.table = table
  }

  /// An output as a column; with its values where they rank rules.
  private static func clause(
    _ output: DecisionTable.OutputClause, _ policy: DecisionTable.HitPolicy, _ types: ItemTypes
  ) throws(Refusal) -> OutputClause {
    let column = OutputColumn(kind: .metadata, name: output.name ?? "result")
    guard policy == .priority || policy == .outputOrder,
      let allowed = output.allowedValues ?? types.type(output.typeRef).allowed.first
    else { return OutputClause(column) }
    guard let values = allowed.literals else {
      throw Refusal(
        position: allowed.position, message: "`\(allowed.text)` is no list of literals to rank by")
    }
    return OutputClause(column, values: values)
  }
}

extension DecisionModel {
  /// The type of what a decision requires by a name.
  func typeRef(of name: String, requiredBy decision: Decision) -> String? {
    let required = decision.requirements
    if let data = inputs.first(where: { $0.variableName == name && required.inputs.contains($0.id) }) {
      return data.typeRef
    }
    return decisions.first { $0.variableName == name && required.decisions.contains($0.id) }?.typeRef
  }
}
