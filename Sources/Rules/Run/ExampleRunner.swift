import Signals
import Tables
import Wire

/// How one example of a table went.
public struct ExampleResult: Codable, Hashable, Sendable {
  public var file: String
  public var line: Int
  public var table: String
  /// The example's name, or its number.
  public var example: String
  /// What the example asks for and what the table answered, by property: empty when it passed.
  public var failures: [Failure]

  public struct Failure: Codable, Hashable, Sendable {
    /// `verdict`, `rule`, or an output's column.
    public var property: String
    public var expected: String
    public var got: String
  }

  public var passed: Bool { failures.isEmpty }
}

extension ExampleResult: CustomStringConvertible {
  /// One line: the place, and what was wrong.
  public var description: String {
    if passed { return "\(file):\(line): passed: example `\(example)`" }
    let texts = failures.map { "\($0.property) is `\($0.got)`, expected `\($0.expected)`" }
    return "\(file):\(line): failed: example `\(example)`: \(texts.joined(separator: "; "))"
  }
}

/// Runs the examples of tables on the compiled tables, as a server would evaluate them.
public enum ExampleRunner {
  /// The results of a table's examples, in their order.
  ///
  /// A table is run alone and as if enforced for all, rules that are off left out: examples are about
  /// what its rules say, however far that counts.
  /// Throws where the table cannot be compiled, or an input is larger than a message may be.
  public static func run(_ table: Table) throws -> [ExampleResult] {
    let names = Set(table.rules.map(\.name))
    let table = table.enforced()
    let (plan, diagnostics) = ChainCompiler.compile([table])
    guard let plan else { throw UncompilableTable(diagnostics: diagnostics) }
    let chain = try CompiledChain(plan)
    var evaluator = Evaluator()
    return try table.examples.map { example in
      let input = EncodedInput(example.input, for: plan.signals, of: table.key)
      try input.fill(&evaluator.vector, reading: chain.view.schema)
      let decision = evaluator.evaluate(chain.view, in: input.bytes.span, fallback: .allow)
      let deciding = decision.decidingHit.map { plan.tables[0].rules[Int(evaluator.hits[$0].rule)] }
      var bytes = ByteWriter()
      bytes.beginMessage(.reply)
      chain.view.write(
        decision, of: &evaluator, correlationID: 0, in: input.bytes.span, to: &bytes)
      bytes.finishMessage(decisionCount: 1)
      let reply = try Reply(reading: bytes.span).decisions[0]
      let label = deciding.map { rule in
        example.rule.flatMap { rule.isMeant(by: $0, among: names) ? $0 : nil } ?? rule.label(among: names)
      }
      return result(of: example, deciding, label, reply.outputs, plan.tables[0], file: table.file)
    }
  }

  private static func result(
    of example: Example, _ rule: RulePlan?, _ label: String?, _ outputs: [DecisionReply.Output],
    _ table: TablePlan, file: String
  ) -> ExampleResult {
    var failures: [ExampleResult.Failure] = []
    func expect(_ property: String, _ expected: String, _ got: String) {
      if expected != got {
        failures.append(.init(property: property, expected: expected, got: got))
      }
    }
    expect("verdict", example.verdict?.name ?? "none", rule?.verdict.name ?? "none")
    if let expected = example.rule { expect("rule", expected, label ?? "none") }
    for expected in expectedOutputs(of: example, table) {
      let got = outputs.first { $0.kind == expected.kind && $0.name == expected.name }
      expect(OutputColumn(expected).text, expected.value, got?.value ?? "")
    }
    return ExampleResult(
      file: file, line: example.location.line, table: table.name,
      example: example.name.isEmpty ? String(example.number) : example.name, failures: failures)
  }
}

extension ExampleRunner {
  /// An example of a table whose matches are all hits names the elements of a list one by one, and
  /// an aggregated number once.
  private static func expectedOutputs(
    of example: Example, _ table: TablePlan
  ) -> [DecisionReply.Output] {
    guard table.hits == .all else { return example.outputs }
    var expected: [DecisionReply.Output] = []
    // A list of nulls alone is not there.
    let present = Set(example.outputs.filter { !$0.value.isEmpty }.map { OutputIdentity($0) })
    func element(_ output: DecisionReply.Output) -> String {
      if output.value.isEmpty { return Table.null }
      let isPlain = table.plainOutputs.contains(OutputIdentity(output))
      return isPlain ? decimalText(output.value) ?? output.value : jsonString(output.value)
    }
    for output in example.outputs {
      let isNumber = table.aggregations.contains {
        $0.kind == output.kind && $0.name == output.name
      }
      if isNumber || !present.contains(OutputIdentity(output)) {
        expected.append(output)
      } else if let index = expected.firstIndex(where: {
        $0.kind == output.kind && $0.name == output.name
      }) {
        expected[index].value = expected[index].value.dropLast() + "," + element(output) + "]"
      } else {
        expected.append(
          .init(kind: output.kind, name: output.name, value: "[\(element(output))]"))
      }
    }
    return expected
  }
}

/// A table that cannot be compiled, and why.
public struct UncompilableTable: Error, CustomStringConvertible, Sendable {
  public let diagnostics: [Diagnostic]

  public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}

extension RulePlan {
  /// Whether an example means the rule by a word: by its name, or by its number where no rule, not even one
  /// that is off, has that for a name.
  fileprivate func isMeant(by word: String, among names: Set<String>) -> Bool {
    word == name || (word == String(number) && !names.contains(word))
  }

  /// Its name, or else its number, which may be another rule's name.
  fileprivate func label(among names: Set<String>) -> String {
    if !name.isEmpty { return name }
    return names.contains(String(number)) ? "the rule in row \(number)" : String(number)
  }
}

extension Table {
  /// The table with every rule that is not off enforced for all.
  fileprivate func enforced() -> Table {
    var table = self
    table.mode = .enforce
    table.canary = nil
    table.shadow = nil
    table.rules.removeAll { $0.mode == .off }
    for index in table.rules.indices {
      table.rules[index].mode = nil
      table.rules[index].canary = nil
    }
    return table
  }
}
