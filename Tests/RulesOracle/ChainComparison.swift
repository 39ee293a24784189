import Rules
import Signals
import Tables
import Wire

/// A random chain, compiled, beside the interpreter of its sources.
package struct ChainComparison {
  package let tables: [Table]
  private let plan: ChainPlan
  private let chain: CompiledChain
  private let fallback: Verdict
  private let interpreter: Interpreter
  /// By slot of the chain: the inputs at the edges of random cells.
  private let pools: [[PlainSignal]]

  /// A source of our own that cannot be read or compiled.
  package struct Unusable: Error, CustomStringConvertible {
    package var description: String
  }

  /// `nil` when rules of a UNIQUE or ANY table are in conflict.
  package init?(using random: inout SeededGenerator) throws {
    guard let tables = try Self.tables(using: &random) else { return nil }
    let (plan, diagnostics) = ChainCompiler.compile(tables)
    guard let plan else { throw Unusable(description: "\(diagnostics)") }
    self.tables = tables
    self.plan = plan
    // Every second chain is clustered, whatever its size, half of these without sections.
    chain = try CompiledChain(
      plan, clusteringFrom: random.chance(50) ? 1 : .max,
      sectionBlockCountMax: random.chance(50) ? -1 : TablePlan.sectionBlockCountMax)
    fallback = random.pick(Verdict.allCases)
    interpreter = Interpreter(tables: tables, fallback: fallback)
    pools = plan.signals.map(RandomVocabulary.inputs)
  }

  private static func tables(using random: inout SeededGenerator) throws -> [Table]? {
    var tables: [Table] = []
    for index in 0...random.below(4) {
      let signals = Array(
        RandomVocabulary.signals.shuffled(using: &random).prefix(random.below(6)))
      let ruleCount = random.chance(6) ? 64 + random.below(137) : 1 + random.below(12)
      let source = RandomTable(
        order: index, ruleCount: ruleCount, signals: signals, anyPolicy: true, rollout: true,
        using: &random)
      let (table, diagnostics) = TableReader.read(source.text, file: "t\(index).table.md")
      guard let read = table, read.rules.map(\.cells) == source.cells else {
        throw Unusable(description: "\(diagnostics)\n\(source.text)")
      }
      if read.hitPolicy == .unique || read.hitPolicy == .any, ChainCompiler.compile([read]).plan == nil {
        return nil
      }
      tables.append(read)
    }
    return tables
  }

  /// Decides `count` random inputs both ways. Returns the first difference, in words; `nil` where
  /// there is none.
  package func difference(
    in count: Int, of evaluator: inout Evaluator, using random: inout SeededGenerator
  ) throws -> String? {
    let names = plan.signals.map(\.name)
    for _ in 0..<count {
      let values = pools.map { random.pick($0) }
      let input = Dictionary(uniqueKeysWithValues: zip(names, values))
      let expected = interpreter.run(input).asReplied
      let got = try Interpreter.Outcome(
        of: values, by: chain, plan, fallback: fallback, evaluator: &evaluator)
      if got != expected {
        return "\(input) gives \(got), the interpreter says \(expected): \(tables)"
      }
    }
    return nil
  }
}
