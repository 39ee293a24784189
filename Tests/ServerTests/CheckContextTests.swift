import EdgeProof
import Foundation
import HTTP2
import Rules
import Server
import TestSupport
import Testing
import Wire

extension ServerTests {
  /// What a check takes from headers beside Akamai's own.
  @Suite struct CheckContextTests {
    /// A table that says by its rule what it was told.
    private static func tables(_ column: String, _ cells: [String]) throws -> TableSet {
      try TestTables.set(
        TestTables.source(
          "post-login", ["rule", column, "verdict"],
          cells.enumerated().map { ["r\($0)", $1, "allow"] }))
    }

    /// The rules hit, counted from 0, by requests with these headers each.
    private static func rules(
      _ column: String, _ cells: [String], trustedProxies: Int = 0, path: String = "post-login",
      _ requests: [[HeaderField]]
    ) async throws -> [String] {
      var rules: [String] = []
      try await TestServer.run(
        tables: tables(column, cells), configure: { $0.trustedProxies = trustedProxies }
      ) { server in
        let client = try server.connect()
        for headers in requests {
          let response = try client.exchange(.check(path, headers))
          rules.append(response["postern-rule"] ?? response["postern-error"] ?? "none")
        }
      }
      return rules
    }

    private static func forwarded(_ values: String...) -> [HeaderField] {
      values.map { HeaderField("x-forwarded-for", $0) }
    }

    @Test func `the address is the last forwarded one, and the caller's own goes before it`()
      async throws
    {
      let cells = ["10.0.0.1", "192.0.2.0/24", "2001:db8::/32", "absent", "invalid"]
      let got = try await Self.rules(
        "request.ip", cells,
        [
          Self.forwarded("10.0.0.1"), Self.forwarded("192.0.2.9, 10.0.0.1"),
          Self.forwarded("192.0.2.9,10.0.0.1"), Self.forwarded("10.0.0.1, 192.0.2.9"),
          Self.forwarded("2001:db8::5"), [], Self.forwarded("nonsense"), Self.forwarded(""),
          Self.forwarded("192.0.2.9", "10.0.0.1"),
          Self.forwarded("10.0.0.1") + [HeaderField("postern-request-ip", "192.0.2.1")],
        ])
      #expect(got == ["r0", "r0", "r0", "r1", "r2", "r3", "r4", "r4", "r0", "r1"])
    }

    /// Who reaches a door and is no proxy could say where a login comes from.
    @Test func `what is forwarded is believed on unix sockets and from whom the settings name`()
      async throws
    {
      let headers =
        Self.forwarded("10.0.0.1")
        + ["uri", "method", "host"].map { HeaderField("x-forwarded-\($0)", "/login") }
        + [HeaderField("user-agent", "curl")]
      let source = TestTables.source(
        "post-login",
        [
          "rule", "request.ip", "request.path", "request.method", "request.host", "request.userAgent",
          "verdict",
        ],
        [
          ["all", "10.0.0.1", "\"/login\"", "\"/login\"", "\"/login\"", "\"curl\"", "allow"],
          ["none", "absent", "absent", "absent", "absent", "\"curl\"", "allow"],
          ["some", "-", "-", "-", "-", "-", "allow"],
        ])
      let socket = "/tmp/postern-\(UUID().uuidString.prefix(8))"
      for (blocks, expected) in [
        (nil, "all"), ([], "none"), (["127.0.0.2", "::1"], "none"), (["10.0.0.0/8", "127.0.0.1"], "all"),
      ] as [([String]?, String)] {
        try await TestServer.run(
          tables: TestTables.set(source),
          configure: {
            $0.listen.append(.unix(path: socket))
            if let blocks { $0.forwardedFrom = blocks.compactMap { AddressBlock($0) } }
          }
        ) { server in
          let proxy = try RawClient(.unix(path: socket))
          #expect(try proxy.exchange(.check("post-login", headers))["postern-rule"] == "all")
          #expect(server.server.metrics().ignoredForwardedHeaders == 0)
          let client = try server.connect()
          #expect(try client.exchange(.check("post-login", headers))["postern-rule"] == expected)
          let own = [HeaderField("postern-request-ip", "10.0.0.1")] + headers
          let response = try client.exchange(.check("post-login", own))
          #expect(response["postern-rule"] == (expected == "all" ? "all" : "some"))
          #expect(server.server.metrics().ignoredForwardedHeaders == (expected == "all" ? 0 : 8))
        }
      }
    }

    @Test func `trusted proxies are stepped over, across header lines`() async throws {
      let cells = ["10.0.0.0/8", "192.0.2.0/24", "-"]
      let got = try await Self.rules(
        "request.ip", cells, trustedProxies: 1,
        [
          Self.forwarded("203.0.113.1, 192.0.2.9, 10.0.0.1"), Self.forwarded("192.0.2.9,10.0.0.1"),
          Self.forwarded("203.0.113.1, 192.0.2.9", "10.0.0.1"),
          Self.forwarded("203.0.113.1", "192.0.2.9", "10.0.0.1"), Self.forwarded("10.0.0.1"),
        ])
      #expect(got == ["r1", "r1", "r1", "r1", "r0"])
    }

    @Test func `the path comes from the proxy's header or from behind the trigger, without query`()
      async throws
    {
      let cells = ["\"/login\"", "\"/login/step\"", "absent", "-"]
      let uri = { (text: String) in HeaderField("x-forwarded-uri", text) }
      #expect(
        try await Self.rules(
          "request.path", cells,
          [
            [uri("/login")], [uri("/login?next=/account")], [uri("/login/step")], [],
            [HeaderField("postern-request-path", "/login")], [uri("/other")],
            [uri("/other"), HeaderField("postern-request-path", "/login")],
          ]) == ["r0", "r0", "r1", "r2", "r0", "r3", "r0"])
      #expect(
        try await Self.rules(
          "request.path", cells, path: "post-login/login/step?a=/b", [[], [uri("/login")]])
          == ["r1", "r0"])
      #expect(
        try await Self.rules("request.path", cells, path: "post-login?a=/login", [[]]) == ["r2"])
    }

    @Test func `a caller's own user agent goes before the one that every client sends`()
      async throws
    {
      let agent = HeaderField("user-agent", "curl/7.88")
      let named = HeaderField("postern-request-user-agent", "Firefox")
      #expect(
        try await Self.rules(
          "request.userAgent", ["\"curl/7.88\"", "\"Firefox\"", "-"],
          [[agent], [named], [agent, named], [named, agent]]) == ["r0", "r1", "r1", "r1"])
    }

    @Test func `context headers are read by their type`() async throws {
      #expect(
        try await Self.rules(
          "session.mfaRequired", ["true", "false", "absent"],
          ["true", "1", "false", "0"].map { [HeaderField("postern-session-mfa-required", $0)] }
            + [[]]) == ["r0", "r0", "r1", "r1", "r2"])
      #expect(
        try await Self.rules(
          "user.id", ["\"auth0-42\"", "absent", "-"],
          [[HeaderField("postern-user-id", "auth0-42")], [], [HeaderField("postern-user-id", "")]])
          == ["r0", "r1", "r2"])
      #expect(
        try await Self.rules(
          "stats.loginsCount", [">= 10", "-"],
          ["10", "9.5", "1e3"].map { [HeaderField("postern-stats-logins-count", $0)] })
          == ["r0", "r1", "r0"])
      #expect(
        try await Self.rules(
          "authentication.methods", ["\"mfa\"", "-"],
          ["pwd,mfa", "pwd, mfa", "mfa", "pwd", "mfa2"].map {
            [HeaderField("postern-authentication-methods", $0)]
          }) == ["r0", "r0", "r0", "r1", "r1"])
      #expect(
        try await Self.rules(
          "request.method", ["\"PUT\"", "-"], [[HeaderField("x-forwarded-method", "PUT")], []])
          == ["r0", "r1"])
    }

    @Test func `a context header that cannot be read is the caller's mistake`() async throws {
      let wrong: [(name: String, value: [UInt8], error: String)] = [
        ("postern-session-mfa-required", Array("yes".utf8), "invalidBoolean"),
        ("postern-session-mfa-required", [], "invalidBoolean"),
        ("postern-stats-logins-count", Array("many".utf8), "invalidNumber"),
        ("postern-stats-logins-count", Array("nan".utf8), "invalidNumber"),
        ("postern-stats-logins-count", Array("1e999".utf8), "invalidNumber"),
        ("postern-user-id", [0x61, 0xFF], "invalidUTF8"),
        ("postern-authentication-methods", [0x61, 0xFF], "invalidUTF8"),
        ("x-forwarded-uri", [0x2F, 0xC0, 0x80], "invalidUTF8"),
        ("postern-tenant", Array("no/name".utf8), "invalidName"),
        ("postern-tenant", Array(repeating: 0x61, count: 65), "invalidName"),
        ("postern-tenant", Array(repeating: 0x61, count: 300), "invalidName"),
        ("postern-correlation-id", Array("-1".utf8), "invalidNumber"),
        ("postern-correlation-id", Array("18446744073709551616".utf8), "invalidNumber"),
        ("postern-correlation-id", Array("99999999999999999999".utf8), "invalidNumber"),
        ("postern-correlation-id", Array("+1".utf8), "invalidNumber"),
        ("postern-correlation-id", Array("1 2".utf8), "invalidNumber"),
        ("postern-correlation-id", [], "invalidNumber"),
        ("postern-budget-us", Array("4294967296".utf8), "invalidNumber"),
        ("postern-explain", Array("maybe".utf8), "invalidBoolean"),
      ]
      try await TestServer.run { server in
        let client = try server.connect()
        for (name, value, error) in wrong {
          let response = try client.exchange(.check("post-login", [HeaderField(name, value)]))
          #expect(response.status == 400, "\(name): \(value)")
          #expect(response["postern-error"] == error, "\(name): \(value)")
          #expect(response["postern-error-offset"] == "0", "\(name): \(value)")
          #expect(
            response.text.hasPrefix("\(error): header `\(name)`: write "), "\(response.text)")
        }
        #expect(server.decisionCount == 0)
        #expect(try client.isUsable())
      }
    }

    @Test(arguments: [
      "postern-user-id", "postern-request-ip", "postern-session-mfa-required", "postern-tenant",
      "postern-correlation-id", "postern-budget-us", "postern-explain", "postern-parts",
    ])
    func `a header of our own that came twice is refused by name`(name: String) async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let headers = [HeaderField(name, "1"), HeaderField(name, "1")]
        let response = try client.exchange(.check("post-login", headers))
        #expect(response.status == 400)
        #expect(response["postern-error"] == "duplicateField")
        #expect(response.text == "duplicateField: header `\(name)`: it came twice; send it once\n")
        #expect(try client.isUsable())
      }
    }

    /// As settings allow it: by default a head is shorter. A list's element has two bytes for its length.
    @Test(arguments: [65_535, 65_536])
    func `an element of a list that is too long is refused, and ends nothing`(byteCount: Int) async throws {
      try await TestServer.run(configure: { $0.http2.headerByteCount = 300_000 }) { server in
        let client = try server.connect()
        let value = String(repeating: "a", count: byteCount)
        let response = try client.exchange(
          .check("post-login", [HeaderField("postern-authentication-methods", value)]))
        #expect((response.status == 431) == (byteCount > 65_535), "\(response.status)")
        #expect(try client.isUsable())
      }
    }

    @Test(arguments: ["x-forwarded-uri", "x-forwarded-method", "x-forwarded-host", "user-agent"])
    func `a header of the context that came twice is refused, whichever was the proxy's`(name: String)
      async throws
    {
      try await TestServer.run { server in
        let client = try server.connect()
        let (one, other) = (HeaderField(name, "/a"), HeaderField(name, "/b"))
        #expect(try client.exchange(.check("post-login", [one])).status == 200)
        for (index, headers) in [[one, other], [other, one], [one, one]].enumerated() {
          let response = try client.exchange(.check("post-login", headers))
          #expect(response.status == 400)
          #expect(response["postern-error"] == "duplicateField")
          #expect(server.refusalCount(.duplicateField) == UInt64(index + 1))
        }
        #expect(server.decisionCount == 1)
        #expect(try client.isUsable())
      }
    }
  }
}
