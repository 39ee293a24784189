import HTTP2
import TestSupport
import Testing
import Wire

@Suite struct ServerSessionTests {
  private static let request = RawRequest(
    "POST", "/keep/this", [HeaderField("x-a", "1"), HeaderField("x-b", [0xFF, 0x20, 0x80])],
    body: Array("a body of some bytes".utf8))

  @Test func `a request is the same wherever its bytes are cut`() throws {
    let bytes = Self.request.frames(on: 1, frameByteCount: 30).flatMap(\.bytes)
    for cut in 0...bytes.count {
      let session = try TestSession()
      try session.receive(Array(bytes[..<cut]))
      #expect((session.takeRequest() == nil) == (cut < bytes.count))
      if cut == bytes.count { continue }
      try session.receive(Array(bytes[cut...]))
      let taken = try #require(session.takeRequest())
      #expect(taken.request == Self.request, "cut at \(cut)")
      #expect(session.takeRequest() == nil)
      #expect(session.session.openStreamCount == 1)
    }
  }

  @Test func `a request has the arrival of the read that completed it, however long it waits`() throws {
    let session = try TestSession()
    let bytes = Self.request.frames(on: 1).flatMap(\.bytes)
    session.session.arrival = 10
    try session.receive(Array(bytes.dropLast()))
    session.session.arrival = 20
    try session.receive(bytes.suffix(1) + Self.request.frames(on: 3).flatMap(\.bytes))
    session.session.arrival = 30
    try session.receive(Self.request.frames(on: 5))
    for arrival: UInt64 in [20, 20, 30] { #expect(session.session.takeRequest()?.arrival == arrival) }
  }

  /// The library's guard against floods counts reads, so an honest block must not trip it.
  @Test func `a header block in many frames may come byte by byte`() throws {
    let session = try TestSession()
    let block = Self.request.headerFrames(on: 1, endStream: true, frameByteCount: 5)
    #expect(block.count >= 8)
    for byte in block.flatMap(\.bytes) { try session.receive([byte]) }
    #expect(session.takeRequest()?.request.headers == Self.request.headers)
  }

  @Test func `a flood of continuations ends the connection`() throws {
    let session = try TestSession()
    var frames = [Frame(.headers, flags: Frame.endStream, stream: 1, Self.request.headerBlock)]
    frames += Array(repeating: Frame(.continuation, stream: 1), count: 20_000)
    #expect(throws: HTTP2Error.self) { try session.receive(frames) }
  }

  @Test func `a stream used again holds nothing of its last request`() throws {
    let session = try TestSession()
    let second = RawRequest("GET", "/other")
    let typed = RawRequest("PUT", "/x", [HeaderField("content-type", "text/x")], body: [1, 2])
    for round in 0..<50 {
      let id = UInt32(6 * round + 1)
      try session.receive(Self.request.frames(on: id))
      let first = try #require(session.takeRequest())
      #expect(first.request == Self.request)
      session.respond(to: first.stream, [1, 2, 3])
      try session.receive(second.frames(on: id + 2))
      let next = try #require(session.takeRequest())
      #expect(next.request == second)
      #expect(next.stream.contentType.count == 0)
      #expect(next.stream.fault == .none)
      session.respond(to: next.stream, [])
      try session.receive(typed.frames(on: id + 4))
      let last = try #require(session.takeRequest())
      #expect(bytes(of: last.stream.contentType) == Array("text/x".utf8))
      session.respond(to: last.stream, [4])
      #expect(session.responses[id]?.body == [1, 2, 3])
      #expect(session.responses[id + 2]?.body == [])
      #expect(session.responses[id + 2]?.isComplete == true)
      #expect(session.session.openStreamCount == 0)
    }
  }

  @Test func `a stream used again after a reset holds nothing of what was cut`() throws {
    let session = try TestSession()
    let frames = Self.request.frames(on: 1, frameByteCount: 5)
    try session.receive(Array(frames.dropLast()) + [.reset(1)])
    #expect(session.session.openStreamCount == 0)
    try session.receive(RawRequest("POST", "/p", body: [7]).frames(on: 3))
    let taken = try #require(session.takeRequest())
    #expect(taken.request == RawRequest("POST", "/p", body: [7]))
    #expect(taken.stream.id == 3)
    #expect(session.takeRequest() == nil)
  }

  @Test func `headers are kept for paths that ask for it, the content type always`() throws {
    let session = try TestSession()
    let headers = [HeaderField("content-type", "text/x"), HeaderField("x-a", "1")]
    for (path, kept) in [("/keep", headers), ("/other", [])] {
      let id: UInt32 = path == "/keep" ? 1 : 3
      try session.receive(RawRequest("GET", path, headers).frames(on: id))
      let taken = try #require(session.takeRequest())
      #expect(taken.request.headers == kept)
      if kept.isEmpty { #expect(bytes(of: taken.stream.contentType) == Array("text/x".utf8)) }
    }
  }

  @Test func `trailers are counted, not kept`() throws {
    for body in [[], [1, 2]] as [[UInt8]] {
      let session = try TestSession()
      let trailers = [HeaderField("x-c", "3"), HeaderField("content-type", "x")].flatMap(\.encoded)
      try session.receive(
        Self.request.headerFrames(on: 1, endStream: false) + [
          Frame(.data, stream: 1, body),
          Frame(.headers, flags: Frame.endHeaders | Frame.endStream, stream: 1, trailers),
        ])
      let taken = try #require(session.takeRequest())
      #expect(taken.request.headers == Self.request.headers)
      #expect(taken.request.body == body)
      #expect(taken.stream.contentType.count == 0)
    }
  }

  @Test func `requests come in the order in which they were completed`() throws {
    let session = try TestSession()
    for id: UInt32 in [1, 3, 5] {
      try session.receive(Self.request.headerFrames(on: id, endStream: false))
    }
    for id: UInt32 in [3, 5, 1] { try session.receive(Self.request.dataFrames(on: id)) }
    #expect((0..<3).map { _ in session.takeRequest()?.stream.id } == [3, 5, 1])
  }

  @Test func `a request that is reset before it is taken is not handed out`() throws {
    let session = try TestSession()
    try session.receive(
      Self.request.frames(on: 1) + Self.request.frames(on: 3) + [.reset(1)]
        + Self.request.frames(on: 5) + [.reset(5)])
    #expect(session.takeRequest()?.stream.id == 3)
    #expect(session.takeRequest() == nil)
    #expect(session.session.openStreamCount == 1)
  }

  @Test func `a request that is reset before its answer leaves takes none`() throws {
    let session = try TestSession(client: [(id: 4, value: 10)])
    try session.receive(Self.request.frames(on: 1))
    let taken = try #require(session.takeRequest())
    session.respond(to: taken.stream, [UInt8](repeating: 9, count: 100))
    #expect(session.responses[1]?.body.count == 10)
    try session.receive([.reset(1), .windowUpdate(0, 1000)])
    #expect(session.session.openStreamCount == 0)
    try session.receive(Self.request.frames(on: 3))
    let next = try #require(session.takeRequest())
    session.respond(to: next.stream, [5])
    #expect(session.responses[3]?.body == [5])
    #expect(session.responses[1]?.body.count == 10)
  }

  @Test(arguments: [0, 1, 16_383, 16_384, 16_385, 65_535, 65_536, 300_000])
  func `a response of any size keeps to the peer's frames and windows`(count: Int) throws {
    let session = try TestSession(client: [(id: 4, value: 20_000)])
    let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    try session.receive(Self.request.frames(on: 1))
    session.respond(to: try #require(session.takeRequest()).stream, body)
    while session.responses[1]?.isComplete != true {
      let sent = session.responses[1]?.body.count ?? 0
      #expect(sent <= 20_000 || sent % 1000 == 0)
      try session.receive([.windowUpdate(1, 1000), .windowUpdate(0, 1000)])
      let more = (session.responses[1]?.body.count ?? 0) - sent
      if session.responses[1]?.isComplete != true { #expect(more == 1000) }
    }
    #expect(session.responses[1]?.body == body)
    #expect(session.frames.allSatisfy { $0.payload.count <= 16_384 })
    #expect(session.session.openStreamCount == 0)
  }
}
