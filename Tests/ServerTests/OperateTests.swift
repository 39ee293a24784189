import Rules
import Server
import Tables
import TestSupport
import Testing
import Wire

extension ServerTests {
  /// Kills, rollbacks and counts as callers and operators see them.
  @Suite struct OperateTests {
    private static let key = TableKey(trigger: "post-login")

    private static func set(_ verdict: String) throws -> TableSet {
      try TestTables.set(
        TestTables.source("post-login", ["rule", "verdict"], [["all", verdict]]))
    }

    @Test func `a killed trigger answers as a missing one, from the next request on`() async throws {
      try await TestServer.run(tables: Self.set("deny"), configure: { $0.onMissing = .mfa }) { server in
        let client = try server.connect()
        #expect(try client.decide([TestDecision()])[0].verdict == .deny)
        try server.store.kill(Self.key)
        let killed = try client.decide([TestDecision(), TestDecision()])
        #expect(killed.map(\.verdict) == [.mfa, .mfa])
        #expect(killed[0].flags == .missing && killed[0].tableVersion == 0)
        // A publication does not bring it back, an operator does.
        try TestTables.publish(Self.set("allow"), to: server.store)
        #expect(try client.decide([TestDecision()])[0].flags == .missing)
        try server.store.unkill(Self.key)
        #expect(try client.decide([TestDecision()])[0].verdict == .allow)
      }
    }

    @Test func `a check says that its trigger is killed, or that no enforced table decided`() async throws {
      func source(_ name: String, mode: String) -> String {
        TestTables.source("post-login", settings: ["name: \(name)"], ["rule", "verdict"], [["all", "deny"]])
          .replacing("mode: enforce", with: "mode: \(mode)")
      }
      let none = "no rule decided: no table is enforced for this login"
      try await TestServer.run(tables: TestTables.set(source("one", mode: "enforce"))) { server in
        let client = try server.connect()
        func reason() throws -> String? { try client.exchange(.check("post-login"))["postern-reason"] }
        #expect(try reason() == "the rule gives no reason")
        try server.store.kill(Self.key, table: "one")
        let killed = try client.exchange(.check("post-login"))
        #expect(killed["postern-verdict"] == "allow" && killed["postern-mode"] == "off")
        #expect(killed["postern-reason"] == none && killed["postern-rule"] == nil)
        try server.store.kill(Self.key)
        #expect(try reason() == "the trigger is killed")
        try server.store.publish([Self.key: nil])
        #expect(try reason() == "the trigger has no table")
        try TestTables.publish(TestTables.set(source("one", mode: "audit")), to: server.store)
        #expect(try reason() == "the trigger is killed")
        try server.store.unkill(Self.key)
        try server.store.unkill(Self.key, table: "one")
        let audited = try client.exchange(.check("post-login"))
        #expect(audited["postern-reason"] == none && audited["postern-would-be"] == "deny")
      }
    }

    @Test func `another tenant's trigger goes on when one is killed`() async throws {
      let sources = ["a", "b"].map {
        TestTables.source("post-login", tenant: $0, ["rule", "verdict"], [["all", "deny"]])
      }
      try await TestServer.run(tables: TestTables.set(sources[0], sources[1])) { server in
        let client = try server.connect()
        try server.store.kill(TableKey(tenant: "a", trigger: "post-login"))
        let replies = try client.decide([TestDecision(tenant: "a"), TestDecision(tenant: "b")])
        #expect(replies.map(\.flags) == [.missing, []])
        #expect(replies[1].verdict == .deny)
      }
    }

    /// A chain whose last table says `deny` to late requests, in some mode.
    private static func lateSet(_ mode: String) throws -> TableSet {
      func source(_ name: String, _ order: Int, onLate: String, _ verdict: String) -> String {
        TestTables.source(
          "post-login", settings: ["name: \(name)", "order: \(order)", "onLate: \(onLate)"],
          ["rule", "verdict"], [["all", verdict]])
      }
      return try TestTables.set(
        source("guard", 1, onLate: "review", "allow"),
        source("step", 2, onLate: "deny", "deny").replacing("mode: enforce", with: "mode: \(mode)"))
    }

    /// The verdict of a decision that is late: the last of many, each of which has a microsecond.
    private static func late(_ client: RawClient, _ decision: TestDecision) throws -> Verdict {
      var decision = decision
      decision.budgetMicroseconds = 1
      let reply = try client.decide(Array(repeating: decision, count: 1024))[1023]
      #expect(reply.flags == .late)
      return reply.verdict
    }

    @Test func `a killed table has no word on late requests either`() async throws {
      try await TestServer.run(tables: Self.lateSet("enforce")) { server in
        let client = try server.connect()
        #expect(try Self.late(client, TestDecision()) == .deny)
        try server.store.kill(Self.key, table: "step")
        #expect(try client.decide([TestDecision()])[0].verdict == .allow)
        #expect(try Self.late(client, TestDecision()) == .review)
        try server.store.kill(Self.key, table: "guard")
        #expect(try Self.late(client, TestDecision()) == .allow)
        try server.store.unkill(Self.key, table: "step")
        #expect(try Self.late(client, TestDecision()) == .deny)
      }
    }

    @Test func `a canary has its word on late requests of those who are in it`() async throws {
      try await TestServer.run(tables: Self.lateSet("canary 50%")) { server in
        let client = try server.connect()
        var inCount = 0
        for number in 0..<40 {
          let decision = TestDecision(userID: "user-\(number)")
          let isIn = try client.decide([decision])[0].verdict == .deny
          inCount += isIn ? 1 : 0
          #expect(try Self.late(client, decision) == (isIn ? .deny : .review), "\(number)")
        }
        #expect(5...35 ~= inCount)
        #expect(try Self.late(client, TestDecision()) == .review, "nobody's")
        try server.store.kill(Self.key, table: "step")
        #expect(try Self.late(client, TestDecision(userID: "user-1")) == .review)
      }
    }

    @Test func `hits are counted for messages that are answered, and for those only`() async throws {
      try await TestServer.run(tables: Self.set("deny"), configure: { $0.loops = 2 }) { server in
        let clients = try [server.connect(), server.connect(), server.connect()]
        for client in clients {
          _ = try client.decide(Array(repeating: TestDecision(), count: 5))
        }
        // The second decision names a trigger that there is not: the message is refused whole.
        let refused = message([TestDecision(), TestDecision(trigger: "no-such-trigger")])
        #expect(try clients[0].exchange(.decide(refused)).refusal().code == .unknownTrigger)
        let statistics = try #require(server.store.statistics().first)
        #expect(statistics.decisions == 15)
        #expect(statistics.tables[0].rules.map(\.enforced) == [15])
        #expect(statistics.tables[0].decided == 15)
      }
    }
  }
}
