import Signals
import Tables
import Testing
import Wire

/// Tables of one word and of many, up to the edges of words and blocks.
@Suite struct TableSizeTests {
  private static let ruleCounts = [
    1, 2, 63, 64, 65, 127, 128, 511, 512, 513, 1000, 1024, 1025, 5000,
  ]
  private static let signals = [
    Signal.named("stats.loginsCount"), .named("authentication.methods"),
  ]

  /// Rule `r` matches the number `r` alone.
  private static func plan(ruleCount: Int, withList: Bool) -> ChainPlan {
    let numbers = ColumnPlan(
      .numbers(boundaries: (0..<ruleCount).map(Double.init)),
      states: (0..<ruleCount).map { _ in [] }, classes: (0..<ruleCount).map { [2 * $0 + 1] })
    // Even rules need `pwd`, odd rules must not have `sms`.
    let list = ColumnPlan(
      slot: 1, .list(members: ["pwd", "sms"]), states: (0..<ruleCount).map { _ in [.absent] },
      classes: (0..<ruleCount).map { $0 % 2 == 0 ? [1] : [0, 4] })
    return ChainPlan(
      [
        TablePlan(
          "t", .enforce, withList ? [list, numbers] : [numbers],
          verdicts: (0..<ruleCount).map { _ in .mfa })
      ],
      signals: signals)
  }

  @Test(arguments: ruleCounts, [1, Int.max])
  func `each rule is found by its own value`(
    ruleCount: Int, clusteredRuleCount: Int
  ) throws {
    let plan = Self.plan(ruleCount: ruleCount, withList: false)
    let chain = try CompiledChain(plan, clusteringFrom: clusteredRuleCount)
    var evaluator = Evaluator()
    for rule in edges(ruleCount) {
      let input = Input([.number(Double(rule)), .state(.absent)], for: Self.signals)
      let decision = evaluator.decide(chain, input, fallback: .allow)
      #expect(decision.hits == [Hit(table: 0, rule: UInt32(rule))])
    }
    for number in [-1, 0.5, Double(ruleCount)] {
      let input = Input([.number(number), .state(.absent)], for: Self.signals)
      #expect(evaluator.decide(chain, input, fallback: .allow).hitCount == 0)
    }
  }

  @Test(arguments: ruleCounts, [1, Int.max])
  func `a list column says which rules of a large table stay`(
    ruleCount: Int, clusteredRuleCount: Int
  ) throws {
    let plan = Self.plan(ruleCount: ruleCount, withList: true)
    let chain = try CompiledChain(plan, clusteringFrom: clusteredRuleCount)
    var evaluator = Evaluator()
    for rule in edges(ruleCount) {
      for (methods, isAllowed) in [
        (["pwd"], true), (["sms"], false), (["pwd", "sms"], rule % 2 == 0),
        (["sms", "otp", "pwd"], rule % 2 == 0), (["otp"], rule % 2 == 1), ([], rule % 2 == 1),
      ] {
        let input = Input([.number(Double(rule)), .list(methods)], for: Self.signals)
        let decision = evaluator.decide(chain, input, fallback: .allow)
        #expect(decision.hitCount == (isAllowed ? 1 : 0), "rule \(rule), \(methods)")
      }
      let absent = Input([.number(Double(rule)), .state(.absent)], for: Self.signals)
      #expect(evaluator.decide(chain, absent, fallback: .allow).hits.first?.rule == UInt32(rule))
    }
  }

  @Test(arguments: ruleCounts, [1, Int.max])
  func `the first of many matching rules is the hit`(
    ruleCount: Int, clusteredRuleCount: Int
  ) throws {
    for first in edges(ruleCount) {
      let column = ColumnPlan(
        .direct(classes: [0]), states: (0..<ruleCount).map { _ in [] },
        classes: (0..<ruleCount).map { $0 >= first ? [0] : [] })
      let plan = ChainPlan(
        [TablePlan("t", .enforce, [column], verdicts: (0..<ruleCount).map { _ in .mfa })],
        signals: [.named("session.mfaRequired")])
      let chain = try CompiledChain(plan, clusteringFrom: clusteredRuleCount)
      var evaluator = Evaluator()
      let input = Input([.index(0)], for: plan.signals)
      let decision = evaluator.decide(chain, input, fallback: .allow)
      #expect(decision.hits == [Hit(table: 0, rule: UInt32(first))])
    }
  }

  @Test(arguments: [0, 1, 64, 65, 600])
  func `without columns the first rule matches, if there is one`(ruleCount: Int) throws {
    let plan = ChainPlan([TablePlan(verdicts: (0..<ruleCount).map { _ in .deny })])
    let decision = try plan.decide(Input([], for: []), fallback: .review)
    #expect(decision.hits == (ruleCount == 0 ? [] : [Hit(table: 0, rule: 0)]))
    #expect(decision.verdict == (ruleCount == 0 ? .review : .deny))
  }

  @Test func `a table without rules matches nothing, whatever its columns`() throws {
    let column = ColumnPlan(.numbers(boundaries: [1]), states: [], classes: [])
    let plan = ChainPlan(
      [TablePlan("t", .enforce, [column], verdicts: [])], signals: [Self.signals[0]])
    let decision = try plan.decide(Input([.number(1)], for: plan.signals), fallback: .review)
    #expect(decision.hitCount == 0)
    #expect(decision.verdict == .review)
    #expect(decision.flags == .noMatch)
  }

  /// The rules on both sides of every edge of a word or block, and of the table.
  private func edges(_ ruleCount: Int) -> [Int] {
    [
      0, 1, 62, 63, 64, 65, 510, 511, 512, 513, 1023, 1024, ruleCount / 2, ruleCount - 2,
      ruleCount - 1,
    ]
    .filter { $0 >= 0 && $0 < ruleCount }
  }
}
