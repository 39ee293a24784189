import Signals
import Tables
import Testing
import Wire

@Suite struct StoreOperationTests {
  private let key = TableKey(tenant: "acme", trigger: "post-login")

  private func chain(_ names: [String], _ verdict: Verdict = .mfa) throws -> CompiledChain {
    try CompiledChain(ChainPlan(names.map { .constant(verdict, name: $0) }))
  }

  /// Publishes chains of one table, whose names tell them apart. Returns their serials.
  private func publish(_ names: String..., to store: TableStore) throws -> [UInt64] {
    try names.map { try store.publish([key: try chain([$0])]) }
  }

  private func served(_ store: TableStore) -> String? {
    store.reports { $0 == key }.first?.served?.tables.first?.name
  }

  // MARK: Kill switches

  @Test func `a killed trigger answers as one without tables until it is unkilled`() throws {
    let store = TableStore()
    let other = TableKey(trigger: "post-login")
    let loop = OperatedLoop(store)
    try store.publish([key: try chain(["a"]), other: try chain(["a"])])
    try store.kill(key)
    #expect(loop.killed(key) == nil)
    #expect(loop.killed(other) == 0, "another tenant's is left alone")
    #expect(store.reports { $0 == key }[0].isKilled)
    try store.unkill(key)
    #expect(loop.killed(key) == 0)
  }

  @Test func `a killed table is known to loops by its place in the chain`() throws {
    let store = TableStore()
    let loop = OperatedLoop(store)
    try store.publish([key: try chain(["a", "b", "c"])])
    try store.kill(key, table: "b")
    #expect(loop.killed(key) == 0b010)
    try store.kill(key, table: "c")
    #expect(loop.killed(key) == 0b110)
    try store.unkill(key, table: "b")
    #expect(loop.killed(key) == 0b100)
  }

  @Test func `kills are kept by name through publications, removals and rollbacks`() throws {
    let store = TableStore(versionsKept: 4)
    let loop = OperatedLoop(store)
    try store.publish([key: try chain(["a", "b"])])
    try store.kill(key, table: "b")
    try store.publish([key: try chain(["b", "a"])])
    #expect(loop.killed(key) == 0b01, "the table has moved")
    try store.publish([key: try chain(["a"])])
    #expect(loop.killed(key) == 0)
    try store.publish([key: nil])
    try store.publish([key: try chain(["x", "y", "b"])])
    #expect(loop.killed(key) == 0b100)
    try store.kill(key)
    try store.publish([key: try chain(["b"])])
    #expect(loop.killed(key) == nil)
    _ = try store.rollBack(key)
    #expect(loop.killed(key) == nil)
    try store.unkill(key)
    #expect(loop.killed(key) == 0b100)
  }

  @Test func `what is not there cannot be killed or unkilled`() throws {
    typealias Failure = TableStore.OperationFailure
    let store = TableStore()
    try store.publish([key: try chain(["a", "b"])])
    let unknown = TableKey(trigger: "post-login")
    #expect(throws: Failure.unknownKey(unknown)) { try store.kill(unknown) }
    #expect(throws: Failure.unknownTable("c", known: ["a", "b"])) { try store.kill(key, table: "c") }
    #expect(throws: Failure.nothingToUndo) { try store.unkill(key) }
    #expect(throws: Failure.nothingToUndo) { try store.unkill(key, table: "a") }
    #expect(throws: Failure.nothingToUndo) { _ = try store.resume(key) }
    #expect(store.switchCounts == (0, 0, 0))
  }

  // MARK: Versions

  @Test func `the last versions are kept, with serial, time and the digests of their tables`() throws {
    let store = TableStore(versionsKept: 3, now: { 1_700_000_000 })
    let serials = try publish("a", "b", "c", "d", to: store)
    #expect(serials == [1, 2, 3, 4])
    let versions = try #require(store.versions(of: key))
    #expect(versions.map(\.serial) == [4, 3, 2])
    #expect(versions.map(\.time) == [1_700_000_000, 1_700_000_000, 1_700_000_000])
    #expect(versions.map { $0.tables.map(\.name) } == [["d"], ["c"], ["b"]])
    #expect(versions[0].tables[0].version == 7)
    #expect(store.versions(of: TableKey(trigger: "other")) == nil)
  }

  @Test func `a canary's share is told of versions and of statistics`() throws {
    let store = TableStore()
    let loop = OperatedLoop(store)
    let canaries = [nil, 10, 1_000, 10_000].map { $0.map { CanaryPlan(slot: 0, basisPoints: $0) } }
    let tables = canaries.enumerated().map { index, canary in
      var table = TablePlan.constant(.mfa, name: "t\(index)")
      table.canary = canary
      return table
    }
    try store.publish([
      key: try CompiledChain(ChainPlan(tables, signals: [Signal.named("user.id")]))
    ])
    let shares = [nil, 10, 1_000, nil]
    let version = try #require(store.versions(of: key)?.first)
    #expect(version.tables.map { $0.canary?.basisPoints } == shares)
    #expect(version.tables.map(\.mode) == Array(repeating: .enforce, count: 4))
    loop.decide(key, 0)
    #expect(try #require(store.statistics().first).tables.map { $0.canary?.basisPoints } == shares)
  }

  @Test func `a rollback serves an older version at once and holds it until resume`() throws {
    let store = TableStore(versionsKept: 8)
    _ = try publish("a", "b", "c", to: store)
    #expect(try store.rollBack(key) == 2)
    #expect(served(store) == "b")
    // What comes now is recorded, not served.
    _ = try publish("d", "e", to: store)
    let report = store.reports { _ in true }[0]
    #expect(report.isPinned && report.served?.serial == 2 && report.newestSerial == 5)
    #expect(try store.rollBack(key) == 1, "again one further back")
    #expect(try store.rollBack(key, to: 4) == 4, "forward as well")
    #expect(served(store) == "d")
    #expect(try store.resume(key) == 5)
    #expect(served(store) == "e")
    _ = try publish("f", to: store)
    #expect(served(store) == "f")
  }

  @Test func `a pinned version is kept however many are published`() throws {
    let store = TableStore(versionsKept: 2)
    _ = try publish("a", "b", to: store)
    _ = try store.rollBack(key)
    _ = try publish("c", "d", "e", "f", to: store)
    #expect(served(store) == "a")
    #expect(store.versions(of: key)?.map(\.serial) == [6, 1])
    #expect(try store.resume(key) == 6)
    _ = try publish("g", to: store)
    #expect(store.versions(of: key)?.map(\.serial) == [7, 6])
  }

  @Test func `a removal while pinned is recorded, and resumed`() throws {
    let store = TableStore(versionsKept: 8)
    let loop = OperatedLoop(store)
    _ = try publish("a", "b", to: store)
    _ = try store.rollBack(key, to: 1)
    try store.publish([key: nil])
    #expect(loop.killed(key) == 0)
    _ = try store.resume(key)
    #expect(loop.killed(key) == nil)
    #expect(throws: TableStore.OperationFailure.removed(serial: 3)) {
      _ = try store.rollBack(key, to: 3)
    }
    #expect(try store.rollBack(key) == 2)
  }

  @Test func `there is no way back to what is not kept`() throws {
    typealias Failure = TableStore.OperationFailure
    let store = TableStore(versionsKept: 2)
    _ = try publish("a", to: store)
    #expect(throws: Failure.nothingOlder(served: 1)) { _ = try store.rollBack(key) }
    _ = try publish("b", "c", to: store)
    #expect(throws: Failure.unknownSerial(1, kept: [2, 3])) {
      _ = try store.rollBack(key, to: 1)
    }
    #expect(served(store) == "c")
  }

  @Test func `what is no version any more is freed`() throws {
    let store = TableStore(versionsKept: 2)
    weak let first = try publishNew(store)
    weak let second = try publishNew(store)
    #expect(first != nil && second != nil)
    weak let third = try publishNew(store)
    #expect(first == nil && second != nil && third != nil)
  }

  private func publishNew(_ store: TableStore) throws -> CompiledChain {
    let chain = try chain(["a"])
    try store.publish([key: chain])
    return chain
  }

  // MARK: Counts

  @Test func `hits are counted by rule, enforced or not, over all loops`() throws {
    let store = TableStore(loopCountMax: 2)
    let column = ColumnPlan(
      .numbers(boundaries: [1]), states: [[], []], classes: [[0], [1]])
    let tables = [Mode.audit, .enforce].map { mode in
      TablePlan(mode.name, mode, [column], verdicts: [.mfa, .deny])
    }
    try store.publish([key: try CompiledChain(ChainPlan(tables, signals: [VersionedChain.signal]))])
    #expect(store.statistics().isEmpty, "nothing is kept for what never decided")
    let (first, second) = (OperatedLoop(store), OperatedLoop(store))
    for _ in 0..<3 { first.decide(key, 0) }
    for _ in 0..<2 { second.decide(key, 1) }
    second.decide(key, 2)

    let statistics = try #require(store.statistics().first)
    #expect(statistics.key == key && statistics.serial == 1 && statistics.decisions == 6)
    let (audit, enforce) = (statistics.tables[0], statistics.tables[1])
    #expect(audit.rules.map(\.wouldBe) == [3, 2] && audit.enforced == 0 && audit.decided == 0)
    #expect(enforce.rules.map(\.enforced) == [3, 2] && enforce.wouldBe == 0 && enforce.decided == 5)
    #expect(enforce.rules.map(\.verdict) == [.mfa, .deny])
    // A new version counts from 0.
    try store.publish([key: try chain(["a"])])
    first.decide(key, 0)
    #expect(store.statistics()[0].decisions == 1)
  }

  @Test func `what a shadow says is counted beside what is live`() throws {
    let store = TableStore()
    let column = ColumnPlan(.numbers(boundaries: [1]), states: [[], []], classes: [[0], [1]])
    var shadow = TablePlan("candidate", .audit, [column], verdicts: [.mfa, .revoke])
    shadow.role = .shadowOfTable(0)
    var beside = TablePlan.constant(.deny, name: "beside")
    beside.role = .shadowOfChain
    let live = TablePlan("live", .enforce, [column], verdicts: [.mfa, .deny])
    try store.publish([
      key: try CompiledChain(ChainPlan([live, shadow, beside], signals: [VersionedChain.signal]))
    ])
    let loop = OperatedLoop(store)
    for number in [0.0, 0, 0, 1, 1, 2] { loop.decide(key, number) }

    let tables = store.statistics()[0].tables
    #expect(tables.map { $0.shadow == nil } == [true, false, false])
    let candidate = try #require(tables[1].shadow)
    #expect(candidate.liveTable == "live" && candidate.total == 6 && candidate.equal == 4)
    #expect(candidate[live: .mfa, shadow: .mfa] == 3)
    #expect(candidate[live: .deny, shadow: .revoke] == 2)
    #expect(candidate[live: nil, shadow: nil] == 1)
    let chain = try #require(tables[2].shadow)
    #expect(chain.liveTable == nil && chain.total == 6)
    #expect(chain[live: .deny, shadow: .deny] == 2)
    // A killed candidate takes no part either.
    try store.kill(key, table: "candidate")
    loop.decide(key, 0)
    #expect(store.statistics()[0].tables.compactMap { $0.shadow?.total } == [6, 7])
  }

  @Test func `a killed table has no hits, and the tables behind it decide`() throws {
    let store = TableStore()
    try store.publish([
      key: try CompiledChain(
        ChainPlan([.constant(.deny, name: "a"), .constant(.mfa, name: "b")]))
    ])
    let loop = OperatedLoop(store)
    try store.kill(key, table: "a")
    loop.decide(key, 0)
    #expect(store.statistics()[0].tables.map(\.decided) == [0, 1])
    try store.unkill(key, table: "a")
    loop.decide(key, 0)
    #expect(store.statistics()[0].tables.map(\.decided) == [1, 1])
  }

  @Test func `counters of a message that is not answered are not raised`() throws {
    let store = TableStore()
    try store.publish([key: try chain(["a"])])
    let loop = OperatedLoop(store)
    loop.decide(key, 0, commits: false)
    #expect(store.statistics().allSatisfy { $0.decisions == 0 })
  }

  @Test func `the counters of a large chain are made by who publishes it`() throws {
    let store = TableStore(loopCountMax: 2)
    let table = TablePlan(verdicts: Array(repeating: .mfa, count: 5000))
    try store.publish([key: try CompiledChain(ChainPlan([table]))])
    #expect(store.statistics().map(\.decisions) == [0])
  }

  @Test func `readers beyond what the store was made for trap, and places are used again`() async {
    let store = TableStore(loopCountMax: 1)
    for _ in 0..<3 { store.remove(store.makeReader()) }
    await #expect(processExitsWith: .failure) {
      let store = TableStore(loopCountMax: 1)
      _ = (store.makeReader(), store.makeReader())
    }
  }
}

/// A loop that looks chains up as the server does.
private final class OperatedLoop {
  private let store: TableStore
  private let reader: LoopReader
  private var evaluator = Evaluator()
  private var tally = CountTally()

  init(_ store: TableStore) {
    self.store = store
    reader = store.makeReader()
  }

  /// Which tables are killed; `nil` where nothing is served.
  func killed(_ key: TableKey) -> UInt64? {
    let names = StoreLoop.Names(key)
    return store.read(reader) { tables in
      guard
        let place = tables.place(
          tenant: names.tenant, trigger: names.trigger, in: names.bytes.span),
        let chain = tables.published(at: place)
      else { return nil }
      return chain.killed
    }
  }

  func decide(_ key: TableKey, _ number: Double, commits: Bool = true) {
    let names = StoreLoop.Names(key)
    store.read(reader) { tables in
      guard
        let place = tables.place(
          tenant: names.tenant, trigger: names.trigger, in: names.bytes.span),
        let chain = tables.published(at: place)
      else { preconditionFailure("it was published") }
      evaluator.vector[0] = .number(number)
      let decision = evaluator.evaluate(
        chain.view, in: names.bytes.span, fallback: .allow, killed: chain.killed)
      tally.removeAll()
      tally.append(decision, of: &evaluator, by: chain)
      if commits { tally.commit() }
    }
  }
}
