import EdgeProof
import Server
import TestSupport
import Testing
import Wire

extension ServerTests {
  /// Some servers take two spellings for one header, and so let through what they should remove.
  @Suite struct LookAlikeTests {
    /// Where trust and proof come from, and what an attacker would write there.
    private static func edgeHeaders(_ proof: TestProof.Parts) -> [HeaderField] {
      let risk = [HeaderField("akamai-bot", ""), HeaderField("akamai-user-risk", "status=0;score=0")]
      let others: TestProof.Parts = [(.edgeSecret, TestProof.secret), (.forwardedScheme, "https")]
      return risk + (proof + others).headers
    }

    private static let forwardedHeaders = [
      HeaderField("x-forwarded-for", "192.0.2.1"), HeaderField("x-forwarded-uri", "/login"),
      HeaderField("x-forwarded-method", "POST"), HeaderField("x-forwarded-host", "id.example"),
      HeaderField("user-agent", "curl"),
    ]

    /// The spellings that some server takes for the same name: each mark, and all of them, as another, left
    /// out and doubled; a mark too many at either end.
    static func spellings(of name: String) -> [String] {
      let parts = name.split(separator: "-").map(String.init)
      let marks = ["_", ".", "+", "", "--", "-_"]
      var spellings = Set(marks.map { parts.joined(separator: $0) })
      for place in 1..<parts.count {
        let (head, tail) = (parts[..<place].joined(separator: "-"), parts[place...].joined(separator: "-"))
        for mark in marks { spellings.insert(head + mark + tail) }
      }
      return spellings.union([name + "-", name + "_", "_" + name]).sorted()
    }

    /// What a reply says of the decision.
    private static func said(_ response: RawResponse) -> [String] {
      let names = ["verdict", "would-be", "mode", "flags", "table", "rule", "reason", "obligation"]
      return ["\(response.status)"] + names.map { response["postern-" + $0] ?? "" }
    }

    @Test func `a spelling of another header is as if it had not come, and is counted`() async throws {
      let trigger = "post-login"
      try await TestServer.run { $0.edgeProof = try! TestProof.settings() } _: { server in
        let client = try server.connect()
        var count: UInt64 = 0
        func ask(_ headers: [HeaderField]) throws -> [String] {
          Self.said(try client.exchange(.check(trigger, headers)))
        }
        #expect(ExampleHeaders.all.count >= 22)
        for example in ExampleHeaders.all {
          let proof = try TestProof.parts()
          let all = example.headers + proof.headers
          let whole = try ask(all)
          for read in Self.edgeHeaders(proof) {
            let without = all.filter { $0.name != read.name }
            let missing = try ask(without)
            for spelling in Self.spellings(of: read.name) {
              let forged = HeaderField(spelling, read.value)
              #expect(try ask([forged] + all) == whole, "\(example.file): \(spelling)")
              #expect(try ask(without + [forged]) == missing, "\(example.file): \(spelling)")
              count += 2
            }
          }
        }
        #expect(server.server.metrics().lookAlikeHeaders == count)
        #expect(count > 5000)
      }
    }

    @Test func `no spelling of what proxies forward makes a verdict milder`() async throws {
      let fields = ["request.ip", "request.path", "request.method", "request.host", "request.userAgent"]
      let source = TestTables.source(
        "post-login", ["rule"] + fields + ["verdict"],
        [
          ["lost"] + fields.map { _ in "absent" } + ["deny"], ["came"] + fields.map { _ in "-" } + ["allow"],
        ])
      try await TestServer.run(tables: TestTables.set(source)) { server in
        let client = try server.connect()
        var count: UInt64 = 0
        for read in Self.forwardedHeaders {
          #expect(try client.exchange(.check("post-login", [read])).status == 200, "\(read.name)")
          for spelling in Self.spellings(of: read.name) {
            let response = try client.exchange(.check("post-login", [HeaderField(spelling, read.value)]))
            #expect(response.status == 403, "\(spelling)")
            count += 1
          }
        }
        #expect(server.server.metrics().lookAlikeHeaders == count)
      }
    }

    @Test func `a spelling of a header of our own is refused`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        for name in try client.checkNames() {
          for spelling in Self.spellings(of: name) where spelling.hasPrefix("postern") {
            let response = try client.exchange(.check("post-login", [HeaderField(spelling, "1")]))
            #expect(response["postern-error"] == "unknownField", "\(spelling)")
            #expect(response.text.hasPrefix("unknownField: header `\(spelling)`: "), "\(response.text)")
          }
        }
        #expect(server.decisionCount == 0)
        #expect(server.server.metrics().lookAlikeHeaders == 0)
        // Ours only by its letters: nobody meant us, or somebody hides it. It carries nothing.
        let hidden = HeaderField("_postern-session-mfa-required", "true")
        #expect(try client.exchange(.check("post-login", [hidden])).status == 200)
        #expect(server.server.metrics().lookAlikeHeaders == 1)
      }
    }

    @Test func `a name with capitals is none in HTTP/2`() async throws {
      try await TestServer.run { $0.edgeProof = try! TestProof.settings() } _: { server in
        for read in Self.edgeHeaders(try TestProof.parts()) + Self.forwardedHeaders {
          let client = try server.connect()
          let field = HeaderField(read.name.uppercased(), read.value)
          #expect(try client.exchange(.check("post-login", [field])).resetCode == 1, "\(field.name)")
        }
        #expect(server.decisionCount == 0)
      }
    }

    @Test func `only spellings are counted, of what is read`() async throws {
      try await TestServer.run { $0.edgeProof = try! TestProof.settings(.off) } _: { server in
        let client = try server.connect()
        let honest = [
          "x-akamai-bot", "akamai-bot-2", "akamai-user", "akamai", "accept", "x-forwarded-port", "forwarded",
          "x-akamai-g2o-auth-data", "x_akamai_g2o_auth_data", "x-edge-secret", "x_edge_secret",
          "x-forwarded-for", "x-forwarded-uri", "user-agent", "akamai-bot", "postern-tenant",
        ]
        for name in honest { _ = try client.exchange(.check("post-login", [HeaderField(name, "x")])) }
        #expect(server.server.metrics().lookAlikeHeaders == 0)
        let odd = ["akamai_bot", "akamaiuserrisk", "x_forwarded_for", "x.forwarded.uri", "user_agent"]
        for name in odd { _ = try client.exchange(.check("post-login", [HeaderField(name, "x")])) }
        #expect(server.server.metrics().lookAlikeHeaders == UInt64(odd.count))

        var settings = try TestProof.settings()
        settings.headers.secret = "x-our-secret"
        try await server.server.use(settings)
        for name in ["x_our_secret", "x_akamai_g2o_auth_data", "x_edge_secret"] {
          _ = try client.exchange(.check("post-login", [HeaderField(name, "x")]))
        }
        #expect(server.server.metrics().lookAlikeHeaders == UInt64(odd.count + 2))
      }
    }
  }
}
