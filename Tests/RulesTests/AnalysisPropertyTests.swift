import Signals
import Testing
import Wire

@testable import Rules

/// What checks say of random tables holds for every input that is tried.
@Suite struct AnalysisPropertyTests {
  @Test(arguments: 0..<20)
  func `overlaps, gaps and dead rules are what the interpreter sees`(part: Int) throws {
    let seed = 0xC4EC_0000 + UInt64(part)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<25 {
      let signals = Array(
        RandomVocabulary.signals.shuffled(using: &random).prefix(1 + random.below(3)))
      let source = RandomTable(
        order: 1, ruleCount: 1 + random.below(8), signals: signals, using: &random)
      let table = try #require(TableReader.read(source.text, file: "t.table.md").table)
      let interpreter = Interpreter(tables: [table], fallback: .allow)
      let overlaps = table.overlaps()
      for overlap in overlaps {
        let rules = interpreter.rules(of: table, matching: overlap.input)
        #expect(
          rules.contains(overlap.first) && rules.contains(overlap.second),
          "seed \(seed): \(overlap) in \(source.text)")
      }
      let gap = table.uncoveredInput()
      if let gap {
        #expect(
          interpreter.rules(of: table, matching: gap) == [],
          "seed \(seed): \(gap) in \(source.text)")
      }
      let dead = table.deadRules().map(\.rule)
      let hasUnknown = gap == nil && table.inputs.contains { $0.type == .list }
      for _ in 0..<60 {
        let input = signals.map { random.pick(RandomVocabulary.inputs(of: $0)) }
        let rules = interpreter.rules(of: table, matching: input)
        let fires = table.hitPolicy == .first ? rules.first : nil
        #expect(
          fires.map { !dead.contains($0) } ?? true, "seed \(seed): \(input) in \(source.text)")
        #expect(rules.count < 2 || !overlaps.isEmpty, "seed \(seed): \(input) in \(source.text)")
        #expect(
          !rules.isEmpty || gap != nil || hasUnknown, "seed \(seed): \(input) in \(source.text)")
      }
    }
  }
}
