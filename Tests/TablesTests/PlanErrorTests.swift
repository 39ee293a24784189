import Signals
import Tables
import Testing
import Wire

/// Plans that cannot be laid out say why.
@Suite struct PlanErrorTests {
  private let number = Signal.named("stats.loginsCount")

  private func expect(
    _ error: ImageError, _ plan: ChainPlan, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: error, sourceLocation: sourceLocation) { try CompiledChain(plan) }
  }

  @Test func `too many tables, signals, columns and rules are refused`() throws {
    expect(
      .tooMany("tables in a chain", count: 17, limit: 16),
      ChainPlan((0..<17).map { _ in .constant(.allow) }))
    expect(
      .tooMany("signals in a chain", count: 129, limit: 128),
      ChainPlan([], signals: (0..<129).map { .custom("s\($0)", .number) }))
    let column = ColumnPlan(.numbers(boundaries: []), states: [[]], classes: [[0]])
    expect(
      .tooMany("columns in table `t`", count: 65, limit: 64),
      ChainPlan(
        [TablePlan("t", .enforce, (0..<65).map { _ in column }, verdicts: [.mfa])],
        signals: [number]))
    expect(
      .tooMany("rules in table `t`", count: 100_001, limit: 100_000),
      ChainPlan([TablePlan("t", verdicts: Array(repeating: .mfa, count: 100_001))]))
  }

  @Test func `as many tables, signals, columns and rules as may be are taken`() throws {
    let signals = (0..<128).map { Signal.custom("s\($0)", .number) }
    let column = ColumnPlan(slot: 127, .numbers(boundaries: []), states: [[]], classes: [[0]])
    let wide = TablePlan("wide", .enforce, (0..<64).map { _ in column }, verdicts: [.mfa])
    let long = TablePlan("long", .enforce, verdicts: Array(repeating: .allow, count: 100_000))
    let plan = ChainPlan([wide, long] + (0..<14).map { _ in .constant(.allow) }, signals: signals)
    let input = Input(signals.map { _ in .number(1) }, for: signals)
    #expect(try plan.decide(input).hitCount == 16)
  }

  @Test func `too many different outputs are refused`() throws {
    let outputs = (0..<59).map { DecisionReply.Output(kind: .claim, name: "c\($0)", value: "") }
    expect(
      .tooMany("different outputs in a chain", count: 65, limit: 64),
      ChainPlan([.constant(.mfa, outputs: outputs)]))
    #expect(throws: Never.self) {
      try CompiledChain(ChainPlan([.constant(.mfa, outputs: Array(outputs.dropLast()))]))
    }
  }

  @Test func `an output that a reply cannot carry is refused`() throws {
    let longName = DecisionReply.Output(
      kind: .claim, name: String(repeating: "n", count: 256), value: "")
    expect(
      .tooMany("bytes in an output's name", count: 256, limit: 255),
      ChainPlan([.constant(.mfa, outputs: [longName])]))
    let longValue = DecisionReply.Output(
      kind: .reason, value: String(repeating: "v", count: 4097))
    expect(
      .tooMany("bytes in an output's value", count: 4097, limit: 4096),
      ChainPlan([.constant(.mfa, outputs: [longValue])]))
  }

  @Test func `an output that comes twice is refused`() throws {
    let reason = DecisionReply.Output(kind: .reason, value: "x")
    expect(
      .inconsistent("table `table`, rule 1: an output comes twice"),
      ChainPlan([.constant(.mfa, outputs: [reason, reason])]))
  }

  @Test(arguments: [
    (Partition.direct(classes: []), "stats.loginsCount"),
    (.direct(classes: [0, -1]), "stats.loginsCount"),
    (.direct(classes: [0]), "user.id"),
    (.numbers(boundaries: [1, 1]), "stats.loginsCount"),
    (.numbers(boundaries: [2, 1]), "stats.loginsCount"),
    (.numbers(boundaries: [.nan]), "stats.loginsCount"),
    (.numbers(boundaries: [1]), "session.mfaRequired"),
    (.addresses(starts: [2, 1]), "request.ip"),
    (.addresses(starts: [1]), "user.id"),
    (.strings(members: ["a", "a"]), "user.id"),
    (.strings(members: ["a"]), "authentication.methods"),
    (.list(members: ["a", "a"]), "authentication.methods"),
    (.list(members: ["a"]), "user.id"),
  ])
  func `a partition that does not divide its signal's values is refused`(
    partition: Partition, name: String
  ) throws {
    let rowCount = max(0, partition.rowCount)
    let column = ColumnPlan(
      slot: 0, partition: partition, stateRows: [[0], [0], [0]],
      classRows: Array(repeating: [0], count: rowCount))
    expect(
      .inconsistent("table `t`, column of slot 0"),
      ChainPlan(
        [TablePlan("t", .enforce, [column], verdicts: [.mfa])], signals: [.named(name)]))
  }

  @Test func `rows that do not fit the rules or the partition are refused`() throws {
    let good = ColumnPlan(.numbers(boundaries: [1]), states: [[]], classes: [[0]])
    var columns = Array(repeating: good, count: 5)
    columns[0].slot = 1
    columns[1].stateRows.removeLast()
    columns[2].classRows.removeLast()
    columns[3].classRows = [[0, 0], [0, 0], [0, 0]]
    columns[4].stateRows[2] = []
    for column in columns {
      expect(
        .inconsistent("table `t`, column of slot \(column.slot)"),
        ChainPlan([TablePlan("t", .enforce, [column], verdicts: [.mfa])], signals: [number]))
    }
  }

  @Test func `a bit behind the last rule is refused`() throws {
    var column = ColumnPlan(.numbers(boundaries: [1]), states: [[]], classes: [[0]])
    column.classRows[2] = [2]
    let plan = ChainPlan([TablePlan("t", .enforce, [column], verdicts: [.mfa])], signals: [number])
    #expect(throws: ImageError.self) { try CompiledChain(plan) }
  }
}
