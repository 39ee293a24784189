import Rules
import RulesOracle
import Signals
import Tables
import Testing
import Wire

/// The proof holds for candidates that are evaluated together, whose rows lie side by side.
@Suite struct CandidateProofTests {
  /// A table and four candidates, one of which has not got all columns.
  private static func tables() throws -> [Table] {
    let header = "| akamaiUserRisk.score | request.country | authentication.methods | verdict |"
    let rules = [
      ["| >= 90 | - | - | deny |", "| - | \"fr\" | \"sms\" | mfa |", "| - | - | not(\"pwd\") | review |"],
      ["| >= 80 | - | - | deny |", "| - | \"fr\" | \"sms\" | mfa |", "| - | - | not(\"pwd\") | revoke |"],
    ]
    var tables: [Table] = []
    for index in 0..<5 {
      let lines = [header, "|---|---|---|---|"] + rules[index % 2]
      // The third has no list.
      let cells = lines.map { line in
        let cells = line.split(separator: "|").filter { !$0.allSatisfy(\.isWhitespace) }
        let kept = index == 3 ? [cells[0], cells[1], cells[3]] : cells
        return "|" + kept.joined(separator: "|") + "|"
      }
      let source = """
        ---
        name: t\(index)
        trigger: post-login
        order: \(index)
        hitPolicy: FIRST
        \(index == 0 ? "mode: enforce" : "shadow: true")
        ---
        ## Rules

        \(cells.joined(separator: "\n"))
        """
      tables.append(try #require(TableReader.read(source, file: "t\(index).table.md").table))
    }
    return tables
  }

  private static func outcomes(
    _ evaluator: inout Evaluator, _ chain: CompiledChain, _ values: [PlainSignal], _ plan: ChainPlan
  ) throws -> [ShadowOutcome] {
    var input = DecisionInput()
    input.signals = zip(plan.signals, values).map(DecisionInput.Entry.init)
    let encoded = EncodedInput(input, for: plan.signals, of: TableKey(trigger: "post-login"))
    try encoded.fill(&evaluator.vector, reading: chain.view.schema)
    _ = evaluator.evaluate(chain.view, in: encoded.bytes.span, fallback: .review)
    var outcomes: [ShadowOutcome] = []
    for index in 0..<evaluator.shadowCount { outcomes.append(evaluator.shadow(at: index)) }
    return outcomes
  }

  @Test func `a flipped bit of their image is refused, fails the proof, or lies where nobody reads`() throws {
    let tables = try Self.tables()
    let plan = try #require(ChainCompiler.compile(tables).plan)
    let compiled = try CompiledChain(plan)
    _ = try ChainProof.prove(compiled, equals: tables)
    let image = [UInt8](copying: compiled.image)
    let seed: UInt64 = 0x1A4E
    var random = SeededGenerator(seed: seed)
    var evaluator = Evaluator()
    var passed = 0
    for index in image.indices {
      let bit = random.below(8)
      var flipped = image
      flipped[index] ^= 1 << UInt8(bit)
      guard let chain = try? loadedImage(flipped) else { continue }
      guard (try? ChainProof.prove(chain, equals: tables)) != nil else { continue }
      passed += 1
      for _ in 0..<4 {
        let values = plan.signals.map { random.pick(RandomVocabulary.inputs(of: $0)) }
        let expected = try Self.outcomes(&evaluator, compiled, values, plan)
        try #require(expected.count == 4)
        let actual = try Self.outcomes(&evaluator, chain, values, plan)
        #expect(actual == expected, "seed \(seed): bit \(bit) of byte \(index) of \(image.count)")
      }
    }
    #expect(passed < image.count / 4, "\(passed) of \(image.count) bytes are not proved")
  }

  @Test func `another verdict or cell of a candidate fails the proof`() throws {
    let tables = try Self.tables()
    let plan = try #require(ChainCompiler.compile(tables).plan)
    for candidate in 1...4 {
      var tampered = plan
      tampered.tables[candidate].rules[0].verdict = .allow
      #expect(throws: ProofFailure.self) { try ChainProof.prove(try CompiledChain(tampered), equals: tables) }
      for column in plan.tables[candidate].columns.indices {
        tampered = plan
        tampered.tables[candidate].columns[column].stateRows[0][0] ^= 1
        #expect(throws: ProofFailure.self) {
          try ChainProof.prove(try CompiledChain(tampered), equals: tables)
        }
      }
    }
  }
}
