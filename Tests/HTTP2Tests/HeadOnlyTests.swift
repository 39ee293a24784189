@testable import HTTP2
import TestSupport
import Testing

/// Requests that are answered when their heads are there, whatever becomes of their bodies.
@Suite struct HeadOnlyTests {
  private static let second: UInt64 = 1_000_000_000

  @Test func `nothing is held of heads while bodies come`() throws {
    let session = try TestSession()
    let long = HeaderField("x-a", String(repeating: "a", count: 3_000))
    func open(_ id: UInt32, _ path: String, method: String = "POST") throws {
      let request = RawRequest(method, path, [long, HeaderField("content-type", long.value)])
      try session.receive(request.headerFrames(on: id, endStream: false))
    }
    // Of those that are to be complete first, not even what is looked at.
    try open(1, "/" + String(repeating: "p", count: 3_000), method: String(repeating: "P", count: 3_000))
    #expect(session.heldByteCount == 0)
    #expect(session.takeRequest() == nil)
    // Others are looked at at once, and there is nothing of them once they are answered.
    for id: UInt32 in stride(from: 3, to: 103, by: 2) {
      try open(id, "/head")
      #expect(session.heldByteCount > 5_000)
      let taken = try #require(session.takeRequest())
      #expect(taken.request.headers.count == 2 && taken.request.headers[0] == long)
      session.respond(to: taken.stream, [1])
      #expect(session.heldByteCount == Int(id - 1) / 2)
      #expect(session.responses[id]?.isComplete == true && session.responses[id]?.resetCode == nil)
    }
    #expect(session.session.openStreamCount == 51)
  }

  /// A request whose reply cannot leave, and what waits behind it.
  @Test func `headers of requests that wait for the peer are bounded, and more are refused`() throws {
    var settings = HTTP2Settings()
    settings.queuedByteCount = 100
    settings.waitingHeaderByteCount = 10_000
    let session = try TestSession(settings, client: [(id: 4, value: 0)])
    let request = RawRequest("GET", "/head", [HeaderField("x-a", String(repeating: "a", count: 3_000))])
    try session.receive(request.frames(on: 1))
    #expect(!session.session.waitingHeadersAreLong)
    session.respond(to: try #require(session.takeRequest()).stream, [UInt8](repeating: 1, count: 200))
    // What has been answered keeps no headers while its reply waits.
    #expect(session.heldByteCount == 200)
    for id: UInt32 in stride(from: 3, to: 43, by: 2) { try session.receive(request.frames(on: id)) }
    #expect(session.takeRequest() == nil)
    #expect(session.heldByteCount < 10_200)
    try session.receive([.windowUpdate(1, 1_000)])
    var faults: [HTTP2Stream.Fault] = []
    while let taken = session.takeRequest() {
      faults.append(taken.stream.fault)
      #expect(taken.request.headers.count == (taken.stream.fault == .none ? 1 : 0))
      session.respond(to: taken.stream, [])
    }
    #expect(faults == [HTTP2Stream.Fault](repeating: .none, count: 3) + Array(repeating: .noRoom, count: 17))
    #expect(session.heldByteCount == 0)
  }

  @Test func `what was answered before its body came keeps no session from its end`() throws {
    let session = try TestSession()
    let request = RawRequest("POST", "/head")
    for id: UInt32 in [1, 3] { try session.receive(request.headerFrames(on: id, endStream: false)) }
    session.respond(to: try #require(session.takeRequest()).stream, [1])
    session.session.shutDown()
    session.takeOutput()
    #expect(session.responses[1]?.isComplete == true && session.responses[1]?.resetCode == 0)
    session.respond(to: try #require(session.takeRequest()).stream, [1])
    #expect(session.responses[3]?.isComplete == true && session.responses[3]?.resetCode == 0)
    #expect(session.session.openStreamCount == 0)
    #expect(session.session.offence == nil)
  }

  @Test func `a body that nobody looks at is dropped, and may take as long as others`() throws {
    let session = try TestSession()
    let request = RawRequest("POST", "/head", [HeaderField("x-a", "b")])
    for id: UInt32 in [1, 3, 5] {
      try session.receive(request.headerFrames(on: id, endStream: false), at: Self.second)
    }
    for id: UInt32 in [1, 3] {
      let taken = try #require(session.takeRequest())
      #expect(taken.stream.id == id)
      session.respond(to: taken.stream, [UInt8(id)])
    }
    // More than the longest there may be, and its window is given back.
    let piece = Frame(.data, stream: 1, [UInt8](repeating: 0, count: 16_384))
    for _ in 0..<100 { try session.receive([piece], at: Self.second) }
    #expect(session.frames.contains { $0.kind == .windowUpdate && $0.stream == 1 })
    try session.receive([Frame(.data, flags: Frame.endStream, stream: 1, [])], at: Self.second)
    #expect(session.responses[1]?.body == [1] && session.responses[1]?.resetCode == nil)
    #expect(session.session.openStreamCount == 2)
    // Answered or not, it is reset when bodies are, and that is no attack of ours on ourselves.
    #expect(session.session.endSlowBodies(at: 10 * Self.second) == 0)
    #expect(session.session.endSlowBodies(at: 12 * Self.second) == 2)
    session.takeOutput()
    #expect(session.responses[3]?.resetCode == 8 && session.responses[5]?.resetCode == 8)
    #expect(session.takeRequest() == nil)
    #expect(session.session.openStreamCount == 0 && session.heldByteCount == 0)
    #expect(session.session.offence == nil)
  }

  @Test func `trailers behind an answer are still those of a request`() throws {
    let session = try TestSession()
    for (id, name) in [(UInt32(1), "x-fine"), (3, ":method")] {
      let request = RawRequest("POST", "/head")
      try session.receive(request.headerFrames(on: id, endStream: false))
      session.respond(to: try #require(session.takeRequest()).stream, [1])
      let flags = Frame.endHeaders | Frame.endStream
      try session.receive([Frame(.headers, flags: flags, stream: id, HeaderField(name, "a").encoded)])
    }
    #expect(session.responses[1]?.resetCode == nil)
    #expect(session.responses[3]?.resetCode == 1)
    #expect(session.session.openStreamCount == 0)
  }

  @Test func `who has its answer may give up the body it was sending`() throws {
    var settings = HTTP2Settings()
    settings.rapidResetStreamCount = 10
    let session = try TestSession(settings)
    let request = RawRequest("POST", "/head")
    for index in 0..<100 {
      let id = UInt32(2 * index + 1)
      try session.receive(request.headerFrames(on: id, endStream: false))
      session.respond(to: try #require(session.takeRequest()).stream, [1])
      try session.receive([.reset(id)])
    }
    #expect(session.session.offence == nil && session.session.openStreamCount == 0)
    // Who gives up the answer too takes the request back.
    #expect(throws: HTTP2Error.offence(.rapidReset)) {
      for id: UInt32 in stride(from: 201, to: 421, by: 2) {
        try session.receive(request.headerFrames(on: id, endStream: false))
        try session.receive([.reset(id)])
      }
    }
  }
}
