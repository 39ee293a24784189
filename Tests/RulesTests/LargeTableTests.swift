import Foundation
import RulesOracle
import Signals
import Tables
import Testing
import Wire

@testable import Rules

/// The largest table there may be: compiled, proved, and compared with the interpreter.
///
/// It takes most of a minute without optimisation, so it runs in `ops/test --thorough` only.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["POSTERN_THOROUGH"] == "1"))
struct LargeTableTests {
  private static let signals: [Signal] = [
    .custom("s.total", .number), .custom("s.tier", .string), .custom("s.isNew", .boolean),
    .custom("s.tags", .list), .custom("s.age", .number), .custom("s.region", .string),
    .custom("s.channel", .string), .custom("s.isGift", .boolean),
  ] + [
    "akamaiUserRisk.score", "akamaiBot.botScore", "session.mfaRequired", "request.country",
    "request.ip", "authentication.methods", "stats.loginsCount", "akamaiUserRisk.standing",
    "akamaiBot.botCategory", "request.path", "akamaiBot.type", "user.id",
  ].map { SignalRegistry()[$0]! }

  @Test func `100,000 rules of 20 columns are proved and decide as the interpreter does`() throws {
    let seed: UInt64 = 0x1A26E
    var random = SeededGenerator(seed: seed)
    var table = Table(
      file: "large.table.md", name: "large", trigger: "post-login", hitPolicy: .first,
      mode: .enforce, version: 1, inputs: Self.signals, rules: [])
    table.rules = (1...TablePlan.ruleCountMax).map { number in
      let cells = Self.signals.map { signal in
        random.chance(60) ? RandomCell(for: signal, using: &random).tests : .any
      }
      return Rule(number: number, cells: cells, verdict: random.pick(Verdict.allCases))
    }
    let plan = try #require(ChainCompiler.compile([table]).plan)
    let chain = try CompiledChain(plan)
    #expect(chain.byteCount < 256 << 20)
    let counts = try ChainProof.prove(chain, equals: [table])
    #expect(counts[0].rules == UInt64(TablePlan.ruleCountMax))

    let pools = Self.signals.map(RandomVocabulary.inputs)
    var evaluator = Evaluator()
    var hitCount = 0
    for round in 0..<3000 {
      let values = pools.map { random.pick($0) }
      var input = DecisionInput()
      input.signals = zip(plan.signals, values).map(DecisionInput.Entry.init)
      let encoded = EncodedInput(input, for: plan.signals, of: table.key)
      try encoded.fill(&evaluator.vector, reading: chain.view.schema)
      _ = evaluator.evaluate(chain.view, in: encoded.bytes.span, fallback: .allow)
      let found = evaluator.hits.isEmpty ? nil : Int(evaluator.hits[0].rule)
      let compared = zip(values, Self.signals).map(Self.asCompared)
      let expected = table.rules.firstIndex { rule in
        zip(rule.cells, compared).allSatisfy { $0.matches($1) }
      }
      hitCount += found == nil ? 0 : 1
      #expect(found == expected, "seed \(seed), round \(round)")
    }
    #expect(hitCount > 0)
  }

  /// In small letters where the signal folds case.
  private static func asCompared(_ value: PlainSignal, _ signal: Signal) -> PlainSignal {
    switch value {
    case .text(let text) where signal.foldsCase: .text(foldedASCII(text))
    case .list(let texts) where signal.foldsCase: .list(texts.map(foldedASCII))
    default: value
    }
  }
}
