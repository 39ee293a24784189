import Rules
import Signals
import Tables
import Testing
import Wire

/// Compiled chains and the interpreter agree on every input.
@Suite struct AgreementTests {
  private static let key = TableKey(trigger: "post-login")

  @Test(arguments: 0..<40)
  func `a compiled chain decides as the interpreter does`(part: Int) throws {
    let seed = 0x5EED_0000 + UInt64(part)
    var random = SeededGenerator(seed: seed)
    var pairCount = 0
    while pairCount < 5_200 {
      let chain = try Self.chain(using: &random)
      guard let chain else { continue }
      pairCount += try Self.compare(chain, seed: seed, using: &random)
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
        let values = [value]
        let got = try Self.outcome(of: values, chain, plan, .allow, &evaluator)
        #expect(got == expected, "seed \(seed): \(value) in \(source.text)")
      }
    }
  }

  private func sourceSeed(_ name: String) -> UInt64 {
    name.utf8.reduce(0x5EED) { $0 &* 31 &+ UInt64($1) }
  }

  /// The tables of a random chain; `nil` when rules of a UNIQUE or ANY table are in conflict.
  private static func chain(using random: inout SeededGenerator) throws -> [Table]? {
    var tables: [Table] = []
    for index in 0...random.below(4) {
      let signals = Array(
        RandomVocabulary.signals.shuffled(using: &random).prefix(random.below(6)))
      let ruleCount = random.chance(6) ? 64 + random.below(137) : 1 + random.below(12)
      let source = RandomTable(
        order: index, ruleCount: ruleCount, signals: signals, anyPolicy: true,
        using: &random)
      let (table, diagnostics) = TableReader.read(source.text, file: "t\(index).table.md")
      let read = try #require(table, "\(diagnostics)\n\(source.text)")
      #expect(read.rules.map(\.cells) == source.cells, "\(source.text)")
      if read.hitPolicy == .unique || read.hitPolicy == .any, ChainCompiler.compile([read]).plan == nil { return nil }
      tables.append(read)
    }
    return tables
  }

  private static func compare(
    _ tables: [Table], seed: UInt64, using random: inout SeededGenerator
  ) throws -> Int {
    let (plan, diagnostics) = ChainCompiler.compile(tables)
    let compiledPlan = try #require(plan, "seed \(seed): \(diagnostics)")
    // Every second chain is clustered, whatever its size.
    let chain = try CompiledChain(compiledPlan, clusteringFrom: random.chance(50) ? 1 : .max)
    let fallback = random.pick(Verdict.allCases)
    let interpreter = Interpreter(tables: tables, fallback: fallback)
    let pools = compiledPlan.signals.map(RandomVocabulary.inputs)
    var evaluator = Evaluator()
    let count = 200
    for _ in 0..<count {
      let values = pools.map { random.pick($0) }
      let names = compiledPlan.signals.map(\.name)
      let input = Dictionary(uniqueKeysWithValues: zip(names, values))
      let expected = interpreter.run(input).asReplied
      let got = try Self.outcome(of: values, chain, compiledPlan, fallback, &evaluator)
      if got != expected {
        Issue.record(
          "seed \(seed): \(input) gives \(got), the interpreter says \(expected): \(tables)")
        return count
      }
    }
    return count
  }

  private static func outcome(
    of values: [PlainSignal], _ chain: CompiledChain, _ plan: ChainPlan, _ fallback: Verdict,
    _ evaluator: inout Evaluator
  ) throws -> Interpreter.Outcome {
    var decisionInput = DecisionInput()
    decisionInput.signals = zip(plan.signals, values).map(DecisionInput.Entry.init)
    let encoded = EncodedInput(decisionInput, for: plan.signals, of: key)
    try encoded.fill(&evaluator.vector, reading: chain.view.schema)
    let decision = evaluator.evaluate(chain.view, in: encoded.bytes.span, fallback: fallback)

    var out = ByteWriter()
    out.beginMessage(.reply)
    chain.view.write(
      decision, of: &evaluator, correlationID: 0, in: encoded.bytes.span, to: &out)
    out.finishMessage(decisionCount: 1)
    let reply = try Reply(reading: out.span).decisions[0]
    var outputs: [Interpreter.Key: Interpreter.Value] = [:]
    for output in reply.outputs {
      let known = outputs.updateValue(
        .text(output.value), forKey: .init(kind: output.kind, name: output.name))
      #expect(known == nil, "output \(output) came twice")
    }
    return Interpreter.Outcome(
      verdict: reply.verdict, wouldBe: reply.wouldBe, mode: reply.mode, flags: reply.flags,
      table: reply.value(of: .table) ?? "", rule: Int(reply.rule), outputs: outputs)
  }
}

extension Interpreter.Outcome {
  /// With lists and numbers as a reply has them.
  fileprivate var asReplied: Self {
    var outcome = self
    outcome.outputs = outputs.mapValues { value in
      switch value {
      case .text: value
      case .plain(let texts): .text("[\(texts.joined(separator: ","))]")
      case .list(let texts): .text("[\(texts.map(jsonString).joined(separator: ","))]")
      case .number(let number):
        .text(number == number.rounded() ? String(Int(number)) : String(number))
      }
    }
    return outcome
  }
}
