import RulesOracle
import Signals
import Testing
import Wire

@testable import Rules

/// What the analyser advises of random tables is what trying every input shows: nothing is missed and
/// nothing invented.
@Suite struct AdvicePropertyTests {
  private static let ordered: [HitPolicy] = [.first, .priority]

  @Test(arguments: 0..<4, [.any] + ordered)
  func `UNIQUE is advised for the tables whose rules never overlap`(
    part: Int, policy: HitPolicy
  ) throws {
    for one in AnalysisCase.random(part, policy) {
      let isDisjoint = one.brute.matches.allSatisfy { $0.count < 2 } && one.table.rules.count > 1
      let advised = one.findings.contains {
        $0.kind == .hitPolicy && $0.message.contains("UNIQUE")
      }
      #expect(advised == isDisjoint, one.note)
    }
  }

  @Test(arguments: 0..<4, ordered)
  func `ANY is advised for the tables whose rules overlap only where they answer the same`(
    part: Int, policy: HitPolicy
  ) {
    for one in AnalysisCase.random(part, policy) {
      let isAgreeing = one.brute.matches.allSatisfy { Set($0.map { one.answers[$0] }).count < 2 }
      let isDisjoint = one.brute.matches.allSatisfy { $0.count < 2 }
      let advised = one.findings.contains { $0.kind == .hitPolicy && $0.message.contains("ANY") }
      #expect(advised == (isAgreeing && !isDisjoint), one.note)
    }
  }

  @Test(arguments: 0..<3, HitPolicy.allCases)
  func `needless columns are those that trying finds`(part: Int, policy: HitPolicy) {
    for one in AnalysisCase.random(part, policy) {
      let found = one.findings.filter { $0.kind == .secondNormalForm }.map(\.message)
      for (column, signal) in one.table.inputs.enumerated() {
        let isBlank = one.table.rules.allSatisfy { $0.cells[column].isAny }
        // Inputs that differ in this column only.
        var decisions: [[PlainSignal]: Set<Answer?>] = [:]
        for (input, matches) in zip(one.brute.inputs, one.brute.matches) {
          var others = input
          others.remove(at: column)
          decisions[others, default: []].insert(one.answer(matches))
        }
        let isIdle = !policy.isMultiHit && decisions.values.allSatisfy { $0.count == 1 }
        let told = found.filter { $0.contains("`\(signal.name)`") }
        #expect(told.count == (isBlank || isIdle ? 1 : 0), "\(signal.name), \(one.note)")
        #expect(told.allSatisfy { $0.hasPrefix(isBlank ? "every cell" : "no decision") }, one.note)
      }
    }
  }

  @Test(arguments: 0..<3, HitPolicy.allCases.filter { $0.isMultiHit || $0 == .any })
  func `rules that are there twice are those that trying finds`(part: Int, policy: HitPolicy) {
    for one in AnalysisCase.random(part, policy) {
      let twice = one.table.rules.indices.filter { rule in
        one.holders(rule).contains { $0 < rule && one.holders($0).contains(rule) }
      }
      #expect(one.rules(.firstNormalForm) == Set(twice), one.note)
    }
  }

  @Test(arguments: 0..<3, HitPolicy.allCases)
  func `a contracted table decides as it did`(part: Int, policy: HitPolicy) throws {
    for one in AnalysisCase.random(part, policy) {
      for finding in one.findings where finding.kind == .contractible {
        let joined = finding.rules.map(one.index)
        let text = try #require(finding.message.split(separator: "one rule with `").last)
        let cell = String(text.dropLast("` there says the same".count))
        var table = one.table
        let column = try #require(
          one.table.inputs.indices.first { finding.message.contains("`\(table.inputs[$0].name)`") })
        table.rules[joined[0]].cells[column] = try CellParser.parse(
          cell, for: table.inputs[column])
        for rule in joined.dropFirst().reversed() { table.rules.remove(at: rule) }
        for (input, matches) in zip(one.brute.inputs, one.brute.matches) {
          let now = BruteForce.rules(of: table, matching: input).map { Answer(table.rules[$0]) }
          let before = matches.map { one.answers[$0] }
          let isSame =
            switch policy {
            case .first, .priority: now.first == before.first
            // Where rules overlap that must not, which of them is none of a contraction's business.
            case .unique, .any: Set(now) == Set(before)
            default: now == before
            }
          #expect(isSame, "\(finding.message): \(input), \(one.note)")
        }
      }
    }
  }

  @Test(arguments: 0..<3, HitPolicy.allCases)
  func `no two rules that could be one are left out`(part: Int, policy: HitPolicy) {
    for one in AnalysisCase.random(part, policy) {
      let found = one.findings.filter { $0.kind == .contractible }
      for (column, signal) in one.table.inputs.enumerated() {
        let told = Set(
          found.filter { $0.message.contains("differ in `\(signal.name)` only") }
            .flatMap { $0.rules.map(one.index) })
        for second in one.table.rules.indices {
          for first in 0..<second where Self.couldBeOne(first, second, column, one) {
            // Either may be in a finding with others, which the other of them does not fit into.
            #expect(
              told.contains(first) || told.contains(second),
              "\(first) and \(second) by \(signal.name), \(one.note)")
          }
        }
      }
    }
  }

  /// Whether two rules of one answer differ in a column only, one cell says what both of theirs do, and the
  /// second may stand where the first does.
  private static func couldBeOne(_ first: Int, _ second: Int, _ column: Int, _ one: AnalysisCase) -> Bool {
    let (a, b) = (one.table.rules[first], one.table.rules[second])
    guard one.answers[first] == one.answers[second],
      one.table.inputs.indices.allSatisfy({ $0 == column || a.cells[$0] == b.cells[$0] }),
      isOneCell(a.cells[column], b.cells[column], one.table.inputs[column])
    else { return false }
    switch one.table.hitPolicy {
    case .unique, .any: return true
    case .first, .priority:
      return !one.brute.matches.contains { matches in
        matches.contains(second)
          && matches.contains { first < $0 && $0 < second && one.answers[$0] != one.answers[second] }
      }
    default:
      return !one.brute.matches.contains { matches in
        matches.contains(second) && matches.contains { first <= $0 && $0 < second }
      }
    }
  }

  /// Whether the language has a cell for what either of two matches: any set of numbers, booleans or cases;
  /// alternatives side by side; without states, all but some texts or addresses.
  private static func isOneCell(_ a: UnaryTests, _ b: UnaryTests, _ signal: Signal) -> Bool {
    if [.number, .boolean, .enumeration].contains(signal.type) { return true }
    if a.values == .any || b.values == .any { return true }
    func isPositive(_ cell: UnaryTests) -> Bool {
      if case .noneOf = cell.values { false } else { true }
    }
    if isPositive(a), isPositive(b) { return true }
    return signal.type != .list && a.states.union(b.states).isEmpty
  }
}
