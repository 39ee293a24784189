import Signals
import Tables
import Testing
import Wire

/// How the verdicts of a chain's tables become one.
@Suite struct ChainTests {
  private let nothing = Input([], for: [])

  private func decide(_ tables: [TablePlan], fallback: Verdict = .allow) throws -> Outcome {
    try ChainPlan(tables).decide(nothing, fallback: fallback)
  }

  @Test func `the strongest verdict wins`() throws {
    let decision = try decide([.constant(.mfa), .constant(.review), .constant(.allow)])
    #expect(decision.verdict == .review)
    #expect(decision.decidingHit == 1)
    #expect(decision.hitCount == 3)
    #expect(decision.mode == .enforce)
    #expect(decision.flags == [])
  }

  @Test func `the first among equals decides`() throws {
    let decision = try decide([.constant(.allow), .constant(.mfa), .constant(.mfa)])
    #expect(decision.decidingHit == 1)
  }

  @Test(arguments: [Verdict.deny, .revoke])
  func `a stopping verdict ends the chain`(verdict: Verdict) throws {
    let decision = try decide([.constant(.mfa), .constant(verdict), .constant(.revoke)])
    #expect(decision.verdict == verdict)
    #expect(decision.hits.map(\.table) == [0, 1])
    #expect(decision.wouldBe == verdict)
  }

  @Test(arguments: [Mode.audit, .advisory])
  func `a table that is not enforced counts for the would-be verdict alone`(mode: Mode) throws {
    let decision = try decide([.constant(.mfa), .constant(.review, mode), .constant(.allow)])
    #expect(decision.verdict == .mfa)
    #expect(decision.wouldBe == .review)
    #expect(decision.mode == .enforce)
    #expect(decision.decidingHit == 0)
    #expect(decision.hits.map(\.table) == [0, 1, 2])
  }

  @Test func `a would-be stop ends the would-be chain and not the chain`() throws {
    let decision = try decide([.constant(.deny, .audit), .constant(.mfa), .constant(.revoke)])
    #expect(decision.verdict == .revoke)
    #expect(decision.wouldBe == .deny)
    #expect(decision.decidingHit == 2)
  }

  @Test func `a table that is off is not evaluated`() throws {
    let decision = try decide([.constant(.deny, .off), .constant(.mfa)])
    #expect(decision.verdict == .mfa)
    #expect(decision.wouldBe == .mfa)
    #expect(decision.hits.map(\.table) == [1])
  }

  @Test func `a chain that is only audited allows`() throws {
    let decision = try decide([.constant(.deny, .audit)], fallback: .revoke)
    #expect(decision.verdict == .allow)
    #expect(decision.wouldBe == .deny)
    #expect(decision.mode == .audit)
    #expect(decision.decidingHit == nil)
    #expect(decision.flags == [])
  }

  @Test func `the strongest mode is told where no table decides`() throws {
    #expect(try decide([.constant(.mfa, .audit), .constant(.mfa, .advisory)]).mode == .advisory)
    #expect(try decide([.constant(.mfa, .off)]).mode == .off)
    #expect(try decide([]).mode == .off)
    #expect(try decide([], fallback: .deny).verdict == .allow)
  }

  @Test func `the mode behind a stop is still told`() throws {
    #expect(try decide([.constant(.deny), .constant(.mfa, .audit)]).mode == .enforce)
  }

  @Test func `without a match the fallback is the verdict, flagged`() throws {
    let empty = TablePlan(verdicts: [])
    let decision = try decide([empty], fallback: .review)
    #expect(decision.verdict == .review)
    #expect(decision.wouldBe == .review)
    #expect(decision.flags == .noMatch)
    #expect(decision.decidingHit == nil)
  }

  @Test func `an audited match is the would-be verdict where nothing enforced matches`() throws {
    let empty = TablePlan(verdicts: [])
    let decision = try decide([empty, .constant(.mfa, .audit)], fallback: .review)
    #expect(decision.verdict == .review)
    #expect(decision.wouldBe == .mfa)
    #expect(decision.flags == .noMatch)
  }

  @Test func `a chain of as many tables as may be runs them all`() throws {
    let tables = (0..<ChainPlan.tableCountMax).map { _ in TablePlan.constant(.mfa, .advisory) }
    #expect(try decide(tables).hits.map(\.table) == (0..<16).map(UInt32.init))
  }

  @Test(arguments: [
    (SignalState.absent, ReplyFlags()), (.invalid, .invalidSignal),
    (.unverified, .unverifiedSignal),
  ])
  func `a signal that cannot be used is flagged`(state: SignalState, flags: ReplyFlags) throws {
    let signals = [Signal.named("stats.loginsCount"), .named("user.id")]
    let plan = ChainPlan([.constant(.allow)], signals: signals)
    let input = Input([.number(1), .state(state)], for: signals)
    #expect(try plan.decide(input).flags == flags)
  }

  @Test func `an evaluation forgets the one before`() throws {
    let signal = Signal.named("stats.loginsCount")
    let column = ColumnPlan(.numbers(boundaries: [5]), states: [[]], classes: [[1]])
    let matching = try CompiledChain(
      ChainPlan([TablePlan("t", .enforce, [column], verdicts: [.deny])], signals: [signal]))
    var evaluator = Evaluator()
    let five = Input([.number(5)], for: [signal])
    #expect(evaluator.decide(matching, five, fallback: .allow).verdict == .deny)
    let six = Input([.state(.invalid)], for: [signal])
    let decision = evaluator.decide(matching, six, fallback: .mfa)
    #expect(decision.verdict == .mfa)
    #expect(decision.hitCount == 0)
    #expect(decision.decidingHit == nil)
    #expect(decision.flags == [.noMatch, .invalidSignal])
    #expect(evaluator.decide(matching, five, fallback: .allow).flags == [])
  }

  @Test func `a chain tells its verdict for who is late`() throws {
    let chain = try CompiledChain(ChainPlan([]))
    #expect(chain.view.onLate == .review)
  }
}
