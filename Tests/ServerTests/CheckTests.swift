import Server
import TestSupport
import Testing
import Wire

extension ServerTests {
  @Suite struct CheckTests {
    @Test func `each verdict has its status, headers and a body`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        for captured in CapturedHeaders.all {
          var headers: [HeaderField] = []
          if let bot = captured.bot { headers.append(HeaderField("akamai-bot", bot)) }
          if let risk = captured.userRisk { headers.append(HeaderField("akamai-user-risk", risk)) }
          let response = try client.exchange(.check("post-login", headers))
          let statuses: [Verdict: Int] = [.allow: 200, .mfa: 401, .review: 401, .deny: 403]
          #expect(response.status == statuses[captured.verdict], "\(captured)")
          #expect(response["postern-verdict"] == captured.verdict.name)
          #expect(response["postern-rule"] == captured.rule)
          #expect(response["postern-table"] == captured.table)
          #expect(response["postern-mode"] == "enforce")
          #expect(response["content-type"] == "text/plain; charset=utf-8")
          let reason = try #require(response["postern-reason"])
          let hasNone = reason == "the rule gives no reason"
          #expect(!hasNone || captured.rule == "no-opinion")
          let verdict = captured.verdict.name
          #expect(response.text == (hasNone ? "\(verdict)\n" : "\(verdict): \(reason)\n"))
        }
        #expect(server.decisionCount == UInt64(CapturedHeaders.all.count))
      }
    }

    @Test func `a reason is a header and in the body`() async throws {
      try await TestServer.run { server in
        let risk = HeaderField("akamai-user-risk", CapturedHeaders.highRisk)
        let response = try server.connect().exchange(.check("post-login", [risk]))
        #expect(response["postern-reason"] == "user risk is high")
        #expect(response["postern-obligation"] == "mfa-required")
        #expect(response.text == "mfa: user risk is high\n")
        #expect(response["postern-table-version"]?.count == 16)
        #expect(response["postern-would-be"] == nil)
        #expect(response["postern-flags"] == nil)
      }
    }

    @Test func `a revoked session is forbidden`() async throws {
      try await TestServer.run(tables: TestTables.alternative("post-login-revoke")) { server in
        let risk = HeaderField("akamai-user-risk", CapturedHeaders.highRisk)
        let response = try server.connect().exchange(.check("post-login", [risk]))
        #expect(response.status == 403)
        #expect(response["postern-verdict"] == "revoke")
        #expect(response["postern-table"] == "post-login-revoke")
        let rule = try #require(response["postern-rule"])
        let reason = try #require(response["postern-reason"])
        #expect(!rule.isEmpty && !reason.isEmpty)
        #expect(response.text == "revoke: \(reason)\n")
      }
    }

    @Test func `each of the registry's triggers is answered`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        for name in [
          "post-login", "credentials-exchange", "pre-user-registration", "post-user-registration",
          "post-change-password", "send-phone-message", "post-challenge",
        ] {
          let response = try client.exchange(.check(name))
          let hasTable = ["post-login", "pre-user-registration"].contains(name)
          #expect(response.status == (hasTable ? 200 : 401), "\(name)")
          #expect(response["postern-verdict"] == (hasTable ? "allow" : "review"), "\(name)")
          let reason = hasTable ? "the rule gives no reason" : "the trigger has no table"
          #expect(response["postern-reason"] == reason, "\(name)")
        }
      }
    }

    @Test(arguments: ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PURGE"])
    func `any method is answered, HEAD without a body`(method: String) async throws {
      try await TestServer.run { server in
        let headers = [HeaderField("akamai-user-risk", CapturedHeaders.highRisk)]
        var request = RawRequest.check("post-login", headers, method: method)
        if method == "POST" { request.body = Array("ignored".utf8) }
        let response = try server.connect().exchange(request)
        #expect(response.status == 401)
        #expect(response["postern-verdict"] == "mfa")
        #expect(response.body.isEmpty == (method == "HEAD"))
      }
    }

    @Test func `an unknown trigger is 404, a known one without table is flagged`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        for name in ["", "nothing", "post-logi", "post-login2", "Post-Login", "post%2Dlogin"] {
          let response = try client.exchange(.check(name))
          #expect(response.status == 404, "\(name)")
          #expect(response["postern-error"] == "unknownTrigger", "\(name)")
          #expect(response["postern-error-offset"] == "0", "\(name)")
          #expect(response["content-type"] == "text/plain; charset=utf-8")
          #expect(response.text.hasPrefix("unknownTrigger: "))
        }
        #expect(server.decisionCount == 0)
        let response = try client.exchange(.check("post-challenge"))
        #expect(response.status == 401)
        #expect(response["postern-verdict"] == "review")
        #expect(response["postern-flags"] == "missing")
        #expect(response["postern-mode"] == "off")
        let other = try client.exchange(
          .check("post-login", [HeaderField("postern-tenant", "other")]))
        #expect(other["postern-flags"] == "missing")
      }
    }

    @Test func `an explanation is in the body`() async throws {
      try await TestServer.run { server in
        let headers = [
          HeaderField("akamai-user-risk", CapturedHeaders.highRisk),
          HeaderField("postern-explain", "true"), HeaderField("postern-correlation-id", "12"),
        ]
        let response = try server.connect().exchange(.check("post-login", headers))
        #expect(response.text.contains("akamaiUserRisk.score"))
        #expect(response.text.split(separator: "\n").count > 5)
      }
    }

    @Test func `each part is a header, where it was asked for`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let risk = HeaderField("akamai-user-risk", CapturedHeaders.highRisk)
        let asked = try client.exchange(.check("post-login", [risk, HeaderField("postern-parts", "1")]))
        let version = try #require(asked["postern-table-version"])
        #expect(
          asked.headers.contains(
            HeaderField("postern-part", "post-login-step-up decided mfa 1 \(version) high-risk")))
        for value in ["0", "false"] {
          let plain = try client.exchange(
            .check("post-login", [risk, HeaderField("postern-parts", value)]))
          #expect(plain["postern-part"] == nil)
        }
        let bad = try client.exchange(.check("post-login", [HeaderField("postern-parts", "all")]))
        #expect(bad.status == 400 && bad["postern-error"] == "invalidBoolean")
      }
    }

    @Test func `a header that came twice is invalid, never better than an honest one`()
      async throws
    {
      try await TestServer.run { server in
        let client = try server.connect()
        let honest = HeaderField("akamai-user-risk", CapturedHeaders.highRisk)
        let forged = HeaderField("akamai-user-risk", "status=0;score=0")
        for headers in [[honest, forged], [forged, honest], [honest, honest], [forged, forged]] {
          let response = try client.exchange(.check("post-login", headers))
          #expect(response.status == 401)
          #expect(response["postern-rule"] == "risk-unreadable")
          #expect(response["postern-flags"] == "invalidSignal")
        }
        let flagged = server.server.metrics().flags.first { $0.name == "invalidSignal" }
        #expect(flagged?.count == 4)
      }
    }

    @Test func `a bot header that came twice is invalid, never better than an honest one`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let honest = HeaderField("akamai-bot", "Unknown Bot (A1):deny:web scraper")
        let forged = HeaderField("akamai-bot", "Unknown Bot (A1):monitor:web scraper")
        let alone = try client.exchange(.check("post-login", [forged]))
        #expect(alone["postern-flags"] == nil)
        for headers in [[honest, forged], [forged, honest], [honest, honest], [forged, forged]] {
          let response = try client.exchange(.check("post-login", headers))
          #expect(response["postern-rule"] == "bot-unreadable")
          #expect(response["postern-flags"] == "invalidSignal")
        }
        let flagged = server.server.metrics().flags.first { $0.name == "invalidSignal" }
        #expect(flagged?.count == 4)
      }
    }

    @Test func `a header is never cut: one byte over the limit makes it invalid`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        func rule(_ byteCount: Int) throws -> String? {
          let start = "status=0;score=10;username="
          let risk = start + String(repeating: "x", count: byteCount - start.utf8.count)
          let headers = [HeaderField("akamai-user-risk", risk)]
          return try client.exchange(.check("post-login", headers))["postern-rule"]
        }
        #expect(try rule(8192) == "no-opinion")
        #expect(try rule(8193) == "risk-unreadable")
      }
    }

    @Test(arguments: ["akamai-user-risk", "akamai-bot"])
    func `a header is never cut: one item over the limit makes it invalid`(name: String) async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        func response(_ itemCount: Int) throws -> RawResponse {
          let items = (0..<itemCount).map { "i\($0)" }
          let value =
            name == "akamai-bot"
            ? "Unknown Bot (A1):monitor:" + items.joined(separator: ",")
            : "status=0;score=10;risk=" + items.map { "\($0):1" }.joined(separator: "|")
          return try client.exchange(.check("post-login", [HeaderField(name, value)]))
        }
        #expect(try response(256)["postern-flags"] == nil)
        let refused = try response(257)
        #expect(refused["postern-flags"] == "invalidSignal")
        #expect(
          refused["postern-rule"] == (name == "akamai-bot" ? "bot-unreadable" : "risk-unreadable"))
      }
    }

    @Test func `bytes that are no text are for the tables to judge in an Akamai header`()
      async throws
    {
      try await TestServer.run { server in
        let client = try server.connect()
        let header = HeaderField("akamai-bot", [0xFF, 0xFE, 0x80, 0x20, 0xC3])
        let response = try client.exchange(.check("post-login", [header]))
        #expect(response.status == 403)
        #expect(response["postern-rule"] == "bot-unreadable")
      }
    }

    /// Whoever can add trailers must not be able to add signals.
    @Test func `trailers are no signals`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let trailers = [
          HeaderField("postern-session-mfa-required", "false"),
          HeaderField("akamai-user-risk", "status=0;score=0"),
        ].flatMap(\.encoded)
        for body in [[], [0x61]] as [[UInt8]] {
          let stream = client.takeStreamID()
          let owed = [HeaderField("postern-session-mfa-required", "true")]
          let request = RawRequest.check("post-login", owed, method: "POST")
          try client.send(request.headerFrames(on: stream, endStream: false))
          try client.send([
            Frame(.data, stream: stream, body),
            Frame(.headers, flags: Frame.endStream | Frame.endHeaders, stream: stream, trailers),
          ])
          let response = try client.response(on: stream)
          #expect(response.status == 401)
          #expect(response["postern-rule"] == "owed")
        }
      }
    }
  }
}
