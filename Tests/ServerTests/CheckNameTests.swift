import Server
import TestSupport
import Testing
import Wire

extension ServerTests {
  /// A `postern-*` header of a check that means nothing is refused: whoever sent it meant something.
  @Suite struct CheckNameTests {
    private static let known = [
      "postern-tenant", "postern-correlation-id", "postern-budget-us", "postern-explain", "postern-parts",
      "postern-request-ip", "postern-session-mfa-required", "postern-user-id",
    ]

    @Test func `a misspelt header is refused by name, with the names that are known`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        for name in [
          "postern-tennant", "postern-", "postern-x", "postern_tenant", "postern-session_mfa_required",
          "postern-session-mfa", "postern-akamai-bot", "postern-shop-total",
        ] {
          let response = try client.exchange(.check("post-login", [HeaderField(name, "1")]))
          #expect(response.status == 400, "\(name)")
          #expect(response["postern-error"] == "unknownField", "\(name)")
          #expect(response["postern-error-offset"] == "0", "\(name)")
          let start = "unknownField: header `\(name)`: no such header; "
          #expect(response.text.hasPrefix(start), "\(response.text)")
          for known in Self.known { #expect(response.text.contains("`\(known)`"), "\(response.text)") }
        }
        #expect(server.decisionCount == 0)
        #expect(try client.isUsable())
      }
    }

    @Test func `every name that the complaint lists is known`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        for name in try client.checkNames() {
          let response = try client.exchange(.check("post-login", [HeaderField(name, "1")]))
          #expect(response["postern-error"] == nil, "\(name)")
        }
      }
    }

    @Test func `a header of an answer is refused on a request: it was forged or echoed`() async throws {
      let source = TestTables.source(
        "post-login",
        ["rule", "user.id", "verdict", "reason", "code", "message", "obligation", "claim.tier", "metadata.a"],
        [["r", "-", "mfa", "why", "c", "m", "mfa-required", "gold", "b"]])
      try await TestServer.run(tables: TestTables.set(source)) { server in
        let client = try server.connect()
        let answer = try client.exchange(.check("post-login", [HeaderField("postern-parts", "1")]))
        let missing = try client.exchange(.check("post-challenge"))
        let refusal = try client.exchange(.check("post-login", [HeaderField("postern-x", "1")]))
        let names = Set((answer.headers + missing.headers + refusal.headers).map(\.name))
          .filter { $0.hasPrefix("postern-") }
          .union(["postern-would-be", "postern-claim", "postern-metadata"])
        #expect(names.count > 15, "\(names)")
        for name in names {
          let response = try client.exchange(.check("post-login", [HeaderField(name, "allow")]))
          #expect(response.status == 400, "\(name)")
          #expect(
            response.text.hasPrefix("unknownField: header `\(name)`: only answers carry it, "),
            "\(response.text)")
        }
      }
    }

    @Test func `of a long name a part comes back`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let name = "postern-" + String(repeating: "x", count: 5000)
        let response = try client.exchange(.check("post-login", [HeaderField(name, "1")]))
        #expect(response["postern-error"] == "unknownField")
        #expect(response.text.hasPrefix("unknownField: header `\(name.prefix(64))...`: no such header; "))
        #expect(response.text.utf8.count < 1200)
      }
    }

    @Test func `the complaint is about the header that was refused, whatever others came`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let unreadable = HeaderField("postern-user-id", [0xFF])
        let unknown = HeaderField("postern-tennant", "x")
        let response = try client.exchange(.check("post-login", [unreadable, unknown]))
        #expect(response.text.hasPrefix("unknownField: header `postern-tennant`: "), "\(response.text)")
        let honest = try client.exchange(
          .check("post-login", [HeaderField("x-postern-x", "1"), HeaderField("posternx", "1")]))
        #expect(honest["postern-verdict"] != nil)
      }
    }
  }
}

extension RawClient {
  /// The `postern-*` headers of a check, as the complaint about one that is none of them lists them.
  func checkNames() throws -> [String] {
    let complaint = try exchange(.check("post-login", [HeaderField("postern-x", "1")])).text
    let names = complaint.split(separator: "`").map(String.init).filter { $0.hasPrefix("postern-") }
    // The first is the one complained about.
    try #require(names.count > 20)
    return Array(names.dropFirst())
  }
}
