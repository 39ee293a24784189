import RulesOracle
import Signals
import Testing
import Wire

@testable import Rules

/// A random table, what the analyser says of it, and what trying shows.
struct AnalysisCase {
  let seed: UInt64
  /// Its rules in the order in which they decide; their numbers are those of the source.
  let table: Table
  let brute: BruteForce
  let findings: [Finding]
  /// By rule.
  let answers: [Answer]

  /// What the table answers by the first of some rules, or by its default.
  func answer(_ matches: [Int]) -> Answer? {
    matches.first.map { answers[$0] } ?? table.defaultRule.map(Answer.init)
  }

  func index(_ rule: Finding.RuleName) -> Int {
    table.rules.firstIndex { $0.number == rule.number }!
  }

  func rules(_ kind: Finding.Kind) -> Set<Int> {
    Set(findings.filter { $0.kind == kind }.compactMap { $0.rules.first.map(index) })
  }

  /// The other rules of the same answer that match all that a rule does, if it matches anything.
  func holders(_ rule: Int) -> Set<Int> {
    let inputs = brute.matches.filter { $0.contains(rule) }
    guard let first = inputs.first else { return [] }
    let holding = inputs.reduce(into: Set(first)) { $0.formIntersection($1) }
    return holding.filter { $0 != rule && answers[$0] == answers[rule] }
  }

  var note: Comment {
    "seed \(seed): \(table.hitPolicy), \(answers), \(table.rules.map(\.cells)) of \(table.inputs.map(\.name))"
  }

  private static let tablesPerPart = 20

  /// Some tables of a policy; those that tests look at in one part are always the same.
  static func random(_ part: Int, _ hitPolicy: HitPolicy) -> [AnalysisCase] {
    var cases: [AnalysisCase] = []
    var seed = 0xC4EC_0000 + UInt64(part) * 1_000_000
    while cases.count < tablesPerPart {
      seed += 1
      var random = SeededGenerator(seed: seed)
      let signals = Array(
        RandomVocabulary.signals.shuffled(using: &random).prefix(1 + random.below(3)))
      var table = Table.random(
        hitPolicy, signals: signals, ruleCount: 1 + random.below(7), using: &random)
      if random.chance(30) {
        table.defaultRule = Rule(
          name: Rule.defaultName, number: 0, cells: signals.map { _ in .any }, verdict: .mfa)
      }
      if random.chance(50) { table.verdictValues = [.allow, .mfa].shuffled(using: &random) }
      if random.chance(50) { table.outputs[0].values = ["x", "y"].shuffled(using: &random) }
      repeatSome(of: &table, using: &random)
      let findings = table.findings()
      table.rules = inOrder(table)
      guard let brute = BruteForce(table) else { continue }
      cases.append(
        AnalysisCase(
          seed: seed, table: table, brute: brute, findings: findings, answers: table.rules.map(Answer.init)))
    }
    return cases
  }

  /// Makes some rules what another is but for one cell, or wholly: by chance alone there are few.
  private static func repeatSome(of table: inout Table, using random: inout SeededGenerator) {
    for rule in table.rules.indices.dropFirst() where random.chance(20) {
      let other = table.rules[random.below(rule)]
      let column = random.below(table.inputs.count)
      let own = table.rules[rule].cells[column]
      table.rules[rule].cells = other.cells
      if random.chance(70) { table.rules[rule].cells[column] = own }
      (table.rules[rule].verdict, table.rules[rule].outputs) = (other.verdict, other.outputs)
    }
  }

  /// Rules in the order in which DMN has them decide: by the lists of values from left to right, what is in
  /// none of them last.
  private static func inOrder(_ table: Table) -> [Rule] {
    guard [.priority, .outputOrder].contains(table.hitPolicy) else { return table.rules }
    let reasons = table.outputs[0].values
    return table.verdictValues.flatMap { verdict in
      let own = table.rules.filter { $0.verdict == verdict }
      if reasons.isEmpty { return own }
      return (reasons.map { $0 as String? } + [nil]).flatMap { reason in
        own.filter { $0.outputs.first?.value == reason }
      }
    }
  }
}
