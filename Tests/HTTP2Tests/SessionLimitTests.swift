@testable import HTTP2
import Synchronization
import TestSupport
import Testing

/// What a session does about a peer that goes over the limits.
@Suite struct SessionLimitTests {
  private static let second: UInt64 = 1_000_000_000

  /// The code of the GOAWAY that the session has sent.
  private static func goAwayCode(_ session: TestSession) -> UInt32? {
    session.frames.last { $0.kind == .goAway }.map { UInt32($0.payload[7]) }
  }

  @Test func `the frames before the one that is enough are read, it and what follows are not`() throws
  {
    var settings = HTTP2Settings()
    settings.emptyDataCount = 1
    let session = try TestSession(settings)
    let request = RawRequest("POST", "/p", body: [1])
    let frames =
      request.frames(on: 1) + request.headerFrames(on: 3, endStream: false)
      + [Frame(.data, stream: 3), Frame(.data, stream: 3)] + request.frames(on: 5)
    #expect(throws: HTTP2Error.offence(.emptyData)) { try session.receive(frames) }
    #expect(Self.goAwayCode(session) == 11)
    #expect(session.frames.last?.payload[3] == 3)
    #expect(session.session.isFinished)
    #expect(throws: HTTP2Error.offence(.emptyData)) { try session.receive(request.frames(on: 7)) }
  }

  @Test func `streams that must be reset are counted, and end the connection`() throws {
    var settings = HTTP2Settings()
    settings.faultCount = 10
    let session = try TestSession(settings)
    for index in 0..<11 {
      let id = UInt32(2 * index + 1)
      // A body shorter than its content-length.
      let request = RawRequest("POST", "/p", [HeaderField("content-length", "5")], body: [1])
      #expect(Self.goAwayCode(session) == nil)
      try session.receive(request.frames(on: id))
      #expect(session.responses[id]?.resetCode == 1)
    }
    #expect(Self.goAwayCode(session) == 11)
    #expect(session.session.offence == .inducedReset)
    #expect(session.session.isFinished)
  }

  @Test func `what the library ends by itself has its kind too`() throws {
    let session = try TestSession()
    try session.receive([Frame(.data, stream: 0, [1])])
    #expect(Self.goAwayCode(session) == 1)
    #expect(session.session.offence == .protocolError)
    #expect(session.session.isFinished)
  }

  @Test func `a stop is no offence`() throws {
    let session = try TestSession()
    session.session.shutDown()
    session.takeOutput()
    #expect(Self.goAwayCode(session) == 0)
    #expect(session.session.offence == nil)
  }

  @Test func `streams refused before the limit could be known are not held against the peer`() throws
  {
    var settings = HTTP2Settings()
    settings.concurrentStreams = 2
    settings.faultCount = 5
    let session = try ServerSession(settings) { _ in .whole }
    let frames = (0..<20).flatMap {
      RawRequest("POST", "/p").headerFrames(on: UInt32(2 * $0 + 1), endStream: false)
    }
    let start = Frame.preface + Frame.settings().bytes + frames.flatMap(\.bytes)
    try session.receive(start.span)
    var sent: [UInt8] = []
    while session.takeOutput(upTo: 4096, to: { sent += bytes(of: $0) }) {}
    var codes: [UInt8] = []
    while let frame = Frame.take(from: &sent) {
      #expect(frame.kind != .goAway)
      if frame.kind == .rstStream { codes.append(frame.payload[3]) }
    }
    #expect(codes == [UInt8](repeating: 7, count: 18))
    #expect(session.offence == nil)
  }

  @Test(arguments: [
    (allowed: 1_024, refused: 1_024, isTooMuch: false), (allowed: 1_024, refused: 1_200, isTooMuch: true),
    (allowed: 0, refused: 100, isTooMuch: true), (allowed: 3_000, refused: 2_900, isTooMuch: false),
  ])
  func `so many streams may be refused before the limit could be known, and no more`(
    allowed: Int, refused: Int, isTooMuch: Bool
  ) throws {
    var settings = HTTP2Settings()
    #expect(settings.earlyRefusalCount == 1_024)
    settings.earlyRefusalCount = allowed
    let session = try ServerSession(settings) { _ in .whole }
    let frames = (0..<(256 + refused + (isTooMuch ? 200 : 0))).flatMap {
      RawRequest("POST", "/p").headerFrames(on: UInt32(2 * $0 + 1), endStream: false)
    }
    let start = Frame.preface + Frame.settings().bytes + frames.flatMap(\.bytes)
    if isTooMuch {
      #expect(throws: HTTP2Error.offence(.invalidFrame)) { try session.receive(start.span) }
    } else {
      try session.receive(start.span)
      while session.takeOutput(upTo: 4096, to: { _ in }) {}
      #expect(session.offence == nil)
    }
  }

  @Test func `of content types that come again and again nothing is kept`() throws {
    let session = try TestSession()
    let type = HeaderField("content-type", String(repeating: "a", count: 64))
    for count in [1, 2, 60] {
      let request = RawRequest("POST", "/p", Array(repeating: type, count: count), body: [1])
      let id = UInt32(2 * count + 1)
      try session.receive(request.headerFrames(on: id, endStream: false))
      #expect(session.heldByteCount == 0)
      try session.receive(request.dataFrames(on: id))
      let taken = try #require(session.takeRequest())
      #expect(bytes(of: taken.stream.contentType) == (count == 1 ? type.value : []))
      session.respond(to: taken.stream, [1])
    }
  }

  @Test func `requests wait while replies do, in order, and resets leave no gap`() throws {
    var settings = HTTP2Settings()
    settings.queuedByteCount = 100
    // A window of 50 bytes for each reply.
    let session = try TestSession(settings, client: [(id: 4, value: 50)])
    for id: UInt32 in [1, 3, 5, 7] { try session.receive(RawRequest("GET", "/p").frames(on: id)) }
    let first = try #require(session.takeRequest())
    session.respond(to: first.stream, [UInt8](repeating: 1, count: 200))
    #expect(session.session.queuedByteCount == 150)
    #expect(session.takeRequest() == nil)
    #expect(session.session.isWaiting && !session.session.hasRequest)
    try session.receive([.reset(3)])
    // More requests than the queue has places come and go behind the one that waits.
    for index in 0..<3000 {
      let id = UInt32(2 * index + 9)
      try session.receive(
        RawRequest("GET", "/p").frames(on: id) + [.reset(id)],
        at: UInt64(index) * Self.second / 100)
    }
    try session.receive([.windowUpdate(1, 100)])
    #expect(session.session.hasRequest)
    #expect(session.takeRequest()?.stream.id == 5)
    #expect(session.takeRequest()?.stream.id == 7)
    #expect(session.takeRequest() == nil)
    #expect(!session.session.isWaiting)
    // A reply that will not be taken any more is not waited for.
    try session.receive([.reset(1)])
    #expect(session.session.queuedByteCount == 0)
  }

  @Test func `a body that takes too long ends its request and no other`() throws {
    let session = try TestSession()
    let request = RawRequest("POST", "/p", body: [1, 2])
    let frames = request.headerFrames(on: 1, endStream: false) + request.frames(on: 3)
    try session.receive(frames, at: Self.second)
    #expect(session.session.endSlowBodies(at: 10 * Self.second) == 0)
    #expect(session.session.endSlowBodies(at: 11 * Self.second) == 1)
    session.takeOutput()
    #expect(session.responses[1]?.resetCode == 8)
    #expect(session.session.endSlowBodies(at: 12 * Self.second) == 0)
    // Its rest may have been under way.
    try session.receive(request.dataFrames(on: 1))
    #expect(session.takeRequest()?.stream.id == 3)
    #expect(session.takeRequest() == nil)
  }

  /// From its reset on: one that was open for long would else be forgotten at once, and what is under way end
  /// the connection.
  @Test(arguments: [UInt64(11), 1000])
  func `when a body that was given up has had time to stop, what still comes of it is wrong`(
    reset: UInt64
  ) throws {
    let session = try TestSession()
    let request = RawRequest("POST", "/p", body: [1, 2])
    try session.receive(request.headerFrames(on: 1, endStream: false), at: Self.second)
    #expect(session.session.endSlowBodies(at: reset * Self.second) == 1)
    session.takeOutput()
    // It has been reset a moment ago, and that may not have been seen.
    #expect(session.session.endSlowBodies(at: (reset + 4) * Self.second) == 0)
    try session.receive([Frame(.data, stream: 1, [1])], at: (reset + 4) * Self.second)
    #expect(session.session.offence == nil)
    #expect(session.session.endSlowBodies(at: (reset + 10) * Self.second) == 0)
    #expect(throws: HTTP2Error.offence(.closedStream)) {
      try session.receive([Frame(.data, stream: 1, [1])], at: (reset + 10) * Self.second)
    }
  }

  @Test func `a body that is too long is answered before it has come, and is waited for no more`() throws {
    var settings = HTTP2Settings()
    settings.bodyByteCount = 3
    let session = try TestSession(settings)
    let request = RawRequest("POST", "/p", body: [1, 2, 3, 4])
    let frames = request.headerFrames(on: 1, endStream: false) + [Frame(.data, stream: 1, [1, 2, 3, 4])]
    try session.receive(frames, at: Self.second)
    let taken = try #require(session.takeRequest())
    #expect(taken.stream.fault == .bodyTooLarge)
    #expect(session.session.endSlowBodies(at: 100 * Self.second) == 0)
    session.respond(to: taken.stream, [9])
    #expect(session.responses[1]?.body == [9])
    // Stopped without blame.
    #expect(session.frames.last == .reset(1, code: 0))
    #expect(session.session.offence == nil && session.session.openStreamCount == 0)
  }

  @Test func `frames that are wrong for their stream are counted, and end the connection`() throws {
    var settings = HTTP2Settings()
    settings.faultCount = 10
    let session = try TestSession(settings)
    let trailers = Frame(
      .headers, flags: Frame.endHeaders | Frame.endStream, stream: 1,
      HeaderField(":path", "/").encoded)
    #expect(throws: HTTP2Error.offence(.invalidFrame)) {
      for index in 0..<20 {
        let id = UInt32(2 * index + 1)
        var trailers = trailers
        trailers.stream = id
        let head = RawRequest("POST", "/p").headerFrames(on: id, endStream: false)
        // Spread, so that the resets for them are not what is too much.
        try session.receive(head + [trailers, .reset(id)])
      }
    }
    #expect(Self.goAwayCode(session) == 11)
  }

  @Test func `what holds too much memory is refused more, until answers have made room`() throws {
    var settings = HTTP2Settings()
    settings.heldByteCountMax = 100_000
    let session = try TestSession(settings, client: [(id: 4, value: 1)])
    let body = [UInt8](repeating: 7, count: 90_000)
    for id: UInt32 in [1, 3] { try session.receive(RawRequest("POST", "/p", body: body).frames(on: id)) }
    let first = try #require(session.takeRequest())
    let second = try #require(session.takeRequest())
    #expect(first.stream.id == 1 && first.request.body == body)
    #expect(second.stream.id == 3 && second.stream.fault == .noRoom)
    #expect(session.session.isOverMemory)
    // Its reply waits, its body is not needed for that.
    session.respond(to: first.stream, [1, 2])
    #expect(!session.session.isOverMemory)
    try session.receive(RawRequest("POST", "/p", body: [1]).frames(on: 5))
    #expect(session.takeRequest()?.stream.fault == HTTP2Stream.Fault.none)
  }

  @Test func `trailers add nothing to a request`() throws {
    let session = try TestSession()
    let request = RawRequest("POST", "/keep", [HeaderField("x-a", "1")])
    let trailers = Frame(
      .headers, flags: Frame.endHeaders | Frame.endStream, stream: 1, HeaderField("x-b", "2").encoded)
    try session.receive(
      request.headerFrames(on: 1, endStream: false) + [Frame(.data, stream: 1, [5]), trailers])
    let taken = try #require(session.takeRequest())
    #expect(taken.request.headers == [HeaderField("x-a", "1")] && taken.request.body == [5])
  }

  @Test func `frames padded for nothing are glitches, and too many end the connection`() throws {
    var settings = HTTP2Settings()
    settings.glitchCount = 20
    let session = try TestSession(settings)
    try session.receive(RawRequest("POST", "/p").headerFrames(on: 1, endStream: false))
    // One byte of data behind three of padding (RFC 9113 6.1).
    let padded = Frame(.data, flags: 0x8, stream: 1, [3, 1, 0, 0, 0])
    #expect(throws: HTTP2Error.offence(.glitch)) {
      for _ in 0..<200 { try session.receive([padded]) }
    }
    #expect(Self.goAwayCode(session) == 11)
  }

  @Test func `header blocks are timed from first byte to last, in a read that is timed`() throws {
    let session = try TestSession()
    let clock = Clock()
    let read = { @Sendable in clock.tick() }
    func time(_ bytes: [UInt8]) throws -> UInt64 {
      var headers: UInt64 = 0
      try session.session.receive(bytes.span, headers: &headers, timedBy: read)
      return headers
    }
    let frames = (0..<3).map { RawRequest("GET", "/p").frames(on: UInt32(2 * $0 + 1)).flatMap(\.bytes) }
    // A tick at the beginning of each block and one at its end.
    #expect(try time(frames[0] + frames[1]) == 2)
    #expect(try time(Array(frames[2].dropLast())) == 0)
    // Its beginning was in another read.
    #expect(try time([frames[2].last!]) == 0)
    #expect(try time(Frame.ping().bytes) == 0)
  }

  @Test func `what is read in parts of so many frames is what is read at once`() throws {
    let requests = (0..<5).map { RawRequest("POST", "/p", body: [1, 2]).frames(on: UInt32(2 * $0 + 1)) }
    let bytes = requests.flatMap { $0.flatMap(\.bytes) }
    let frameBytes = requests.flatMap { $0.map(\.bytes.count) }
    for frameCount in 1...frameBytes.count {
      // At each place one frame may be in two reads.
      for split in 0...bytes.count {
        let session = try TestSession()
        for read in [bytes[..<split], bytes[split...]] {
          var rest = Array(read)
          while !rest.isEmpty {
            let count = try session.session.receive(rest.span, upTo: frameCount)
            #expect(count > 0)
            rest.removeFirst(count)
          }
        }
        for _ in 0..<5 { #expect(session.takeRequest()?.request.body == [1, 2]) }
        #expect(session.takeRequest() == nil)
      }
    }
    let session = try TestSession()
    #expect(try session.session.receive(bytes.span, upTo: 3) == frameBytes[..<3].reduce(0, +))
  }

  private final class Clock: Sendable {
    private let ticks = Atomic<UInt64>(0)

    func tick() -> UInt64 { ticks.wrappingAdd(1, ordering: .relaxed).newValue }
  }

  @Test func `a header block that takes too long is overdue`() throws {
    let session = try TestSession()
    let frame = RawRequest("GET", "/p").frames(on: 1)[0].bytes
    try session.receive(Array(frame.dropLast()), at: Self.second)
    #expect(session.session.overdue(at: 5 * Self.second) == nil)
    #expect(session.session.overdue(at: 6 * Self.second) == .slowHeaders)
    try session.receive([frame.last!], at: 7 * Self.second)
    #expect(session.session.overdue(at: 100 * Self.second) == nil)
  }

  @Test func `a session that is ended from outside says why, once`() throws {
    let codes: [HTTP2Offence: UInt32] = [
      .slowPreface: 4, .slowHeaders: 11, .stalledOutput: 11, .closedStream: 5, .lowerStream: 1,
      .protocolError: 1, .slowBody: 8, .failure: 2,
    ]
    for (offence, code) in codes {
      let session = try TestSession()
      #expect(session.session.isEstablished)
      session.session.end(offence)
      session.session.end(.glitch)
      session.takeOutput()
      #expect(session.frames.count { $0.kind == .goAway } == 1)
      #expect(Self.goAwayCode(session) == code, "\(offence)")
      #expect(session.session.offence == offence)
      #expect(session.session.isFinished)
    }
  }

  @Test func `the body of an answered request is given back, its reply is not`() throws {
    let session = try TestSession(client: [(id: 4, value: 2)])
    let body = [UInt8](repeating: 7, count: 50_000)
    for id: UInt32 in [1, 3] { try session.receive(RawRequest("POST", "/p", body: body).frames(on: id)) }
    let first = try #require(session.takeRequest())
    session.respond(to: first.stream, [1, 2, 3, 4])
    #expect(session.session.queuedByteCount == 2 && session.session.sentByteCount == 2)
    session.session.releaseAnsweredBodies()
    #expect(first.stream.bodyBytes.count == 0)
    try session.receive([.windowUpdate(1, 2)])
    #expect(session.responses[1]?.body == [1, 2, 3, 4])
    // The other has not been answered: its body is still to be read.
    #expect(session.takeRequest()?.request.body == body)
  }

  @Test func `a large body is given back as soon as its reply has to wait`() throws {
    let session = try TestSession(client: [(id: 4, value: 2)])
    let body = [UInt8](repeating: 7, count: 50_000)
    for id: UInt32 in [1, 3] { try session.receive(RawRequest("POST", "/p", body: body).frames(on: id)) }
    let held = session.heldByteCount
    let first = try #require(session.takeRequest())
    session.respond(to: first.stream, [1, 2, 3, 4])
    session.takeOutput()
    #expect(session.heldByteCount < held - body.count + 1000)
    #expect(first.stream.bodyBytes.count == 0)
    try session.receive([.windowUpdate(1, 2)])
    #expect(session.responses[1]?.body == [1, 2, 3, 4])
    #expect(session.takeRequest()?.request.body == body)
  }

  @Test func `every kind of offence has a name of its own and a description`() {
    #expect(Set(HTTP2Offence.allCases.map(\.name)).count == HTTP2Offence.allCases.count)
    for offence in HTTP2Offence.allCases {
      #expect(HTTP2Error.offence(offence).description.contains(offence.name))
    }
  }

  @Test func `numbers run out only at the end`() throws {
    let session = try TestSession()
    try session.receive(RawRequest("GET", "/p").frames(on: (1 << 30) - 1))
    #expect(!session.session.isExhausted)
    try session.receive(RawRequest("GET", "/p").frames(on: (1 << 30) + 1))
    #expect(session.session.isExhausted)
  }

}
