import DMN
import Rules

extension FuzzTarget {
  /// A decision model as Markdown or as comma-separated values: read, or refused with problems, one line
  /// each. One that is read compiles and is analysed; where it can be written, what is written is the same
  /// model, and written again the same text.
  static let modelText = FuzzTarget("model-text", upTo: 8192) { input throws(Finding) in
    let isCSV = ModelFile.isModel(input, file: "fuzz.csv")
    let file = isCSV ? "fuzz.csv" : "fuzz.md"
    let reading = ModelFile.read(input, file: file, isWhole: true)
    for problem in reading.problems {
      let text = problem.description
      try require(!text.contains(where: \.isNewline) && text.hasPrefix("\(file):"), text)
    }
    try require(reading.model != nil || reading.hasErrors, "no model, and nothing is said to be wrong")
    guard let model = reading.model, !reading.hasErrors else { return }
    _ = DecisionEvaluator(reading)
    _ = model.findings(file: file, budget: Budget(stepCountMax: stepCountMax))
    // A format has its limits.
    guard let text = try? ModelFile.text(of: model, for: file) else { return }
    let again = ModelFile.read(Array(text.utf8), file: file, isWhole: true)
    try require(again.model == model, "written as another model: \(text)")
    try require(!again.hasErrors, "written with mistakes: \(again.problems)")
    try require((try? ModelFile.text(of: model, for: file)) == text, "written anew: \(text)")
  }

  /// LIMIT: of an analysis, some milliseconds: what the fuzzer is to see many of.
  private static let stepCountMax = 100_000
}
