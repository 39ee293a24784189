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

  @Test func `how far over the limits a block may be is a setting`() throws {
    for (factor, offence) in [(1, HTTP2Offence.headerBomb), (4, nil), (8, nil)] {
      var settings = HTTP2Settings()
      settings.headerByteCount = 1000
      settings.headerAbuseFactor = factor
      let session = try TestSession(settings)
      let long = HeaderField("a", String(repeating: "v", count: 3000))
      try? session.receive(RawRequest("GET", "/keep", [long]).frames(on: 1))
      #expect(session.session.offence == offence, "\(factor)")
      #expect(session.takeRequest()?.stream.fault == (offence == nil ? .headersTooLarge : nil), "\(factor)")
    }
  }

  /// Requests with a field of nearly 4 KiB, from the second on by so many references to it. The offence
  /// that ends the session, if any, and how many requests came until then.
  private static func naming(_ count: Int, _ requestCount: UInt32) throws -> (HTTP2Offence?, Int) {
    let session = try TestSession()
    let field: [UInt8] = [0x40, 1, 0x78, 0x7F, 0x80, 0x1E] + [UInt8](repeating: 0x61, count: 3967)
    let block = RawRequest("GET", "/p").headerBlock
    var taken = 0
    for index in 0..<requestCount {
      let fields = index == 0 ? field : [UInt8](repeating: 0xBE, count: count)
      do {
        try session.receive([Frame(
          .headers, flags: Frame.endHeaders | Frame.endStream, stream: 2 * index + 1, block + fields)])
      } catch HTTP2Error.offence(let offence) {
        return (offence, taken)
      }
      taken += 1
      if let request = session.takeRequest() { session.respond(to: request.stream, [1]) }
    }
    return (nil, taken)
  }

  @Test func `long fields that are named again and again end the connection`() throws {
    for (count, most) in [(15, 3), (3, 12), (2, 32)] {
      let (offence, taken) = try Self.naming(count, 100)
      #expect(offence == .headerBomb && taken <= most, "\(count): \(taken)")
    }
  }

  /// A gateway's own fields, which every request of its has.
  @Test func `a long field that every request names is no offence`() throws {
    let (offence, taken) = try Self.naming(1, 10_000)
    #expect(offence == nil && taken == 10_000)
  }

  @Test func `long headers that are sent each time are no offence`() throws {
    let session = try TestSession()
    let headers = (0..<3).map { HeaderField("h\($0)", String(repeating: "v", count: 4000)) }
    for index in 0..<UInt32(200) {
      try session.receive(RawRequest("GET", "/p", headers).frames(on: 2 * index + 1))
      let request = try #require(session.takeRequest())
      session.respond(to: request.stream, [1])
    }
    #expect(session.session.offence == nil)
  }

  @Test func `a long block that comes byte by byte is no offence`() throws {
    let session = try TestSession()
    let headers = (0..<15).map { HeaderField("h\($0)", String(repeating: "v", count: 4000)) }
    for index in 0..<UInt32(3) {
      for byte in RawRequest("GET", "/p", headers).frames(on: 2 * index + 1).flatMap(\.bytes) {
        try session.session.receive([byte].span)
      }
      let request = try #require(session.takeRequest())
      #expect(request.stream.fault == .headersTooLarge)
      session.respond(to: request.stream, [1])
    }
    #expect(session.session.offence == nil)
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
