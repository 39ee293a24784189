import Server
import TestSupport
import Testing
import Wire

extension ServerTests {
  /// Requests that are refused before a message is read, or as a whole.
  @Suite struct RefusalTests {
    private struct Case {
      var request: RawRequest
      var error: String
      var status: Int
      var offset = 0
      var allow: String?
    }

    private static let good = message([TestDecision()])
    private static let mediaType = HeaderField("content-type", "application/vnd.postern.v1")

    private static let cases = [
      Case(
        request: RawRequest("POST", "/v1/decide", body: good), error: "unsupportedMediaType",
        status: 415),
      Case(
        request: RawRequest(
          "POST", "/v1/decide", [HeaderField("content-type", "application/json")], body: good),
        error: "unsupportedMediaType", status: 415),
      Case(
        request: RawRequest(
          "POST", "/v1/decide", [HeaderField("content-type", "application/vnd.postern.v10")],
          body: good),
        error: "unsupportedMediaType", status: 415),
      Case(
        request: RawRequest("GET", "/v1/decide"), error: "methodNotAllowed", status: 405,
        allow: "POST"),
      Case(
        request: RawRequest("PUT", "/v1/decide", [mediaType], body: good),
        error: "methodNotAllowed", status: 405, allow: "POST"),
      Case(
        request: RawRequest("DELETE", "/v1/ping"), error: "methodNotAllowed", status: 405,
        allow: "GET, POST"),
      Case(request: RawRequest("GET", "/"), error: "unknownPath", status: 404),
      Case(
        request: RawRequest("POST", "/v1/decide/", [mediaType], body: good), error: "unknownPath",
        status: 404),
      Case(
        request: RawRequest("POST", "/v1/Decide", [mediaType], body: good), error: "unknownPath",
        status: 404),
      Case(request: RawRequest("GET", "/v1/check"), error: "unknownPath", status: 404),
      Case(request: RawRequest("GET", "/v1/pinge"), error: "unknownPath", status: 404),
      Case(request: RawRequest("OPTIONS", "*"), error: "unknownPath", status: 404),
      Case(
        request: RawRequest("POST", "/v1/decide", [mediaType]), error: "truncated", status: 400),
      Case(
        request: .decide(message([TestDecision(trigger: "post-logout", correlationID: 1)])),
        error: "unknownTrigger", status: 404, offset: 48),
      Case(
        request: .decide(message([TestDecision(), TestDecision(trigger: "Post-Login")])),
        error: "unknownTrigger", status: 404, offset: 24 + 34 + 24),
      // A decision is read whole before its trigger is looked up, and that before the next one.
      Case(
        request: .decide(unknownTrigger + [0]), error: "trailingBytes", status: 400,
        offset: 58),
      Case(
        request: .decide(withBody(unknownTrigger, longerBy: [0])), error: "unknownTrigger",
        status: 404, offset: 48),
      Case(
        request: .decide(
          message([
            TestDecision(trigger: "post-logout", custom: [("a", .number(.nan))])
          ])),
        error: "invalidNumber", status: 400, offset: 24 + 24 + 11 + 8 + 2),
    ]

    private static let unknownTrigger = message([TestDecision(trigger: "post-logon")])

    /// A message with more in its body than its decisions.
    private static func withBody(_ message: [UInt8], longerBy bytes: [UInt8]) -> [UInt8] {
      var longer = message + bytes
      longer[4] += UInt8(bytes.count)
      longer[8] += UInt8(bytes.count)
      return longer
    }

    @Test func `a request that no door takes is refused with its own status`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        for (index, refused) in Self.cases.enumerated() {
          let name = "\(refused.request.method) \(refused.request.path) \(refused.error)"
          let response = try client.exchange(refused.request)
          #expect(response.status == refused.status, "\(name)")
          #expect(response["postern-error"] == refused.error, "\(name)")
          #expect(response["postern-error-offset"] == "\(refused.offset)", "\(name)")
          #expect(response["allow"] == refused.allow, "\(name)")
          #expect(response["retry-after"] == nil)
          let isText = response["content-type"] == "text/plain; charset=utf-8"
          if !isText { #expect("\(try response.refusal().code)" == refused.error, "\(name)") }
          #expect(server.decisionCount == UInt64(index), "\(name) decided something")
          #expect(try client.isUsable(), "\(name)")
        }
        #expect(server.refusalCount(.unsupportedMediaType) == 3)
      }
    }

    @Test func `a HEAD request is refused without a body`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        for path in ["/v1/decide", "/v1/ping", "/nothing"] {
          let response = try client.exchange(RawRequest("HEAD", path))
          #expect(response.status == (path == "/nothing" ? 404 : 405))
          #expect(response.body == [])
        }
      }
    }

    /// All decisions of a batch count once its reply is sure, none before.
    @Test func `a batch with one bad decision counts none of them`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let response = try client.exchange(
          .decide(
            message([
              TestDecision(bot: CapturedHeaders.aggressiveBot),
              TestDecision(trigger: "post-challenge"), TestDecision(trigger: "no-such-trigger"),
            ])))
        #expect(response.status == 404)
        #expect(server.decisionCount == 0)
        #expect(server.server.metrics().flags.allSatisfy { $0.count == 0 })
      }
    }

    @Test func `a body one byte over the limit is refused, one at the limit is read`() async throws
    {
      let limit = 1_048_576
      try await TestServer.run { server in
        let client = try server.connect()
        let over = try client.exchange(.decide([UInt8](repeating: 1, count: limit + 1)))
        #expect(over.status == 413)
        #expect(try over.refusal().code == .messageTooLarge)
        #expect(try over.refusal().offset == limit)
        #expect(try client.isUsable())
        // Version 1, kind 1 and then nonsense: it was read, and refused for what it says.
        let at = try client.exchange(.decide([UInt8](repeating: 1, count: limit)))
        #expect(at.status == 400)
        #expect(try at.refusal().code == .unknownFlag)
        #expect(try client.isUsable())
      }
    }

    @Test func `the largest message is answered`() async throws {
      try await TestServer.run { server in
        let header = String(repeating: "x", count: 900)
        let decisions = (0..<1024).map { TestDecision(correlationID: UInt64($0), bot: header) }
        #expect(message(decisions).count > 960_000)
        let replies = try server.connect().decide(decisions)
        #expect(replies.map(\.correlationID) == (0..<1024).map { UInt64($0) })
        #expect(replies.allSatisfy { $0.verdict == .deny && $0.flags == .invalidSignal })
      }
    }

    @Test func `a reply over the limit is refused, not sent in part`() async throws {
      let long = String(repeating: "w", count: 4000)
      let set = try TestTables.set(
        TestTables.source(
          "post-login", ["rule", "verdict", "reason"], [["all", "deny", long]]))
      try await TestServer.run(tables: set) { server in
        let client = try server.connect()
        let response = try client.exchange(
          .decide(message(Array(repeating: TestDecision(), count: 300))))
        #expect(response.status == 413)
        #expect(try response.refusal().code == .messageTooLarge)
        #expect(try response.refusal().offset == 0)
        #expect(server.decisionCount == 0)
        #expect(try client.decide([TestDecision()])[0].value(of: .reason) == long)
      }
    }

    @Test func `an endless body is answered and then stopped`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let request = RawRequest("POST", "/v1/decide", [Self.mediaType])
        let stream = client.takeStreamID()
        try client.send(request.headerFrames(on: stream, endStream: false))
        let part = Frame(.data, stream: stream, [UInt8](repeating: 0, count: 16_384))
        var count = 0
        while count < 2000, try client.sendWithinWindow(part) { count += 1 }
        let response = try client.response(on: stream)
        #expect(response.status == 413)
        while client.responses[stream]?.resetCode == nil { try client.receiveFrame() }
        #expect(client.responses[stream]?.resetCode == 0)
        #expect(try client.isUsable())
      }
    }

    @Test func `an endless body to no path at all is stopped as well`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let stream = client.takeStreamID()
        let request = RawRequest("POST", "/nothing")
        try client.send(request.headerFrames(on: stream, endStream: false))
        let part = Frame(.data, stream: stream, [UInt8](repeating: 0, count: 16_384))
        while try client.sendWithinWindow(part) {}
        #expect(try client.response(on: stream).status == 404)
        #expect(try client.isUsable())
      }
    }
  }
}
