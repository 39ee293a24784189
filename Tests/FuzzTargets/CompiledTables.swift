import RulesOracle
import Tables

extension FuzzTarget {
  /// The bytes choose a chain of tables, and the inputs: what it is compiled to decides each as the
  /// interpreter of its sources does, verdict, rule, flags and outputs.
  static let compiledTables = FuzzTarget("compiled-tables", upTo: 4096, from: choices) {
    input throws(Finding) in
    var random = SeededGenerator(choosing: input)
    var evaluator = Evaluator()
    let difference: String?
    do {
      // Nothing to compare where rules that must not overlap do.
      guard let comparison = try ChainComparison(using: &random) else { return }
      difference = try comparison.difference(in: inputCount, of: &evaluator, using: &random)
    } catch {
      throw Finding("\(error)")
    }
    if let difference { throw Finding(difference) }
  }

  /// LIMIT: a chain costs as much as some hundred decisions.
  private static let inputCount = 200

  /// Choices that end in the midst of the tables, and some that last through the inputs.
  private static let choices: [[UInt8]] = (1...8).map { seed in
    var random = SeededGenerator(seed: UInt64(seed))
    return (0..<(seed * 256)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }
}
