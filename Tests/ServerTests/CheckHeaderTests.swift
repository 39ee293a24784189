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
