import Signals
import Tables
import Testing
import Wire

/// Which row each value selects, at every boundary of every kind of partition.
@Suite struct PartitionTests {
  /// Compares the number of the row that each value selects: 0...2 for states, then the classes.
  private func check(
    _ partition: Partition, _ signal: Signal, _ expected: [(Value, Int)],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let column = ColumnPlan.oneRulePerRow(partition)
    let chain = try CompiledChain(
      ChainPlan(
        [TablePlan("t", .enforce, [column], verdicts: column.allRows.map { _ in .mfa })],
        signals: [signal]))
    var evaluator = Evaluator()
    let states = [(Value.state(.absent), 0), (.state(.invalid), 1), (.state(.unverified), 2)]
    for (value, row) in states + expected.map({ ($0.0, 3 + $0.1) }) {
      let decision = evaluator.decide(chain, Input([value], for: [signal]), fallback: .allow)
      #expect(
        decision.hits == [Hit(table: 0, rule: UInt32(row))], "\(value)",
        sourceLocation: sourceLocation)
    }
  }

  @Test func `a direct number selects its class and what is out of range the last one`() throws {
    try check(
      .direct(classes: [0, 0, 1, 2, 1]), .named("akamaiUserRisk.score"),
      [
        (.number(0), 0), (.number(1), 0), (.number(2), 1), (.number(3), 2), (.number(4), 1),
        (.number(5), 1), (.number(100), 1), (.number(-1), 1), (.number(-1e300), 1),
        (.number(1e300), 1), (.number(.greatestFiniteMagnitude), 1),
        (.number(4_503_599_627_370_496), 1),
        (.number(9_007_199_254_740_992), 1), (.number(18_446_744_073_709_551_616), 1),
        (.number(-4_503_599_627_370_496), 1), (.number(-0.0), 0), (.number(.infinity), 1),
        (.number(-.infinity), 1), (.number(.nan), 1),
      ])
  }

  @Test func `a boolean and an enumeration select the class of their case`() throws {
    try check(
      .direct(classes: [1, 0]), .named("session.mfaRequired"), [(.index(0), 1), (.index(1), 0)])
    try check(
      .direct(classes: [0, 2, 1]), .named("akamaiUserRisk.standing"),
      [(.index(0), 0), (.index(1), 2), (.index(2), 1)])
  }

  @Test(arguments: [0, 1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 63, 64, 65, 71, 72, 73, 200, 1000])
  func `a number is told from every boundary and its neighbours`(count: Int) throws {
    let boundaries = (0..<count).map { Double($0 - count / 2) * 1.5 }
    var expected: [(Value, Int)] = [(.number(-1e300), 0), (.number(1e300), 2 * count)]
    for index in 0..<count {
      let boundary = boundaries[index]
      expected += [
        (.number(boundary.nextDown), 2 * index), (.number(boundary), 2 * index + 1),
        (.number(boundary.nextUp), 2 * index + 2),
      ]
    }
    try check(.numbers(boundaries: boundaries), .named("stats.loginsCount"), expected)
  }

  @Test func `zero is a boundary whatever its sign`() throws {
    try check(
      .numbers(boundaries: [0]), .named("stats.loginsCount"),
      [(.number(0), 1), (.number(-0.0), 1), (.number(-.leastNonzeroMagnitude), 0)])
  }

  @Test(arguments: [0, 1, 2, 8, 9, 33, 300])
  func `an address is told from every start and its neighbours`(count: Int) throws {
    let mapped: UInt128 = 0xFFFF_0000_0000
    // Some differ in the high half alone, some in the low half alone.
    let starts = (0..<count).map { index -> UInt128 in
      let high = UInt128(index / 2 + 1) << 70
      return index % 2 == 0 ? high : high | mapped | UInt128(index) << 8
    }
    var expected: [(Value, Int)] = [(.address(0), 0), (.address(.max), count)]
    for index in 0..<count {
      expected += [
        (.address(starts[index] - 1), index), (.address(starts[index]), index + 1),
        (.address(starts[index] + 1), index + 1),
      ]
    }
    try check(.addresses(starts: starts), .named("request.ip"), expected)
  }

  @Test func `a start may be the first or the last address`() throws {
    try check(
      .addresses(starts: [0, .max]), .named("request.ip"),
      [(.address(0), 1), (.address(.max - 1), 1), (.address(.max), 2)])
  }

  @Test func `a string selects its member or class 0`() throws {
    let long = "a-text-of-more-than-sixteen-bytes"
    try check(
      .strings(members: ["alpha", "", "abcdefgh", long, "é", "e\u{301}"]), .named("user.id"),
      [
        (.text("alpha"), 1), (.text(""), 2), (.text("abcdefgh"), 3), (.text(long), 4),
        (.text("é"), 5), (.text("e\u{301}"), 6), (.text("Alpha"), 0), (.text("alph"), 0),
        (.text("alphaa"), 0), (.text("abcdefghi"), 0), (.text("abcdefg"), 0),
        (.text(String(long.dropLast())), 0), (.text(long + "x"), 0), (.text("beta"), 0),
      ])
    try check(.strings(members: []), .named("user.id"), [(.text(""), 0), (.text("x"), 0)])
  }

  @Test func `a string of a signal that folds case is found in any case`() throws {
    let long = "a-text-of-more-than-sixteen-bytes"
    try check(
      .strings(members: ["fr", "IE", long, "@[`{"]), .named("request.country"),
      [
        (.text("FR"), 1), (.text("fR"), 1), (.text("ie"), 2), (.text("IE"), 2),
        (.text(long.uppercased()), 3), (.text("@[`{"), 4), (.text("`{@["), 0), (.text("É"), 0),
      ])
  }

  @Test func `every member of a crowded lookup is found, and nothing beside them`() throws {
    // 256 of 512 entries: many share a place.
    let members = (0..<256).map { "member-\($0)" }
    let signal = Signal.named("user.id")
    let column = ColumnPlan.oneRulePerRow(.strings(members: members))
    let chain = try CompiledChain(
      ChainPlan(
        [TablePlan("t", .enforce, [column], verdicts: column.allRows.map { _ in .mfa })],
        signals: [signal]))
    var evaluator = Evaluator()
    func rule(_ text: String) -> Int {
      let input = Input([.text(text)], for: [signal])
      return Int(evaluator.decide(chain, input, fallback: .allow).hits[0].rule)
    }
    for (index, member) in members.enumerated() { #expect(rule(member) == 3 + 1 + index) }
    for index in 0..<2000 { #expect(rule("stranger-\(index)") == 3) }
  }

  @Test(arguments: ["akamaiBot.botCategory", "akamaiUserRisk.risk", "authentication.methods"])
  func `a list needs a member that is enough and none that rules out`(name: String) throws {
    let signal = Signal.named(name)
    let members = ["alpha", "beta", "a_member_of_more_than_sixteen_bytes"]
    // Rule 0: one of the first two. Rule 1: not `beta`. Rule 2: always.
    let column = ColumnPlan(
      .list(members: members), states: [[.absent], [.invalid], []],
      classes: [[1, 3], [0, 4], [0]])
    let plan = ChainPlan(
      [TablePlan("t", .enforce, [column], verdicts: [.mfa, .review, .allow])], signals: [signal])
    func rule(_ value: Value) throws -> UInt32? {
      let decision = try plan.decide(Input([value], for: [signal]))
      return decision.hits.first?.rule
    }
    #expect(try rule(.list(["alpha"])) == 0)
    #expect(try rule(.list(["other", "beta"])) == 0)
    #expect(try rule(.list(["gamma"])) == 1)
    #expect(try rule(.list([])) == 1)
    #expect(try rule(.list([members[2], members[2]])) == 1)
    #expect(try rule(.list(["ALPHA"])) == (signal.foldsCase ? 0 : 1))
    #expect(try rule(.list(["BETA", "x"])) == (signal.foldsCase ? 0 : 1))
    #expect(try rule(.state(.absent)) == 0)
    #expect(try rule(.state(.invalid)) == 1)
    #expect(try rule(.state(.unverified)) == nil)
  }

  @Test func `what a list rules out counts more than what is enough`() throws {
    let signal = Signal.named("authentication.methods")
    let column = ColumnPlan(
      .list(members: ["pwd", "sms"]), states: [[]], classes: [[1, 4]])
    let plan = ChainPlan(
      [TablePlan("t", .enforce, [column], verdicts: [.mfa])], signals: [signal])
    #expect(try plan.decide(Input([.list(["pwd"])], for: [signal])).hitCount == 1)
    #expect(try plan.decide(Input([.list(["pwd", "sms"])], for: [signal])).hitCount == 0)
    #expect(try plan.decide(Input([.list(["sms", "pwd"])], for: [signal])).hitCount == 0)
    #expect(try plan.decide(Input([.list(["sms"])], for: [signal])).hitCount == 0)
  }
}

extension ColumnPlan {
  fileprivate var allRows: [Row] { stateRows + classRows }
}
