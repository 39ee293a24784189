import DMN
import Foundation

extension TableSource {
  /// Reads a DMN model: its decision with a `postern:table` among the extensions, or its only one.
  ///
  /// The decision is a decision table. Its inputs are signals by name, its outputs `verdict` and what
  /// else Postern's tables answer; what DMN has no words for stands in extensions.
  mutating func readDMN(_ text: String, log: inout DiagnosticLog) {
    let reading = ModelReader.read(Data(text.utf8), file: log.file)
    if let model = reading.model, model.decidesNoLogin {
      let position = model.decisions.first?.position ?? SourcePosition()
      log.error(at: SourceLocation(position), ModelFile.refusal(asTable: log.file))
      return
    }
    for problem in reading.problems {
      let place = SourceLocation(line: problem.line, column: problem.column)
      switch problem.severity {
      case .error: log.error(at: place, problem.message)
      case .warning: log.warning(at: place, problem.message)
      }
    }
    guard let model = reading.model, let decision = model.loginDecision(log: &log) else { return }
    let source = DecisionSource(decision, log: &log)
    settings = FrontMatter(entries: source.settings, at: source.location)
    title = source.title
    rulesLocation = source.location
    rules = source.rules
    examples = source.examples
  }
}

extension SourceLocation {
  init(_ position: SourcePosition) { self.init(line: position.line, column: position.column) }
}

extension SourceText {
  /// A text of a DMN file.
  init(_ text: DMN.SourceText) { self.init(text.text, at: SourceLocation(text.position)) }
}

extension Decision {
  /// The extensions that make it a login table; a right one has one.
  var loginTables: [ModelExtension] { extensions.filter { $0.name == LoginExtension.table } }
}

extension DecisionModel {
  /// Whether it says that it is a login table.
  public var isLoginTable: Bool { decisions.contains { !$0.loginTables.isEmpty } }

  /// Whether it is surely meant for other decisions: it does not say that it is a login table, and
  /// nothing in it may be a verdict.
  var decidesNoLogin: Bool {
    !isLoginTable && !decisions.isEmpty
      && !decisions.contains { $0.table?.outputs.contains { $0.name == "verdict" } ?? false }
  }

  /// The decision that is the login table, where it stands alone; anything else is reported.
  fileprivate func loginDecision(log: inout DiagnosticLog) -> Decision? {
    let named = decisions.filter { !$0.loginTables.isEmpty }
    guard let decision = named.first ?? decisions.first else {
      log.error(at: .start, "no decision in the file; a login table is one decision table")
      return nil
    }
    for other in decisions where other.id != decision.id {
      log.error(
        at: SourceLocation(other.position),
        "a second decision, `\(other.name)`; a login table is alone in its file: move it to another")
    }
    for knowledge in knowledgeModels {
      log.error(
        at: SourceLocation(knowledge.position),
        "the knowledge model `\(knowledge.name)` has no part in a login table; remove it")
    }
    for service in services {
      log.error(
        at: SourceLocation(service.position),
        "the decision service `\(service.name)` has no part in a login table; remove it")
    }
    return decision
  }
}
