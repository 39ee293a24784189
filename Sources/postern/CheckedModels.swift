import DMN
import Rules

/// The decision models among the paths of a command, and what is wrong with them.
struct CheckedModels {
  /// What is no decision model.
  private(set) var otherPaths: [String] = []
  private(set) var diagnostics: [Diagnostic] = []
  private(set) var findings: [Finding] = []
  private(set) var decisionCount = 0

  init(_ paths: [String], budget: Budget, progress: (String) -> Void) {
    for path in paths {
      // A directory that cannot be listed is told of as one of tables.
      let models = (try? TableDirectory.models(below: path)) ?? []
      for model in models {
        if case .failure(let failure) = TableDirectory.bytes(of: model) {
          diagnostics.append(failure.diagnostic)
        } else if !add(model, budget, progress) {
          warnOfTable(model)
        }
      }
      if !models.isEmpty, (try? TableDirectory.files(under: path).isEmpty) ?? false { continue }
      if !add(path, budget, progress) { otherPaths.append(path) }
    }
  }

  /// Whether the path is a decision model.
  private mutating func add(_ path: String, _ budget: Budget, _ progress: (String) -> Void) -> Bool {
    guard TableFormat(reading: path) != nil, isThere(path),
      case .success(let bytes) = TableDirectory.bytes(of: path),
      ModelFile.isModel(bytes, file: path)
    else { return false }
    let reading = ModelFile.read(bytes, file: path, isWhole: true)
    let evaluator = DecisionEvaluator(reading)
    let problems = (evaluator?.problems ?? reading.problems) + (evaluator?.cellProblems ?? [])
    diagnostics += problems.map { problem in
      Diagnostic(
        problem.severity == .error ? .error : .warning, file: path,
        at: SourceLocation(line: problem.line, column: problem.column), problem.message)
    }
    decisionCount += reading.model?.decisions.count ?? 0
    // What is wrong with a table is to be mended before it is analysed.
    if !problems.contains(where: { $0.severity == .error }), let model = reading.model {
      findings += model.findings(file: path, budget: budget, progress: progress)
    }
    return true
  }

  private mutating func warnOfTable(_ file: String) {
    diagnostics.append(
      Diagnostic(
        .warning, file: file, at: .start,
        "a login table that is not served, as its name does not end in .table.dmn; rename it"))
  }
}
