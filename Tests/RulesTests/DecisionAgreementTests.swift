import DMN
import Foundation
import RulesOracle
import Signals
import Tables
import Testing
import Wire

@testable import Rules

/// A login table and the same table as a DMN decision, evaluated by DMN's engine, give the same JSON.
@Suite struct DecisionAgreementTests {
  private struct Case {
    let table: Table
    let set: TableSet.Chain
    let chain: CompiledChain
    let model: DecisionModel
    let note: Comment

    /// `nil` for a table of UNIQUE or ANY whose rules are in conflict.
    init?(_ policy: HitPolicy, seed: UInt64) throws {
      var random = SeededGenerator(seed: seed)
      let source = DecisionAgreementTests.source(policy, using: &random)
      note = "seed \(seed):\n\(source)"
      let (read, diagnostics) = TableReader.read(source, file: "t.table.md")
      table = try #require(read, "\(diagnostics)")
      guard let compiled = TableSet([table]).chains.first else { return nil }
      set = compiled
      chain = try CompiledChain(set.plan)
      model = try #require(
        ModelReader.read(Data(try table.text(.dmn).utf8), file: "t.table.dmn").model)
    }

    /// Whether a cell of the column is a `not(...)`: of DMN it matches null, here a state only where it is
    /// named.
    func excludes(column: Int) -> Bool {
      table.rules.contains { rule in
        if case .noneOf = rule.cells[column].values { true } else { false }
      }
    }

    /// What DMN's engine says, of one output column where `column` names it.
    func result(_ input: String, column: String? = nil) throws -> String {
      var model = model
      model.inputs = table.inputs.map { InputData(id: $0.name, name: $0.name) }
      model.decisions[0].requirements.inputs = table.inputs.map(\.name)
      var rules = try #require(model.decisions[0].table)
      if let index = rules.outputs.firstIndex(where: { $0.name == column }) {
        rules.outputs = [rules.outputs[index]]
        for rule in rules.rules.indices {
          rules.rules[rule].outputEntries = [rules.rules[rule].outputEntries[index]]
        }
        model.decisions[0].expression?.kind = .table(rules)
      }
      let reading = ModelReader.reading(model, file: "t.dmn", problems: [])
      let evaluator = try #require(DecisionEvaluator(reading))
      guard case .context(let context) = try FeelJSON.read(input) else { return "no object" }
      return FeelJSON.write(try evaluator.evaluate(model.decisions[0], input: context).value)
    }

    /// What the compiled table says: its reply, and the hits where they are a list.
    func reply(_ input: String) throws -> (reply: DecisionReply, hits: [HitOutputs]) {
      let parsed = try #require(InputParser([table]).parse(json: input, headers: []).input)
      let encoded = EncodedInput(parsed, for: set.plan.signals, of: table.key)
      var evaluator = Evaluator()
      try encoded.fill(&evaluator.vector, reading: chain.view.schema)
      let decision = evaluator.evaluate(chain.view, in: encoded.bytes.span, fallback: .allow)
      var bytes = ByteWriter()
      bytes.beginMessage(.reply)
      chain.view.write(
        decision, of: &evaluator, correlationID: 0, in: encoded.bytes.span, to: &bytes)
      bytes.finishMessage(decisionCount: 1)
      let hits = set.hitOutputs(evaluator.hits, of: [table])
      return (try Reply(reading: bytes.span).decisions[0], hits)
    }
  }

  private static func source(_ policy: HitPolicy, using random: inout SeededGenerator) -> String {
    var lines = ["---", "trigger: post-login", "mode: enforce", "hitPolicy: \(policy.letters)"]
    lines += ["signals:", "  age: number", "  kind: string", "  known: boolean"]
    lines += ["outputs:", "  claim.n: number", "  claim.ok: boolean"]
    let verdicts = Verdict.allCases.shuffled(using: &random).map(\.name)
    if policy.isByPriority {
      lines += ["values:"]
      let isByVerdict = random.chance(70)
      if isByVerdict { lines.append("  verdict: \(verdicts.joined(separator: ", "))") }
      if !isByVerdict || random.chance(50) { lines.append("  claim.n: 2.5, -1, 7") }
    }
    if random.chance(40) {
      lines += ["default:", "  verdict: \(verdicts[0])", "  reason: nothing fits", "  claim.n: 7"]
    }
    lines += ["---", "## Rules", "| age | kind | known | verdict | reason | claim.n | claim.ok |"]
    lines.append("|---|---|---|---|---|---|---|")
    let answers = (0..<6).map { _ in answer(verdicts, using: &random) }
    for rule in 0..<(1 + random.below(5)) {
      let age =
        policy == .unique
        ? "[\(rule * 10)..\(rule * 10 + 10))"
        : random.pick(["-", ">= 20", "< 30", "[10..40)", "10, 25", "not(25)"])
      let kind = random.pick(["-", "-", "\"a\"", "\"a\", \"b\"", "not(\"a\")"])
      let known = random.pick(["-", "-", "true", "false"])
      lines.append("| \(age) | \(kind) | \(known) | \(policy == .any ? answers[0] : answers[rule]) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Every other cell is null.
  private static func answer(_ verdicts: [String], using random: inout SeededGenerator) -> String {
    [
      random.pick(verdicts), random.pick(["", "", "high", "a, \"b\" \\| c", "null"]),
      random.pick(["", "", "2.5", "-1", "7"]), random.pick(["", "", "true", "false"]),
    ].joined(separator: " | ")
  }

  private static func json(_ value: String?, _ type: OutputClause.ValueType) -> String {
    value.map { type == .string ? jsonString($0) : $0 } ?? "null"
  }

  private static func context(_ verdict: Verdict, _ values: [(String, String)]) -> String {
    let pairs = ([("verdict", jsonString(verdict.name))] + values).map { "\(jsonString($0)): \($1)" }
    return "{\(pairs.joined(separator: ", "))}"
  }

  private static func context(_ hit: HitOutputs) -> String {
    context(hit.verdict, hit.components.map { ($0.column, json($0.value, $0.type)) })
  }

  /// A reply's value of a column as JSON.
  private static func value(_ clause: OutputClause, _ reply: DecisionReply) -> String? {
    reply.outputs.first { OutputColumn($0) == clause.column }?.value
  }

  private static func check(_ one: Case, _ input: String) throws {
    let (reply, hits) = try one.reply(input)
    let note: Comment = "\(input), \(one.note)"
    let isAggregated = one.table.outputs.contains(where: one.table.isAggregated)
    if reply.flags.contains(.noMatch) {
      // DMN collects nothing, and counts none.
      let nothing =
        switch one.table.hitPolicy {
        case .collectCount: "0"
        case .collect: "[]"
        default: "null"
        }
      #expect(try one.result(input) == nothing, note)
    } else if !one.table.hitPolicy.isMultiHit {
      let values = one.table.outputs.map { ($0.column.text, json(value($0, reply), $0.type)) }
      #expect(try one.result(input) == context(reply.verdict, values), note)
    } else if !isAggregated {
      let contexts = hits.map(context)
      // DMN has the default by itself, a reply as the only element.
      let isDefault = hits[0].rule == 0
      let expected = isDefault ? contexts[0] : "[\(contexts.joined(separator: ", "))]"
      #expect(try one.result(input) == expected, note)
      #expect(reply.verdict == hits.map(\.verdict).max(), note)
      for (index, clause) in one.table.outputs.enumerated() {
        let values = hits.map { $0.components[index].value }
        let list = "[\(values.map { json($0, clause.type) }.joined(separator: ","))]"
        #expect(value(clause, reply) == (values.allSatisfy { $0 == nil } ? nil : list), note)
      }
    } else {
      for clause in one.table.outputs where one.table.isAggregated(clause) {
        // A column that the default leaves out has, alone, no default: DMN counts no hit then.
        let isCounted = one.table.hitPolicy == .collectCount && reply.rule == 0
        let expected = value(clause, reply) ?? (isCounted ? "0" : "null")
        let got = try one.result(input, column: clause.column.text)
        #expect(got == expected, "\(clause.column.text), \(note)")
      }
    }
  }

  @Test(arguments: HitPolicy.allCases)
  func `a table as Markdown and as DMN answers the same, null included`(policy: HitPolicy) throws {
    var seed: UInt64 = 0xD3A6_0000
    var count = 0
    while count < 25 {
      seed += 1
      guard let one = try Case(policy, seed: seed) else { continue }
      count += 1
      // What is left out, or null, is null to both.
      for age in ["5", "10", "25", "35", "99.5", "null", nil] {
        for kind in ["\"a\"", "\"b\"", "\"c\"", nil] {
          for known in ["true", "false", nil] {
            let pairs = [("age", age), ("kind", kind), ("known", known)]
            if pairs.indices.contains(where: { pairs[$0].1 ?? "null" == "null" && one.excludes(column: $0) }) {
              continue
            }
            let given = pairs.compactMap { name, value in value.map { "\"\(name)\": \($0)" } }
            try Self.check(one, "{\(given.joined(separator: ", "))}")
          }
        }
      }
    }
  }
}
