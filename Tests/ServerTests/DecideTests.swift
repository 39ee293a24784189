import Foundation
import Server
import TestSupport
import Testing
import Wire

extension ServerTests {
  @Suite struct DecideTests {
    @Test func `captured headers get the verdicts of the served tables`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        for captured in CapturedHeaders.all {
          let decision = TestDecision(bot: captured.bot, userRisk: captured.userRisk)
          let reply = try #require(try client.decide([decision]).first)
          #expect(reply.verdict == captured.verdict, "\(captured)")
          #expect(reply.value(of: .rule) == captured.rule, "\(captured)")
          #expect(reply.value(of: .table) == captured.table, "\(captured)")
          #expect(reply.mode == .enforce)
          #expect(reply.tableVersion != 0)
        }
      }
    }

    @Test func `an owed second factor is asked for until it is paid`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let replies = try client.decide([
          TestDecision(mfaRequired: true),
          TestDecision(mfaRequired: true, methods: ["pwd", "mfa"]),
          TestDecision(mfaRequired: false),
        ])
        #expect(replies.map(\.verdict) == [.mfa, .allow, .allow])
        #expect(replies[0].value(of: .reason) == "step-up not finished")
      }
    }

    @Test func `the alternative tables revoke and review`() async throws {
      for (name, verdict) in [
        ("post-login-revoke", Verdict.revoke), ("post-login-review", .review),
      ] {
        try await TestServer.run(tables: TestTables.alternative(name)) { server in
          let reply = try server.connect().decide([
            TestDecision(userRisk: CapturedHeaders.highRisk)
          ])
          #expect(reply[0].verdict == verdict)
        }
      }
    }

    @Test func `automated registration is denied with its code and message`() async throws {
      try await TestServer.run { server in
        let reply = try server.connect().decide([
          TestDecision(trigger: "pre-user-registration", bot: CapturedHeaders.aggressiveBot)
        ])
        #expect(reply[0].verdict == .deny)
        #expect(reply[0].value(of: .code) == "automated_registration_detected")
        #expect(reply[0].value(of: .message)?.hasPrefix("Registration is currently") == true)
      }
    }

    @Test(arguments: [1, 2, 256, 1024])
    func `a batch is answered in order with its correlation ids`(count: Int) async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let decisions = (0..<count).map { index in
          let captured = CapturedHeaders.all[index % CapturedHeaders.all.count]
          return TestDecision(
            correlationID: .max - UInt64(index) * 3, bot: captured.bot, userRisk: captured.userRisk)
        }
        let response = try client.exchange(.decide(message(decisions)))
        #expect(response.status == 200)
        #expect(response["content-type"] == "application/vnd.postern.v1")
        let reply = try response.reply()
        #expect(reply.serverNanoseconds > 0)
        #expect(reply.decisions.map(\.correlationID) == decisions.map(\.correlationID))
        let expected = (0..<count).map {
          CapturedHeaders.all[$0 % CapturedHeaders.all.count].verdict
        }
        #expect(reply.decisions.map(\.verdict) == expected)
        #expect(server.decisionCount == UInt64(count))
      }
    }

    @Test func `a compressed request is answered as a plain one`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let plain = message(
          (0..<64).map { TestDecision(correlationID: $0, bot: CapturedHeaders.ownBot) })
        var compressed = ByteWriter()
        try compressed.compress(plain.span, .request)
        #expect(compressed.count < plain.count / 4)
        let body = try client.exchange(.decide(bytes(of: compressed.span))).body
        let expected = try client.exchange(.decide(plain))
        #expect(try MessageHeader(reading: body.span, expecting: .reply).flags == .compressed)
        #expect(body.count < expected.body.count / 2)
        var reply = ByteWriter()
        try reply.decompress(body.span, .reply)
        #expect(try Reply(reading: reply.span).decisions == expected.reply().decisions)
      }
    }

    @Test func `a reply is compressed from its limit on, and only to a compressed request`()
      async throws
    {
      func isCompressed(_ body: [UInt8]) throws -> Bool {
        try MessageHeader(reading: body.span, expecting: .reply).flags == .compressed
      }
      let plain = message((0..<8).map { TestDecision(correlationID: $0, bot: CapturedHeaders.ownBot) })
      var packed = ByteWriter()
      try packed.compress(plain.span, .request)
      let small = bytes(of: packed.span)
      var replyByteCount = 0
      try await TestServer.run(configure: { $0.compressedReplyByteCountMin = 0 }) { server in
        let client = try server.connect()
        let body = try client.exchange(.decide(small)).body
        #expect(try !isCompressed(body))
        replyByteCount = body.count
      }
      for (limit, expected) in [(replyByteCount, true), (replyByteCount + 1, false)] {
        try await TestServer.run(configure: { $0.compressedReplyByteCountMin = limit }) { server in
          let client = try server.connect()
          #expect(try isCompressed(client.exchange(.decide(small)).body) == expected)
          #expect(try !isCompressed(client.exchange(.decide(plain)).body))
          // On a stream each message for itself, and what stands before stays.
          let body = try client.exchange(.stream([plain, small, plain])).body
          let second = Array(body[replyByteCount...])
          #expect(try !isCompressed(Array(body[..<replyByteCount])))
          let length = try MessageHeader.firstByteCount(in: second.span, expecting: .reply) ?? 0
          #expect(try isCompressed(Array(second[..<length])) == expected)
          #expect(second.count - length == replyByteCount)
        }
      }
    }

    @Test func `an explained decision names its tables and signals, others do not`() async throws {
      try await TestServer.run { server in
        let replies = try server.connect().decide([
          TestDecision(flags: .explain, userRisk: CapturedHeaders.highRisk),
          TestDecision(userRisk: CapturedHeaders.highRisk),
        ])
        let lines = replies[0].outputs.filter { $0.kind == .explanation }.map(\.value)
        #expect(lines.contains { $0.contains("post-login-step-up") }, "\(lines)")
        #expect(
          lines.contains { $0.contains("akamaiUserRisk.score") && $0.contains("92") }, "\(lines)")
        #expect(!replies[1].outputs.contains { $0.kind == .explanation })
      }
    }

    @Test func `a decision that asks names every table that had a part, others none`() async throws {
      let audited = TestTables.source("post-login", ["rule", "verdict"], [["all", "deny"]])
        .replacing("mode: enforce", with: "mode: audit\norder: 5")
      let set = try TestTables.set(
        TestTables.source(
          "post-login", settings: ["order: 1"], ["request.country", "verdict"],
          [["\"XX\"", "deny"]]),
        TestTables.source("post-login", settings: ["order: 2"], ["rule", "verdict"], [["ok", "allow"]]),
        TestTables.source(
          "post-login", settings: ["order: 3"], ["akamaiUserRisk.score", "verdict"],
          [[">= 90", "mfa"], ["-", "allow"]]),
        audited)
      try await TestServer.run(tables: set) { server in
        let replies = try server.connect().decide([
          TestDecision(flags: .parts, userRisk: CapturedHeaders.highRisk),
          TestDecision(userRisk: CapturedHeaders.highRisk),
          TestDecision(tenant: "nobody", flags: .parts),
        ])
        let parts = replies[0].parts
        #expect(parts.map(\.table) == ["test-1", "test-2", "test-3"])
        #expect(parts.map(\.standing) == [.enforced, .decided, .watched])
        #expect(parts.map(\.verdict) == [.allow, .mfa, .deny])
        #expect(parts.map(\.rule) == [1, 1, 1])
        #expect(parts.map(\.ruleName) == ["ok", "", "all"])
        #expect(parts[1].tableVersion == replies[0].tableVersion)
        #expect(replies[1].outputs == replies[0].outputs.filter { $0.kind != .part })
        #expect(replies[2].flags == .missing && replies[2].outputs.isEmpty)
      }
    }

    @Test func `a known trigger without a table gets the configured verdict, flagged`() async throws
    {
      try await TestServer.run(configure: { $0.onMissing = .deny }) { server in
        let replies = try server.connect().decide([
          TestDecision(trigger: "post-challenge", correlationID: 5),
          TestDecision(tenant: "nobody", correlationID: 6),
        ])
        #expect(
          replies
            == [5, 6].map {
              DecisionReply(correlationID: $0, verdict: .deny, mode: .off, flags: .missing)
            })
      }
    }

    @Test func `a deployment's own trigger is known`() async throws {
      try await TestServer.run(configure: { $0.triggers = ["password-reset"] }) { server in
        let reply = try server.connect().decide([TestDecision(trigger: "password-reset")])
        #expect(reply[0].flags == .missing)
        #expect(server.server.metrics().decisions.map(\.trigger) == ["password-reset"])
      }
    }

    @Test func `each tenant is decided by its own tables`() async throws {
      let set = try TestTables.set(
        TestTables.source("post-login", ["rule", "verdict"], [["all", "allow"]]),
        TestTables.source("post-login", tenant: "strict", ["rule", "verdict"], [["all", "deny"]]))
      try await TestServer.run(tables: set) { server in
        let replies = try server.connect().decide([
          TestDecision(), TestDecision(tenant: "strict"), TestDecision(tenant: "Strict"),
        ])
        #expect(replies.map(\.verdict) == [.allow, .deny, .review])
        #expect(replies.map { $0.flags.contains(.missing) } == [false, false, true])
      }
    }

    @Test func `custom signals decide, and one of another type is invalid`() async throws {
      let set = try TestTables.set(
        TestTables.source(
          "post-login", settings: ["signals:", "  cart.value: number"],
          ["rule", "cart.value", "verdict"],
          [
            ["large", ">= 1000", "review"], ["broken", "invalid", "deny"], ["other", "-", "allow"],
          ]))
      try await TestServer.run(tables: set) { server in
        let replies = try server.connect().decide([
          TestDecision(custom: [("cart.value", .number(1000))]),
          TestDecision(custom: [("cart.value", .number(999.5))]),
          TestDecision(custom: [("cart.value", .string("1000"))]),
          TestDecision(custom: [("basket", .string("1000"))]),
        ])
        #expect(replies.map(\.verdict) == [.review, .allow, .deny, .allow])
        #expect(replies[2].flags == .invalidSignal)
      }
    }

    /// The last of 1,024 decisions cannot be reached within a microsecond of the read.
    @Test func `a decision past its budget gets the tables' verdict for that`() async throws {
      let set = try TestTables.set(
        TestTables.source(
          "post-login", settings: ["onLate: mfa"], ["rule", "verdict"], [["all", "allow"]]))
      try await TestServer.run(tables: set) { server in
        let client = try server.connect()
        let late = try client.decide(
          Array(repeating: TestDecision(budgetMicroseconds: 1), count: 1024))
        #expect(late[1023].verdict == .mfa)
        #expect(late[1023].flags == .late)
        #expect(late[1023].mode == .off)
        for budget: UInt32 in [0, 60_000_000] {
          let decision = TestDecision(budgetMicroseconds: budget)
          let replies = try client.decide(Array(repeating: decision, count: 1024))
          #expect(replies.allSatisfy { $0.verdict == .allow && $0.flags == [] })
        }
      }
    }

    @Test func `a media type may have parameters and a path a query`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        for type in ["application/vnd.postern.v1;q=1", "application/vnd.postern.v1 ; a=b"] {
          let headers = [HeaderField("content-type", type)]
          let request = RawRequest(
            "POST", "/v1/decide?trace=1", headers, body: message([TestDecision()]))
          #expect(try client.exchange(request).status == 200)
        }
      }
    }

    @Test(arguments: ["GET", "POST"])
    func `ping answers with a body`(method: String) async throws {
      try await TestServer.run { server in
        let response = try server.connect().exchange(RawRequest(method, "/v1/ping", body: [1, 2]))
        #expect(response.status == 200)
        #expect(response.text == "pong\n")
      }
    }
  }
}
