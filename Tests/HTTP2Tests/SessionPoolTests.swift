@testable import HTTP2
import TestSupport
import Testing
import Wire

/// What sessions of one loop share, given back while they rest.
@Suite struct SessionPoolTests {
  @Test func `sessions work on when what they do not need is given back under them`() throws {
    let pool = SessionPool()
    let sessions = try (0..<4).map { _ in
      try ServerSession(HTTP2Settings(), pool: pool) { _ in .wholeWithHeaders }
    }
    let start = Frame.preface + Frame.settings().bytes
    for session in sessions { try session.receive(start.span) }
    let header = HeaderField("x-long", String(repeating: "v", count: 9000))
    for round in 0..<6 {
      for session in sessions {
        let first = UInt32(40 * round)
        for index in 0..<20 {
          let body = [UInt8](repeating: UInt8(index), count: index * 1000)
          let request = RawRequest("POST", "/p", [header], body: body)
          let frames = request.frames(on: first + UInt32(2 * index) + 1).flatMap(\.bytes)
          try session.receive(frames.span)
        }
        // One is left over, so that something is in use when the rest is given back.
        for index in 0..<(round % 2 == 0 ? 19 : 21) {
          guard let stream = session.takeRequest() else { break }
          #expect(stream.keptHeaderCount == 1, "round \(round), request \(index)")
          stream.response.append([UInt8](repeating: 9, count: 300).span)
          session.respond(to: stream, Self.head)
        }
        while session.takeOutput(upTo: 4096, to: { _ in }) {}
      }
      pool.releaseUnneeded(keptByteCount: 1024)
      pool.releaseUnneeded(keptByteCount: 1024)
    }
    for session in sessions {
      #expect(session.openStreamCount == 0)
      #expect(session.offence == nil)
    }
    pool.releaseUnneeded(keptByteCount: 1024)
    pool.releaseUnneeded(keptByteCount: 1024)
  }

  private static let head = ResponseHead(status: 200)
}
