import HTTP2
import TestSupport
import Testing

@Suite struct HeaderLimitTests {
  /// The fault of a request with these headers under limits of 1,000 bytes and 10 fields.
  private static func fault(_ headers: [HeaderField]) throws -> HTTP2Stream.Fault? {
    var settings = HTTP2Settings()
    settings.headerByteCount = 1000
    settings.headerCount = 10
    let session = try TestSession(settings)
    try session.receive(RawRequest("GET", "/keep", headers).frames(on: 1))
    return session.takeRequest()?.stream.fault
  }

  /// The four pseudo-headers of a test request, as they are counted.
  private static let pseudoByteCount =
    [":method", "GET", ":scheme", "http", ":path", "/keep", ":authority", "postern.example"]
    .reduce(0) { $0 + $1.utf8.count } + 4 * 32

  @Test func `bytes are counted with 32 for each field`() throws {
    let rest = 1000 - Self.pseudoByteCount - 32 - 1
    for (count, fault) in [(rest, HTTP2Stream.Fault.none), (rest + 1, .headersTooLarge)] {
      let value = String(repeating: "v", count: count)
      #expect(try Self.fault([HeaderField("a", value)]) == fault)
    }
  }

  @Test func `fields are counted, pseudo-headers included`() throws {
    for (count, fault) in [(6, HTTP2Stream.Fault.none), (7, .headersTooLarge)] {
      #expect(try Self.fault((0..<count).map { HeaderField("h\($0)", "") }) == fault)
    }
  }

  @Test func `a block far over the limits ends the connection with a goaway`() throws {
    for headers in [
      [HeaderField("a", String(repeating: "v", count: 4000))],
      (0..<37).map { HeaderField("h\($0)", "") },
    ] {
      var settings = HTTP2Settings()
      settings.headerByteCount = 1000
      settings.headerCount = 10
      let session = try TestSession(settings)
      #expect(throws: HTTP2Error.offence(.headerBomb)) {
        try session.receive(RawRequest("GET", "/keep", headers).frames(on: 1))
      }
      let goAway = try #require(session.frames.last { $0.kind == .goAway })
      #expect(goAway.payload[7] == 11)
      #expect(session.takeRequest() == nil)
    }
  }

  @Test func `a body over the limit is handed out at once and read no further`() throws {
    var settings = HTTP2Settings()
    settings.bodyByteCount = 100
    let session = try TestSession(settings)
    let request = RawRequest("POST", "/p", body: [UInt8](repeating: 1, count: 101))
    try session.receive(request.headerFrames(on: 1, endStream: false))
    try session.receive([Frame(.data, stream: 1, request.body)])
    let taken = try #require(session.takeRequest())
    #expect(taken.stream.fault == .bodyTooLarge)
    try session.receive([Frame(.data, stream: 1, request.body)])
    session.respond(to: taken.stream, [1])
    #expect(session.responses[1]?.isComplete == true)
    #expect(session.responses[1]?.resetCode == 0)
    // What was under way when the reset was sent.
    try session.receive([Frame(.data, flags: Frame.endStream, stream: 1, request.body)])
    #expect(session.session.openStreamCount == 0)
    try session.receive(RawRequest("GET", "/p").frames(on: 3))
    #expect(session.takeRequest()?.stream.fault == HTTP2Stream.Fault.none)
  }
}
