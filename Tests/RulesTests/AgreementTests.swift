import Rules
import RulesOracle
import Signals
import Tables
import Testing
import Wire

/// Compiled chains and the interpreter agree on every input. `Tests/comparisons` goes on from here,
/// some millions further.
@Suite struct AgreementTests {
  @Test(arguments: 0..<40)
  func `a compiled chain decides as the interpreter does`(part: Int) throws {
    let seed = 0x5EED_0000 + UInt64(part)
    var random = SeededGenerator(seed: seed)
    var evaluator = Evaluator()
    var pairCount = 0
    while pairCount < 5_200 {
      guard let comparison = try ChainComparison(using: &random) else { continue }
      let difference = try comparison.difference(in: 200, of: &evaluator, using: &random)
      #expect(difference == nil, "seed \(seed)")
      pairCount += 200
    }
  }

  @Test(arguments: RandomVocabulary.signals)
  func `a column agrees with the interpreter on every input of its edges`(signal: Signal) throws {
    let seed = sourceSeed(signal.name)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<15 {
      let source = RandomTable(
        order: 1, ruleCount: 1 + random.below(12), signals: [signal], anyPolicy: true,
        using: &random)
      var table = try #require(TableReader.read(source.text, file: "t.table.md").table)
      // Rules may overlap here.
      table.hitPolicy = .first
      table.mode = .enforce
      let plan = try #require(ChainCompiler.compile([table]).plan)
      let chain = try CompiledChain(plan)
      let interpreter = Interpreter(tables: [table], fallback: .allow)
      var evaluator = Evaluator()
      for value in RandomVocabulary.inputs(of: signal) {
        let expected = interpreter.run([signal.name: value])
        let got = try Interpreter.Outcome(
          of: [value], by: chain, plan, fallback: .allow, evaluator: &evaluator)
        #expect(got == expected, "seed \(seed): \(value) in \(source.text)")
      }
    }
  }

  private func sourceSeed(_ name: String) -> UInt64 {
    name.utf8.reduce(0x5EED) { $0 &* 31 &+ UInt64($1) }
  }
}
