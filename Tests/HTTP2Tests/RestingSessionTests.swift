@testable import HTTP2
import TestSupport
import Testing
@testable import Wire

/// Sessions on which nothing has come for a while.
@Suite struct RestingSessionTests {
  private static func session(
    _ handling: RequestHandling, _ requests: [Frame]
  ) throws -> ServerSession {
    let session = try ServerSession(HTTP2Settings()) { _ in handling }
    let opening = [
      Frame.settings([(id: 4, value: 1 << 20)]), Frame.windowUpdate(0, 1 << 20),
      Frame(.settings, flags: Frame.acknowledgement),
    ]
    let bytes = Frame.preface + (opening + requests).flatMap(\.bytes)
    try session.receive(bytes.span)
    return session
  }

  private static func send(_ bytes: [UInt8], to session: ServerSession) throws {
    try session.receive(bytes.span, at: 5)
  }

  private static func data(_ byteCount: Int) -> [Frame] {
    RawRequest("POST", "/s", body: [UInt8](repeating: 1, count: byteCount)).dataFrames(on: 1).map {
      Frame(.data, stream: 1, $0.payload)
    }
  }

  /// The bodies of all DATA frames that the session has to send.
  private static func sent(_ session: ServerSession) -> [UInt8] {
    var output: [UInt8] = []
    while session.takeOutput(upTo: 4096, to: { output += bytes(of: $0) }) {}
    var body: [UInt8] = []
    while let frame = Frame.take(from: &output) {
      if frame.kind == .data { body += frame.payload }
    }
    return body
  }

  @Test func `a stream that stays open gives back what its largest message took, and goes on`() throws {
    let head = RawRequest("POST", "/s").headerFrames(on: 1, endStream: false)
    let session = try Self.session(.streamed, head + Self.data(100_000))
    let stream = try #require(session.takeRequest())
    #expect(stream.bodyBytes.count == 100_000)
    session.removeBody(of: stream, first: 100_000)
    session.begin(stream, ResponseHead(status: 200))
    stream.response.append([UInt8](repeating: 2, count: 90_000).span)
    session.send(stream)
    #expect(Self.sent(session).count == 90_000)
    #expect(unsafe stream.state.pointee.body.capacity >= 100_000)
    #expect(unsafe stream.state.pointee.response.capacity >= 90_000)
    session.rest()
    let kept = HTTP2Settings().keptByteCount
    #expect(unsafe stream.state.pointee.body.capacity <= kept)
    #expect(unsafe stream.state.pointee.response.capacity <= kept)
    #expect(!session.isIdle)

    // What is under way stays.
    try Self.send(Self.data(6000)[0].bytes, to: session)
    stream.response.append([3, 4].span)
    session.rest()
    #expect(stream.bodyBytes.count == 6000 && stream.bodyBytes[5999] == 1)
    session.finish(stream)
    #expect(Self.sent(session) == [3, 4])
  }

  @Test func `a session that has had many streams rests, and has as many again`() throws {
    let session = try Self.session(.whole, [])
    for round in 0..<3 {
      #expect(session.isIdle)
      for index in 0..<100 {
        let request = RawRequest("POST", "/p", body: [7])
        let stream = UInt32(200 * round + 2 * index + 1)
        try Self.send(request.frames(on: stream).flatMap(\.bytes), to: session)
      }
      #expect(!session.isIdle)
      session.rest()
      var count = 0
      while let stream = session.takeRequest() {
        #expect(stream.bodyBytes.count == 1)
        stream.response.append([8].span)
        session.respond(to: stream, ResponseHead(status: 200))
        count += 1
      }
      #expect(count == 100)
      #expect(!session.isIdle)
      #expect(Self.sent(session) == [UInt8](repeating: 8, count: 100))
      session.rest()
    }
    #expect(session.isIdle)
  }

  @Test func `a header block that is under way is no rest`() throws {
    let session = try Self.session(.whole, [])
    #expect(session.isIdle)
    let bytes = RawRequest("POST", "/p").frames(on: 1)[0].bytes
    try Self.send(Array(bytes[..<12]), to: session)
    #expect(!session.isIdle)
    try Self.send(Array(bytes[12...]), to: session)
    #expect(session.hasRequest && !session.isIdle)
  }
}
