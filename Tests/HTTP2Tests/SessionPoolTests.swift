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

  @Test func `what a stream has grown to is not kept for the next where that is much`() throws {
    let session = try ServerSession(HTTP2Settings(), pool: SessionPool()) { _ in .whole }
    let start = Frame.preface + Frame.settings([(id: 4, value: 0)]).bytes
    try session.receive(start.span)
    var capacities: [Int] = []
    for (id, byteCount) in [(UInt32(1), 40_000), (3, 200_000), (5, 0)] {
      let request = RawRequest("POST", "/p", body: [1]).frames(on: id).flatMap(\.bytes)
      try session.receive(request.span)
      let stream = try #require(session.takeRequest())
      capacities.append(stream.response.capacity)
      stream.response.append([UInt8](repeating: 9, count: byteCount).span)
      session.respond(to: stream, Self.head)
      // The peer takes none of it, and then does not want it.
      while session.takeOutput(upTo: 4096, to: { _ in }) {}
      try session.receive(Frame.reset(id).bytes.span)
    }
    #expect(session.openStreamCount == 0)
    #expect(capacities[1] >= 40_000, "what is little is kept")
    #expect(capacities[2] < 40_000)
  }

  /// Headers that take several frames, and bodies that take more; each session's turn ends with a frame.
  @Test func `sessions that are interrupted in the middle of their output do not mix it up`() throws {
    let pool = SessionPool()
    let sessions = try (0..<3).map { try Self.answering($0, pool) }
    var received = [[UInt8]](repeating: [], count: sessions.count)
    var unfinished = Set(sessions.indices)
    while !unfinished.isEmpty {
      for number in unfinished {
        let hasMore = sessions[number].takeOutput(upTo: 1) { received[number] += bytes(of: $0) }
        if !hasMore { unfinished.remove(number) }
      }
    }
    for number in sessions.indices { try Self.check(&received[number], number) }
  }

  /// A session that has a long reply to give.
  private static func answering(_ number: Int, _ pool: SessionPool) throws -> ServerSession {
    let session = try ServerSession(HTTP2Settings(), pool: pool) { _ in .whole }
    let window = Frame.settings([(id: 4, value: 1 << 20)]).bytes + Frame.windowUpdate(0, 1 << 20).bytes
    let start = Frame.preface + window + RawRequest("POST", "/p").frames(on: 1).flatMap(\.bytes)
    try session.receive(start.span)
    let stream = try #require(session.takeRequest())
    stream.response.append(Self.body(number).span)
    var headers = HeaderList()
    for index in 0..<15 {
      headers.append("x", Array("\(index)".utf8).span, Self.value(number).span)
    }
    session.respond(to: stream, head, headers)
    return session
  }

  private static func check(_ received: inout [UInt8], _ number: Int) throws {
    var blocks: [[UInt8]] = []
    var body: [UInt8] = []
    while let frame = Frame.take(from: &received) {
      switch frame.kind {
      case .headers, .continuation: blocks.append(frame.payload)
      case .data: body += frame.payload
      default: break
      }
    }
    #expect(blocks.count > 2)
    let headers = try HeaderDecoder().decode(blocks.flatMap(\.self))
    #expect(headers.dropFirst().map(\.value) == Array(repeating: value(number), count: 15))
    #expect(body == Self.body(number))
  }

  private static func body(_ number: Int) -> [UInt8] {
    [UInt8](repeating: UInt8(number), count: 100_000 + number)
  }

  /// Huffman's code does not make it shorter.
  private static func value(_ number: Int) -> [UInt8] {
    Array(String(repeating: "\\\(number)~", count: 1100).utf8)
  }

  private static let head = ResponseHead(status: 200)
}
