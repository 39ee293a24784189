import DMN

/// A version of a decision model, and the file that it is in.
public struct ModelVersion: Sendable {
  let model: DecisionModel
  let file: String

  public init(_ model: DecisionModel, file: String) {
    self.model = model
    self.file = file
  }

  fileprivate func decision(named name: String) -> Decision? { model.decisions.first { $0.name == name } }

  /// A decision as XML, with all of the model that is no decision.
  fileprivate func text(of decision: Decision) -> String {
    var own = model
    own.decisions = [decision]
    return ModelWriter.write(own)
  }
}

extension TableDifference {
  /// Compares two versions of a model, decision by decision, by their names: each table by itself, whatever
  /// the decisions that it requires give. What an output calculates is compared by its text.
  public static func ofModels(
    _ before: ModelVersion, _ after: ModelVersion, budget: Budget = Budget()
  ) -> [TableDifference] {
    let old = before.model.decisions.map(\.name)
    let new = after.model.decisions.map(\.name).filter { !old.contains($0) }
    return (old + new).map { TableDifference(of: $0, before, after, budget) }
  }

  private init(of name: String, _ before: ModelVersion, _ after: ModelVersion, _ budget: Budget) {
    let (old, new) = (before.decision(named: name), after.decision(named: name))
    tenant = ""
    trigger = ""
    table = name
    self.before = old == nil ? "" : before.file
    self.after = new == nil ? "" : after.file
    guard let old, let new else {
      problem = old == nil ? "the decision is new" : "the decision is gone"
      return
    }
    if before.text(of: old) == after.text(of: new) { return }
    do throws(AnalysableTable.Refusal) {
      let oldTable = try old.analysable(in: before, budget)
      let newTable = try new.analysable(in: after, budget)
      guard let oldTable, let newTable else {
        problem = "it is written otherwise, and what is no decision table is not compared"
        return
      }
      compareOfModels(oldTable, newTable, budget)
    } catch {
      problem = "the table of line \(error.position.line) is not compared: \(error.message)"
    }
  }

  private mutating func compareOfModels(_ old: Table, _ new: Table, _ budget: Budget) {
    let found = TableDifference(old, new, budget: budget)
    changes = found.changes.map { change in
      var change = change
      change.before.outcome = change.before.outcome.map { $0.ofModel(old) }
      change.after.outcome = change.after.outcome.map { $0.ofModel(new) }
      return change
    }
    isComplete = found.isComplete
    problem = found.problem
  }
}

extension Decision {
  /// Its table; `nil` where it is something else.
  fileprivate func analysable(
    in version: ModelVersion, _ budget: Budget
  ) throws(AnalysableTable.Refusal) -> Table? {
    guard let source = table else { return nil }
    return try AnalysableTable(
      source, of: name, self, in: version.model, ItemTypes(version.model.itemDefinitions),
      file: version.file, at: expression?.position ?? position, budget
    ).table
  }
}

extension RuleOutcome {
  /// Without a verdict, which models have not, and with their names of outputs.
  fileprivate func ofModel(_ table: Table) -> RuleOutcome {
    RuleOutcome(
      verdict: "",
      outputs: Dictionary(
        outputs.map { (table.outputName($0.key), $0.value) }, uniquingKeysWith: { $1 }))
  }
}
