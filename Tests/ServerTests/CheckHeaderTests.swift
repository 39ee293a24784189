import TestSupport
import Testing
import Wire

extension ServerTests {
  /// Texts of tables and of requests in response headers.
  @Suite struct CheckHeaderTests {
    @Test func `what a table says cannot break a response's headers`() async throws {
      // Written as literals, so that line ends and tabs are in the text.
      let set = try TestTables.set(
        TestTables.source(
          "post-login",
          ["rule", "verdict", "reason", "message", "claim.Naïve Claim/1", "metadata.a:b"],
          [
            [
              "all", "deny", "`\"a\\r\\nset-cookie: x=1\\t\"`", "Grüße 👋", "`\"\\nb\"`", "m",
            ]
          ]))
      try await TestServer.run(tables: set) { server in
        let client = try server.connect()
        let response = try client.exchange(.check("post-login"))
        #expect(response.status == 403)
        #expect(response["set-cookie"] == nil)
        for header in response.headers {
          #expect(!header.value.contains { $0 < 0x20 || $0 == 0x7F }, "\(header)")
          #expect(header.value.first != 0x20 && header.value.last != 0x20, "\(header)")
          #expect(
            header.name.utf8.allSatisfy {
              (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x3A
            }, "\(header)")
        }
        #expect(response["postern-reason"]?.hasPrefix("a") == true)
        #expect(response["postern-message"] == "Grüße 👋")
        #expect(response["postern-metadata-a-b"] == "m")
        #expect(try client.exchange(.check("post-login")).status == 403)
      }
    }

    /// Every byte at every place of a header that denies: the request is reset, or decided as a message with
    /// the same bytes is; and a broken header is never taken for one of low risk.
    @Test func `a header with any byte in it is refused, or decided as in a message`() async throws {
      let honest = Array("status=0;score=92".utf8)
      try await TestServer.run { server in
        let messages = try server.connect()
        for place in 0...honest.count {
          var resets: Set<UInt8> = []
          // What cannot stand in a header is a fault: two hundred of them end a connection.
          let checks = try server.connect()
          for byte in UInt8.min...UInt8.max {
            let value = honest[..<place] + [byte] + honest[place...]
            let field = HeaderField("akamai-user-risk", Array(value))
            let response = try checks.exchange(.check("post-login", [field]))
            guard response.resetCode == nil else {
              #expect(response.resetCode == 1)
              resets.insert(byte)
              continue
            }
            var writer = RequestWriter()
            writer.beginDecision(
              tenant: Span(), trigger: Array("post-login".utf8).span, correlationID: 1,
              budgetMicroseconds: 0)
            // libnghttp2 takes the blanks at a value's ends away.
            let isBlank = byte == 0x20 || byte == 0x09
            let isCut = isBlank && (place == 0 || place == honest.count)
            writer.append(.akamaiUserRisk, bytes: isCut ? honest.span : field.value.span)
            writer.endDecision()
            writer.finish()
            let body = bytes(of: writer.bytes.span)
            let reply = try messages.exchange(.decide(body)).reply().decisions[0]
            let name = "byte \(byte) at \(place)"
            #expect(response["postern-verdict"] == reply.verdict.name, "\(name)")
            #expect(reply.verdict >= .mfa || (place > 15 && reply.verdict == .allow), "\(name)")
          }
          let controls = Set(0...0x1F as ClosedRange<UInt8>).subtracting([0x09]).union([0x7F])
          #expect(resets.isSuperset(of: controls), "at \(place): \(controls.subtracting(resets))")
        }
      }
    }

    /// Beyond 64 KiB libnghttp2 would drop the response without a word unless told otherwise.
    @Test func `the largest outputs that tables may have are sent`() async throws {
      let columns = (0..<40).map { "claim.c\($0)" }
      let value = String(repeating: "v", count: 4096)
      let set = try TestTables.set(
        TestTables.source(
          "post-login", ["rule", "verdict", "reason"] + columns,
          [["all", "allow", value] + columns.map { _ in value }]))
      try await TestServer.run(tables: set) { server in
        let client = try server.connect()
        let response = try client.exchange(.check("post-login"))
        #expect(response.status == 200)
        #expect(response["postern-claim-c39"] == value)
        #expect(try client.decide([TestDecision()])[0].outputs.count == columns.count + 3)
      }
    }
  }
}
