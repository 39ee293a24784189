import DMN

extension DecisionModel {
  /// What there is to say about each decision table of the model, also of those inside of other
  /// expressions. A table that cannot be analysed is reported as such, with the place that is in the way.
  public func findings(
    file: String, budget: Budget = Budget(), progress: (String) -> Void = { _ in }
  ) -> [Finding] {
    let expressions =
      decisions.compactMap { decision in decision.expression.map { (decision.name, $0, owner(decision)) } }
      + knowledgeModels.compactMap { model in model.function.map { (model.name, $0.body, nil) } }
    let types = ItemTypes(itemDefinitions)
    return expressions.flatMap { name, expression, owner in
      expression.tables.flatMap { table, position in
        findings(of: table, name, owner, types, file: file, at: position, budget, progress)
      }
    }
  }

  /// The decision, where it is a table: within anything else a name may mean something of its own.
  private func owner(_ decision: Decision) -> Decision? { decision.table == nil ? nil : decision }

  private func findings(
    of source: DecisionTable, _ name: String, _ owner: Decision?, _ types: ItemTypes, file: String,
    at position: SourcePosition, _ budget: Budget, _ progress: (String) -> Void
  ) -> [Finding] {
    let table: AnalysableTable
    do throws(AnalysableTable.Refusal) {
      table = try AnalysableTable(
        source, of: name, owner, in: self, types, file: file, at: position, budget)
    } catch {
      return [
        Finding(
          kind: .notDecided, severity: .info, file: file, location: SourceLocation(error.position),
          message: "the table of `\(name)` is not analysed: \(error.message)", rules: [], regions: [],
          isComplete: false, input: nil)
      ]
    }
    return table.table.findings(budget: budget, progress: progress).compactMap(table.kept)
  }
}

extension AnalysableTable {
  /// A finding as it is for DMN, which has neither examples nor states beside null; whether outputs that are
  /// calculated are in conflict is not known.
  fileprivate func kept(_ finding: Finding) -> Finding? {
    if finding.kind == .noExamples { return nil }
    guard finding.kind == .conflict, finding.rules.contains(where: { calculated.contains($0.number) })
    else { return finding }
    var open = finding
    open.kind = .notDecided
    open.severity = .info
    let names = finding.rules.sorted { $0.number < $1.number }
      .map { "rule \($0.number) (line \($0.line))" }
    let numbers = names.joined(separator: " and ")
    open.message = "not decided whether \(numbers), which match the same, give the same: it is calculated"
    return open
  }
}

extension BoxedExpression {
  /// The decision tables in it, with the places of their elements.
  fileprivate var tables: [(table: DecisionTable, position: SourcePosition)] {
    switch kind {
    case .table(let table): [(table, position)]
    case .context(let entries): entries.flatMap(\.expression.tables)
    case .function(let function): function.body.tables
    case .list(let elements): elements.flatMap(\.tables)
    case .conditional(let first, let second, let third): [first, second, third].flatMap(\.tables)
    case .filter(let first, let second): [first, second].flatMap(\.tables)
    case .iteration(let iteration): [iteration.domain, iteration.body].flatMap(\.tables)
    case .invocation(let called, let bindings):
      called.tables + bindings.flatMap(\.expression.tables)
    case .relation(_, let rows): rows.flatMap { $0.flatMap(\.tables) }
    case .literal, .unsupported: []
    }
  }
}
