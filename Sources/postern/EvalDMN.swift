import ArgumentParser
import DMN
import Rules

/// `postern eval FILE.dmn`: one decision of a DMN model.
struct EvalDMN {
  var file: String
  var bytes: [UInt8]
  /// nil: the only decision of the file.
  var decision: String?
  var input: String
  /// Whether errors are printed as JSON, too.
  var json: Bool

  /// Prints `{"result": ...}` on standard output, and what went wrong on standard error.
  func run() throws {
    let reading = ModelFile.read(bytes, file: file, isWhole: true)
    let input = try readInput()
    guard let evaluator = DecisionEvaluator(reading, memberNames: Self.memberNames(of: input))
    else {
      throw refusal(reading.problems)
    }
    let decision = try choose(from: evaluator)
    for entry in evaluator.unreadInputs(input, of: decision) {
      printError("warning: --input: \(Self.text(of: entry, in: decision))")
    }
    do throws(EvaluationError) {
      let evaluation = try evaluator.evaluate(decision, input: input)
      for problem in evaluator.problems(of: decision) { printError(problem.description) }
      for warning in evaluation.warnings { printError(text(of: warning, in: decision)) }
      print("{\"result\": \(FeelJSON.write(evaluation.value))}")
    } catch {
      switch error {
      case .broken(let problems): throw refusal(problems)
      case .limit(let text):
        throw refusal([DMNProblem(file: file, at: decision.position, element: decision.name, text)])
      }
    }
  }

  private static func text(
    of entry: DecisionEvaluator.UnreadInput, in decision: Invocable
  ) -> String {
    if entry.isCalculated {
      return "`\(entry.name)` is calculated by the model, so what is given for it is not used"
    }
    let near = entry.near.map { "`\($0)`" }.joined(separator: ", ")
    return "`\(decision.name)` reads no `\(entry.name)`, so it is not used"
      + (near.isEmpty ? "" : "; did you mean \(near)?")
  }

  private func text(of warning: Evaluation.Warning, in decision: Invocable) -> String {
    let text = "warning: \(decision.name): \(warning.message)"
    guard let line = warning.line, let column = warning.column else { return text }
    return "\(file):\(line):\(column): \(text)"
  }

  private func readInput() throws -> FeelContext {
    if input.isEmpty { return FeelContext() }
    do throws(FeelJSON.Fault) {
      if case .context(let context) = try FeelJSON.read(input) { return context }
    } catch {
      throw ValidationError("--input:\(error)")
    }
    throw ValidationError("--input is no JSON object; give the inputs by name: '{\"Age\": 30}'")
  }

  /// The keys of the input's objects, at any depth.
  private static func memberNames(of context: FeelContext) -> Set<String> {
    var names: Set<String> = []
    func add(_ value: FeelValue) {
      switch value {
      case .list(let elements): for element in elements { add(element) }
      case .context(let context):
        for (key, value) in context.entries {
          names.insert(key)
          add(value)
        }
      default: break
      }
    }
    add(.context(context))
    return names
  }

  private func choose(from evaluator: DecisionEvaluator) throws -> Invocable {
    let decisions = evaluator.model.decisions
    guard let name = decision else {
      if decisions.count == 1 { return Invocable(decisions[0]) }
      let names = decisions.map { "`\($0.name)`" }.joined(separator: ", ")
      throw ValidationError(
        "`\(file)` has \(counted(decisions.count, "decision")); name one with --decision: \(names)")
    }
    if let found = evaluator.model.invocable(named: name) { return found }
    let near = evaluator.model.namesNear(name).map { "`\($0)`" }.joined(separator: ", ")
    throw ValidationError(
      "`\(file)` has no decision `\(name)`" + (near.isEmpty ? "" : "; did you mean \(near)?"))
  }

  /// Prints the errors that keep the decision from being evaluated.
  private func refusal(_ problems: [DMNProblem]) -> any Error {
    for problem in problems { printError(problem.description) }
    if json { try? printJSON(Refusal(ok: false, diagnostics: problems)) }
    return ExitStatus.unavailable.code
  }

  private struct Refusal: Encodable {
    var ok: Bool
    var diagnostics: [DMNProblem]
  }
}
