import RulesOracle
import Signals
import Testing
import Wire

@testable import Rules

/// What the analyser says of random tables is what trying every input shows: nothing is missed and
/// nothing invented.
@Suite struct AnalysisPropertyTests {
  private static let ordered: [HitPolicy] = [.first, .priority]

  @Test(arguments: 0..<3, HitPolicy.allCases)
  func `gaps and undecided states are those that trying finds`(part: Int, policy: HitPolicy) throws {
    for one in AnalysisCase.random(part, policy) {
      if one.table.defaultRule != nil {
        #expect(!one.findings.contains { [.gap, .undecidedState].contains($0.kind) }, one.note)
        let isIdle = one.findings.contains { $0.kind == .masked && $0.rules.isEmpty }
        #expect(isIdle == one.brute.matches.allSatisfy { !$0.isEmpty }, one.note)
        continue
      }
      let uncovered = zip(one.brute.inputs, one.brute.matches).filter(\.1.isEmpty).map(\.0)
      let gap = one.findings.first { $0.kind == .gap }
      let ofValues = uncovered.filter { $0.allSatisfy { $0.state == .value } }
      #expect((gap != nil) == !ofValues.isEmpty, one.note)
      if let gap, gap.isComplete {
        for input in ofValues {
          let isNamed = try gap.regions.contains { try $0.contains(input, of: one.table.inputs) }
          #expect(isNamed, "\(input), \(one.note)")
        }
      }
      let states = one.findings.first { $0.kind == .undecidedState }
      for (column, signal) in one.table.inputs.enumerated() {
        let undecided = PlainSignal.states.filter { state in
          uncovered.contains { $0[column] == state && Self.isForWant(of: column, $0, one) }
        }
        #expect((states?.message.contains("`\(signal.name)`") ?? false) == !undecided.isEmpty, one.note)
        for state in undecided {
          let isNamed = try (states?.regions ?? []).contains {
            try Region.matches($0.cells[column], state, signal)
          }
          #expect(isNamed, one.note)
        }
      }
      for finding in [gap, states].compactMap(\.self) {
        try Self.check(finding, one) { $0.isEmpty }
      }
    }
  }

  /// Whether an input that no rule matches is one for want of a signal's value: some rule is about it, and
  /// the others have values, or a value of it is decided.
  private static func isForWant(of column: Int, _ input: [PlainSignal], _ one: AnalysisCase) -> Bool {
    guard one.table.rules.contains(where: { !$0.cells[column].isAny }) else { return false }
    if input.indices.allSatisfy({ $0 == column || input[$0].state == .value }) { return true }
    return one.brute.samples[column].contains { value in
      var other = input
      other[column] = value
      return value.state == .value && !BruteForce.rules(of: one.table, matching: other).isEmpty
    }
  }

  @Test(arguments: HitPolicy.allCases.filter { !ordered.contains($0) })
  func `where no order decides, only a rule that matches nothing is masked`(
    policy: HitPolicy
  ) throws {
    for one in AnalysisCase.random(9, policy) {
      let matching = Set(one.brute.matches.joined())
      #expect(one.rules(.masked) == Set(one.table.rules.indices).subtracting(matching), one.note)
      let kinds = one.findings.map(\.kind)
      #expect(!kinds.contains(.misleading), one.note)
      #expect(policy == .any || !kinds.contains(.subsumed), one.note)
      #expect(!kinds.contains(.redundant), one.note)
      #expect(policy == .any || !kinds.contains(.conflict), one.note)
      #expect(policy == .unique || !kinds.contains(.overlap), one.note)
    }
  }

  @Test(arguments: 0..<4, ordered)
  func `masked and redundant rules are those that trying finds`(
    part: Int, policy: HitPolicy
  ) throws {
    for one in AnalysisCase.random(part, policy) {
      let firing = Set(one.brute.matches.compactMap(\.first))
      let masked = Set(one.table.rules.indices).subtracting(firing)
      #expect(one.rules(.masked) == masked, one.note)
      for finding in one.findings where finding.kind == .masked && finding.rules.count > 1 {
        let masks = Set(finding.rules.dropFirst().map(one.index))
        let rule = one.index(finding.rules[0])
        try Self.check(finding, one) { matches in
          matches.contains(rule) && matches.contains { $0 < rule && masks.contains($0) }
        }
      }
      let redundant = firing.filter { rule in
        one.brute.matches.allSatisfy { matches in
          one.answer(matches) == one.answer(matches.filter { $0 != rule })
        }
      }
      let subsumed = one.rules(.subsumed)
      #expect(one.rules(.redundant).union(subsumed) == redundant, one.note)
      #expect(one.rules(.redundant).isDisjoint(with: subsumed), one.note)
      for finding in one.findings where finding.kind == .subsumed {
        let (rule, holder) = (one.index(finding.rules[0]), one.index(finding.rules[1]))
        #expect(holder > rule && one.answers[rule] == one.answers[holder], one.note)
        #expect(one.brute.matches.allSatisfy { !$0.contains(rule) || $0.contains(holder) }, one.note)
      }
    }
  }

  @Test(arguments: 0..<4, ordered)
  func `misleading rules are those that trying finds`(part: Int, policy: HitPolicy) throws {
    for one in AnalysisCase.random(part, policy) {
      let firing = Set(one.brute.matches.compactMap(\.first))
      let misleading = firing.filter { rule in
        (0..<rule).contains { other in
          one.answers[other] != one.answers[rule]
            && one.brute.matches.contains { $0.first == other && $0.contains(rule) }
            && one.brute.matches.contains { $0.contains(other) && !$0.contains(rule) }
            && one.brute.matches.contains { !$0.contains(other) && $0.contains(rule) }
        }
      }
      #expect(one.rules(.misleading) == misleading, one.note)
      for finding in one.findings where finding.kind == .misleading {
        let (rule, other) = (one.index(finding.rules[0]), one.index(finding.rules[1]))
        #expect(one.answers[rule] != one.answers[other], one.note)
        try Self.check(finding, one) { $0.first == other && $0.contains(rule) }
      }
      let normal = one.findings.filter { $0.kind == .firstNormalForm }.map(\.message)
      #expect(normal.count == (misleading.isEmpty ? 0 : 1), one.note)
      #expect(normal.allSatisfy { $0.contains(" decides for \(misleading.count) of them;") }, one.note)
    }
  }

  @Test(arguments: 0..<4)
  func `overlaps of UNIQUE rules are those that trying finds`(part: Int) throws {
    for one in AnalysisCase.random(part, .unique) {
      let overlapping = one.table.rules.indices.filter { rule in
        one.brute.matches.contains { $0.contains(rule) && $0.last! > rule }
      }
      let found = one.findings.filter { $0.kind == .overlap }
      #expect(Set(found.map { one.index($0.rules[1]) }) == Set(overlapping), one.note)
      for finding in found {
        let pair = finding.rules.map(one.index)
        #expect(finding.severity == .error)
        try Self.check(finding, one) { $0.contains(pair[0]) && $0.contains(pair[1]) }
      }
    }
  }

  @Test(arguments: 0..<4)
  func `conflicts and needless rules of ANY are those that trying finds`(part: Int) throws {
    for one in AnalysisCase.random(part, .any) {
      let answers = one.answers
      let conflicting = one.table.rules.indices.filter { rule in
        one.brute.matches.contains { matches in
          matches.contains(rule) && matches.contains { $0 > rule && answers[$0] != answers[rule] }
        }
      }
      let found = one.findings.filter { $0.kind == .conflict }
      #expect(Set(found.map { one.index($0.rules[1]) }) == Set(conflicting), one.note)
      for finding in found {
        let pair = finding.rules.map(one.index)
        #expect(answers[pair[0]] != answers[pair[1]], one.note)
        try Self.check(finding, one) { $0.contains(pair[0]) && $0.contains(pair[1]) }
      }
      for finding in one.findings where finding.kind == .subsumed {
        let pair = finding.rules.map(one.index)
        #expect(answers[pair[0]] == answers[pair[1]], one.note)
        #expect(one.brute.matches.allSatisfy { !$0.contains(pair[0]) || $0.contains(pair[1]) })
      }
      let needless = one.table.rules.indices.filter { rule in
        one.holders(rule).contains { !one.holders($0).contains(rule) }
          && !one.holders(rule).contains { $0 < rule && one.holders($0).contains(rule) }
      }
      #expect(one.rules(.subsumed) == Set(needless), one.note)
      #expect(one.rules(.redundant).isEmpty, one.note)
    }
  }

  /// Every input of a finding's regions, and its witness, is as the finding says; and the regions'
  /// cells say the same of all inputs that the table cannot tell apart. (Of lists it can more: a
  /// region may name a member that makes no difference.)
  private static func check(
    _ finding: Finding, _ one: AnalysisCase, _ isAsSaid: ([Int]) -> Bool
  ) throws {
    let signals = one.table.inputs
    for (input, matches) in zip(one.brute.inputs, one.brute.matches) {
      let isNamed = try finding.regions.contains { try $0.contains(input, of: signals) }
      #expect(!isNamed || isAsSaid(matches), "\(finding): \(input), \(one.note)")
    }
    let witness = try #require(finding.input)
    #expect(isAsSaid(BruteForce.rules(of: one.table, matching: witness.values)), one.note)
    #expect(try finding.regions[0].contains(witness.values, of: signals), one.note)
    for region in finding.regions {
      for (column, signal) in signals.enumerated() where signal.type != .list {
        let cells = one.table.rules.map { $0.cells[column] }
        var byMatches: [[Bool]: Bool] = [:]
        for edge in one.brute.edges[column] {
          let key = cells.map { $0.matches(edge) } + PlainSignal.states.map { $0 == edge }
          let isNamed = try Region.matches(region.cells[column], edge, signal)
          #expect(byMatches[key] ?? isNamed == isNamed, "\(region): \(edge), \(one.note)")
          byMatches[key] = isNamed
        }
      }
    }
  }
}
