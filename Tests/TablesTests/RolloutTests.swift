import Signals
import Tables
import Testing
import Wire

/// Canaries, modes of rules, candidates and aggregated outputs.
@Suite struct RolloutTests {
  private static let user = Signal.named("user.id")

  private static func table(
    _ name: String, _ verdict: Verdict, role: TableRole = .live, canary: CanaryPlan? = nil
  ) -> TablePlan {
    TablePlan(
      name: name, version: 1, mode: .enforce, columns: [],
      rules: [RulePlan(name: "r", number: 1, verdict: verdict, outputs: [])], role: role,
      canary: canary)
  }

  private static func canaryChain(_ basisPoints: Int, name: String = "t") throws -> CompiledChain {
    let canary = CanaryPlan(slot: 0, basisPoints: basisPoints)
    return try CompiledChain(
      ChainPlan([table(name, .deny, canary: canary)], signals: [user]))
  }

  /// The users of 10,000 that a chain's only table is enforced for.
  private static func enforced(_ chain: CompiledChain) -> Set<Int> {
    var evaluator = Evaluator()
    return Set(
      (0..<10_000).filter { number in
        let input = Input([.text("user-\(number)")], for: [user])
        return evaluator.decide(chain, input, fallback: .allow).verdict == .deny
      })
  }

  @Test(arguments: [1, 100, 500, 2_500, 9_900])
  func `a canary is about its share of the users`(basisPoints: Int) throws {
    let count = Self.enforced(try Self.canaryChain(basisPoints)).count
    #expect(abs(count - basisPoints) <= 30 + basisPoints / 8)
  }

  @Test func `who is in a canary stays in when it grows, and is in by its table's name`() throws {
    let small = Self.enforced(try Self.canaryChain(500))
    #expect(small.isStrictSubset(of: Self.enforced(try Self.canaryChain(1_000))))
    #expect(small == Self.enforced(try Self.canaryChain(500)))
    let other = Self.enforced(try Self.canaryChain(500, name: "another"))
    #expect(small.intersection(other).count < small.count / 2)
    #expect(Self.enforced(try Self.canaryChain(0)).isEmpty)
    #expect(Self.enforced(try Self.canaryChain(10_000)).count == 10_000)
  }

  private static let session = Signal.named("session.id")

  /// A table that denies to a canary by its first rule, and asks for a second factor by its second.
  private static func ruleCanary(_ basisPoints: Int, hits: HitMode = .first) throws -> CompiledChain {
    var plan = table("t", .deny)
    plan.rules[0].canary = CanaryPlan(slot: 1, basisPoints: basisPoints)
    plan.rules.append(RulePlan(name: "rest", number: 2, verdict: .mfa, outputs: []))
    plan.hits = hits
    return try CompiledChain(ChainPlan([plan], signals: [user, session]))
  }

  /// The verdicts of 10,000 sessions of one user.
  private static func verdicts(_ chain: CompiledChain) -> [Verdict] {
    var evaluator = Evaluator()
    return (0..<10_000).map { number in
      let input = Input([.text("user-1"), .text("session-\(number)")], for: [user, session])
      return evaluator.decide(chain, input, fallback: .allow).verdict
    }
  }

  @Test(arguments: [HitMode.first, .all])
  func `a rule's canary is about its share of the sessions, and the rest have the next rule`(
    hits: HitMode
  ) throws {
    let small = Self.verdicts(try Self.ruleCanary(500, hits: hits))
    let count = small.count { $0 == .deny }
    #expect(abs(count - 500) <= 92)
    #expect(small.count { $0 == .mfa } == 10_000 - count)
    #expect(small == Self.verdicts(try Self.ruleCanary(500, hits: hits)))
    let large = Self.verdicts(try Self.ruleCanary(1_000, hits: hits))
    #expect(zip(small, large).allSatisfy { $0 != .deny || $1 == .deny })
    #expect(Self.verdicts(try Self.ruleCanary(0, hits: hits)).allSatisfy { $0 == .mfa })
    #expect(Self.verdicts(try Self.ruleCanary(10_000, hits: hits)).allSatisfy { $0 == .deny })
  }

  /// Else a broken key would be a way past a table that is enforced for nearly everybody.
  @Test(arguments: [SignalState.absent, .invalid, .unverified])
  func `a login without a session is in no rule's canary, and one with a session that is no good in all`(
    state: SignalState
  ) throws {
    var evaluator = Evaluator()
    let input = Input([.text("user-1"), .state(state)], for: [Self.user, Self.session])
    for basisPoints in [1, 9_999] {
      let outcome = evaluator.decide(try Self.ruleCanary(basisPoints), input, fallback: .allow)
      #expect(outcome.verdict == (state == .absent ? .mfa : .deny))
      #expect(outcome.wouldBe == .deny)
      #expect(outcome.mode == .enforce)
    }
  }

  @Test(arguments: [SignalState.absent, .invalid, .unverified])
  func `a login without a key is in no canary, and one with a key that is no good in all`(
    state: SignalState
  ) throws {
    var evaluator = Evaluator()
    let input = Input([.state(state)], for: [Self.user])
    for basisPoints in [1, 9_999] {
      let outcome = evaluator.decide(try Self.canaryChain(basisPoints), input, fallback: .allow)
      #expect(outcome.verdict == (state == .absent ? .allow : .deny))
      #expect(outcome.wouldBe == .deny)
      #expect(outcome.mode == (state == .absent ? .audit : .enforce))
    }
  }

  @Test func `a candidate has no say and is compared with its table or the chain`() throws {
    let plan = ChainPlan([
      Self.table("a", .mfa), Self.table("b", .review),
      Self.table("candidate-a", .deny, role: .shadowOfTable(0)),
      Self.table("candidate", .allow, role: .shadowOfChain),
    ])
    let chain = try CompiledChain(plan)
    var evaluator = Evaluator()
    let outcome = evaluator.decide(chain, Input([], for: []), fallback: .allow)
    #expect(outcome.verdict == .review)
    #expect(outcome.wouldBe == .review)
    #expect(outcome.hits.map(\.table) == [0, 1])
    #expect(evaluator.shadowCount == 2)
    #expect(evaluator.shadow(at: 0) == ShadowOutcome(table: 2, live: .mfa, shadow: .deny))
    #expect(evaluator.shadow(at: 1) == ShadowOutcome(table: 3, live: .review, shadow: .allow))
  }

  @Test func `a candidate is not compared with a table that had no part`() throws {
    let chain = try CompiledChain(
      ChainPlan([
        Self.table("a", .deny), Self.table("b", .mfa),
        Self.table("candidate-a", .deny, role: .shadowOfTable(0)),
        Self.table("candidate-b", .mfa, role: .shadowOfTable(1)),
        Self.table("candidate", .mfa, role: .shadowOfChain),
      ]))
    var evaluator = Evaluator()
    let input = Input([], for: [])
    func compared(killed: UInt64, _ evaluator: inout Evaluator) -> [ShadowOutcome] {
      _ = evaluator.evaluate(chain.view, in: input.message.span, fallback: .review, killed: killed)
      return (0..<evaluator.shadowCount).map { evaluator.shadow(at: $0) }
    }
    let ofChain = ShadowOutcome(table: 4, live: .deny, shadow: .mfa)
    let ofFirst = ShadowOutcome(table: 2, live: .deny, shadow: .deny)
    let ofSecond = ShadowOutcome(table: 3, live: .mfa, shadow: .mfa)
    // The first one's `deny` ends the chain before the second.
    #expect(compared(killed: 0, &evaluator) == [ofFirst, ofChain])
    #expect(
      compared(killed: 1, &evaluator) == [ofSecond, ShadowOutcome(table: 4, live: .mfa, shadow: .mfa)])
    #expect(compared(killed: 2, &evaluator) == [ofFirst, ofChain])
  }

  @Test func `a table that is killed takes no part`() throws {
    let chain = try CompiledChain(
      ChainPlan([Self.table("a", .deny), Self.table("b", .mfa)]))
    var evaluator = Evaluator()
    let input = Input([], for: [])
    func verdict(killed: UInt64, _ evaluator: inout Evaluator) -> Verdict {
      evaluator.evaluate(
        chain.view, in: input.message.span, fallback: .review, killed: killed
      ).verdict
    }
    #expect(verdict(killed: 0, &evaluator) == .deny)
    #expect(verdict(killed: 1, &evaluator) == .mfa)
    #expect(verdict(killed: 3, &evaluator) == .allow)
  }

  @Test(arguments: [-1, 1, 2])
  func `a shadow of a table that is not there is refused`(index: Int) {
    let tables = [
      Self.table("a", .mfa), Self.table("s", .mfa, role: .shadowOfTable(index)),
    ]
    #expect(throws: ImageError.self) { try CompiledChain(ChainPlan(tables)) }
  }

  @Test func `a live table behind a shadow is refused, and a ninth shadow`() {
    let shadow = Self.table("s", .mfa, role: .shadowOfChain)
    #expect(throws: ImageError.self) {
      try CompiledChain(ChainPlan([shadow, Self.table("a", .mfa)]))
    }
    #expect(throws: ImageError.self) {
      try CompiledChain(ChainPlan([TablePlan](repeating: shadow, count: 9)))
    }
    #expect(throws: Never.self) {
      try CompiledChain(ChainPlan([TablePlan](repeating: shadow, count: 8)))
    }
  }

  // MARK: Lists and numbers

  private static func points(
    _ values: [String], _ function: OutputAggregation.Function?, isPlain: Bool = false
  ) throws -> String? {
    let rules = values.enumerated().map { index, value in
      RulePlan(
        name: "", number: index + 1, verdict: .mfa,
        outputs: [.init(kind: .claim, name: "points", value: value)])
    }
    let aggregations = function.map {
      [OutputAggregation(kind: .claim, name: "points", function: $0)]
    }
    let table = TablePlan(
      name: "t", version: 1, mode: .enforce, columns: [], rules: rules, hits: .all,
      aggregations: aggregations ?? [],
      plainOutputs: isPlain ? [OutputIdentity(kind: .claim, name: "points")] : [])
    let reply = try ChainPlan([table]).reply(Input([], for: []))
    return reply.outputs.first { $0.kind == .claim }?.value
  }

  @Test(arguments: [
    (["0.1", "0.2"], OutputAggregation.Function.sum, "0.3"), (["1", "2", "-3.50"], .sum, "-0.5"),
    (["10", "9.99", "10.0"], .min, "9.99"), (["-1", "-2"], .max, "-1"), (["0", "0.00"], .sum, "0"),
    (["999999999999999999", "1"], .sum, "1000000000000000000"), (["-0.05"], .sum, "-0.05"),
    (["100"], .max, "100"),
  ])
  func `aggregated numbers are exact decimals`(
    values: [String], function: OutputAggregation.Function, expected: String
  ) throws {
    #expect(try Self.points(values, function) == expected)
  }

  @Test func `other outputs are arrays, one value too`() throws {
    #expect(try Self.points(["a"], nil) == #"["a"]"#)
    #expect(try Self.points(["a", "b\"\\\n\u{1}", "a"], nil) == #"["a","b\"\\\n\u0001","a"]"#)
  }

  @Test func `numbers and booleans are elements as they stand`() throws {
    let values = ["0", "-0.5", "12345678901234567890.123456789", "true", "false"]
    #expect(try Self.points(values, nil, isPlain: true) == "[\(values.joined(separator: ","))]")
  }

  @Test(arguments: ["", "-", "x", "1e3", "1.", ".5", "007", "-01", "+1", "1.2.3", "TRUE", "1 ", "NaN", "٣"])
  func `what is no number or boolean of JSON does not stand as one`(value: String) {
    #expect(throws: ImageError.self) { try Self.points([value], nil, isPlain: true) }
  }

  @Test func `numbers that are added up need not fit into a list`() throws {
    let many = [String](repeating: "0.25", count: 40_000)
    #expect(try Self.points(many, .sum) == "10000")
  }

  @Test(arguments: ["", "x", "1e3", "1.", ".5", "1234567890123456789", "--1"])
  func `what is no exact decimal number is not aggregated`(value: String) {
    #expect(throws: ImageError.self) { try Self.points([value, "1"], .sum) }
  }

  @Test func `lists that would not fit into a reply are refused`() {
    let long = String(repeating: "x", count: 4000)
    #expect(throws: ImageError.self) {
      try Self.points([String](repeating: long, count: 16), nil)
    }
  }
}
