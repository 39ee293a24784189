import DMN

/// A version of a decision model, and the file that it is in.
public struct ModelVersion: Sendable {
  let model: DecisionModel
  let file: String
  fileprivate let types: ItemTypes
  private let answers: AnswerCompiler

  public init(_ model: DecisionModel, file: String) {
    self.model = model
    self.file = file
    types = ItemTypes(model.itemDefinitions)
    answers = AnswerCompiler(model)
  }

  /// What a table of it makes of rules.
  fileprivate func answering(_ table: DecisionTable) -> ModelAnswering {
    let answers = answers.answers(of: table)
    return ModelAnswering(kind: "\(table.policyName) \(table.outputsText)") { numbers in
      RuleOutcome(verdict: "", outputs: answers.answer(of: numbers.map { $0 - 1 }))
    }
  }

  fileprivate func decision(named name: String) -> Decision? { model.decisions.first { $0.name == name } }

  /// Decisions as XML, without places, and all of the model that is no decision; not what it is called.
  fileprivate func text(of decisions: [Decision]) -> String {
    var own = model
    (own.id, own.name, own.namespace) = (nil, "", "")
    own.decisions = decisions
    return ModelWriter.write(own)
  }

  /// The names of what a decision requires.
  fileprivate func requirements(of decision: Decision) -> String {
    let required = decision.requirements
    let names =
      model.inputs.filter { required.inputs.contains($0.id) }.map(\.variableName)
      + model.decisions.filter { required.decisions.contains($0.id) }.map(\.variableName)
      + model.knowledgeModels.filter { required.knowledge.contains($0.id) }.map(\.name)
    return names.sorted().joined(separator: ", ")
  }
}

extension TableDifference {
  /// Compares two versions of a model, decision by decision, by their names: each table by itself, whatever
  /// the decisions that it requires give. What an output calculates is compared by its text, and so is all of
  /// the model that is no decision.
  public static func ofModels(
    _ before: ModelVersion, _ after: ModelVersion, budget: Budget = Budget()
  ) -> [TableDifference] {
    let old = before.model.decisions.map(\.name)
    let new = after.model.decisions.map(\.name).filter { !old.contains($0) }
    let found = (old + new).map { TableDifference(of: $0, before, after, budget) }
    return before.text(of: []) == after.text(of: []) ? found : found + [Self.ofTheRest(before, after)]
  }

  private static func ofTheRest(_ before: ModelVersion, _ after: ModelVersion) -> TableDifference {
    var rest = TableDifference(
      tenant: "", trigger: "", table: "what is no decision", before: before.file, after: after.file)
    rest.problem = "types, inputs, functions or services are written otherwise, and are not compared"
    return rest
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
    if before.text(of: [old]) == after.text(of: [new]) { return }
    // What a comparison of rules does not see.
    settings("requirements", before.requirements(of: old), after.requirements(of: new))
    settings("type", old.typeRef ?? "", new.typeRef ?? "")
    settings("table's type", old.expression?.typeRef ?? "", new.expression?.typeRef ?? "")
    do throws(AnalysableTable.Refusal) {
      let oldTable = try old.analysable(in: before, beside: new, in: after, budget)
      let newTable = try new.analysable(in: after, beside: old, in: before, budget)
      guard let oldTable, let newTable else {
        problem = "it is written otherwise, and what is no decision table is not compared"
        return
      }
      if let old = old.table, let new = new.table { compareClauses(old, new) }
      let found = TableDifference(oldTable, newTable, budget: budget)
      (changes, isComplete, problem) = (found.changes, found.isComplete, found.problem)
    } catch {
      problem = "the table of line \(error.position.line) is not compared: \(error.message)"
    }
  }

  private mutating func settings(_ what: String, _ old: String, _ new: String) {
    func quoted(_ text: String) -> String { text.isEmpty ? "none" : "`\(text)`" }
    if old != new { rollout.append("\(what) \(quoted(new)), before \(quoted(old))") }
  }

  /// Types, values and defaults of columns; of inputs that both have.
  private mutating func compareClauses(_ old: DecisionTable, _ new: DecisionTable) {
    for input in new.inputs {
      guard let other = old.inputs.first(where: { $0.expression.text == input.expression.text })
      else { continue }
      settings("input `\(input.expression.text)`", other.text, input.text)
    }
    settings("outputs", old.outputsText, new.outputsText)
  }
}

extension Decision {
  /// Its table; `nil` where it is something else.
  fileprivate func analysable(
    in version: ModelVersion, beside other: Decision, in otherVersion: ModelVersion, _ budget: Budget
  ) throws(AnalysableTable.Refusal) -> Table? {
    guard let source = table else { return nil }
    let other = other.table.map {
      AnalysableTable.Version(
        table: $0, decision: other, model: otherVersion.model, types: otherVersion.types)
    }
    var table = try AnalysableTable(
      source, of: name, self, in: version.model, version.types, file: version.file,
      at: expression?.position ?? position, beside: other, budget
    ).table
    table.answering = version.answering(source)
    return table
  }
}

extension DecisionTable.InputClause {
  /// What its values may be.
  fileprivate var text: String {
    [typeRef, allowedValues?.text].compactMap(\.self).joined(separator: ", values ")
  }
}

extension DecisionTable {
  fileprivate var outputsText: String {
    outputs.map { output in
      let parts = [
        output.typeRef.map { ": \($0)" }, output.allowedValues.map { ", values \($0.text)" },
        output.defaultEntry.map { ", default \($0.text)" },
      ]
      return (output.name ?? "result") + parts.compactMap(\.self).joined()
    }.joined(separator: "; ")
  }
}
