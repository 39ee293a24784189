import HTTP2
import TestSupport
import Testing
import Wire

/// A server session's streamed streams, frame by frame.
@Suite struct ServerStreamTests {
  private let ok = ResponseHead(status: 200)

  /// A session with a request on stream 1 that stays open, and what it has sent.
  private final class Peer {
    let session: ServerSession
    let pool = SessionPool()
    private var received: [UInt8] = []
    private(set) var frames: [Frame] = []

    init(_ settings: HTTP2Settings = HTTP2Settings(), window: UInt32 = 1 << 20) throws {
      session = try ServerSession(settings, pool: pool) { _ in .streamed }
      let opening = [
        Frame.settings([(id: 4, value: window)]), Frame(.settings, flags: Frame.acknowledgement),
        Frame.windowUpdate(0, 1 << 20),
      ]
      let head = RawRequest("POST", "/s").headerFrames(on: 1, endStream: false)
      let bytes = Frame.preface + (opening + head).flatMap(\.bytes)
      try session.receive(bytes.span)
      takeOutput()
      frames.removeAll()
    }

    func send(_ frames: [Frame]) throws {
      let bytes = frames.flatMap(\.bytes)
      try session.receive(bytes.span)
      takeOutput()
    }

    func send(_ byteCount: Int) throws {
      try send(stride(from: 0, to: byteCount, by: 10_000).map {
        Frame(.data, stream: 1, [UInt8](repeating: 1, count: min(10_000, byteCount - $0)))
      })
    }

    func takeOutput() {
      while session.takeOutput(upTo: 4096, to: { received += bytes(of: $0) }) {}
      while let frame = Frame.take(from: &received) { frames.append(frame) }
    }

    /// Bytes of the response so far.
    var sentByteCount: Int { frames.filter { $0.kind == .data }.map(\.payload.count).reduce(0, +) }

    /// How much larger a window was made, the connection's for 0.
    func opened(_ stream: UInt32) -> Int {
      frames.filter { $0.kind == .windowUpdate && $0.stream == stream }
        .map { $0.payload.reduce(0) { $0 << 8 | Int($1) } }.reduce(0, +)
    }
  }

  @Test func `while a stream is held its window is not opened, and then as far as was owed`() throws {
    let peer = try Peer()
    let stream = try #require(peer.session.takeRequest())
    peer.session.hold(stream)
    peer.session.hold(stream)
    for _ in 0..<6 { try peer.send(40_000) }
    #expect(peer.opened(1) == 0 && peer.opened(0) == 0)
    #expect(stream.bodyBytes.count == 240_000)
    peer.session.release(stream)
    peer.session.release(stream)
    peer.takeOutput()
    #expect(peer.opened(1) == 240_000)
    // The connection's window is large, and is opened once half of it is used.
    for _ in 0..<60 {
      peer.session.removeBody(of: stream, first: stream.bodyBytes.count)
      try peer.send(40_000)
    }
    #expect(peer.opened(0) >= 2_000_000)
  }

  @Test func `a stream without room is handed out again when half of its replies have left`() throws {
    var settings = HTTP2Settings()
    settings.streamQueuedByteCount = 100
    let peer = try Peer(settings, window: 50)
    let stream = try #require(peer.session.takeRequest())
    peer.session.begin(stream, ok)
    #expect(stream.isAnswering && peer.session.hasRoom(stream))
    stream.response.append([UInt8](repeating: 2, count: 150).span)
    peer.session.send(stream)
    peer.takeOutput()
    #expect(peer.sentByteCount == 50)
    #expect(!peer.session.hasRoom(stream))
    peer.session.hold(stream)
    #expect(peer.session.takeRequest() == nil)
    try peer.send([.windowUpdate(1, 49)])
    #expect(peer.session.takeRequest() == nil)
    try peer.send([.windowUpdate(1, 1)])
    #expect(peer.session.takeRequest()?.id == 1)
    #expect(peer.session.hasRoom(stream))
  }

  @Test func `replies of other streams count against the connection's limit`() throws {
    var settings = HTTP2Settings()
    settings.connectionQueuedByteCount = 100
    let peer = try Peer(settings, window: 0)
    try peer.send(RawRequest("POST", "/s").headerFrames(on: 3, endStream: false))
    let first = try #require(peer.session.takeRequest())
    let second = try #require(peer.session.takeRequest())
    for stream in [first, second] { peer.session.begin(stream, ok) }
    first.response.append([UInt8](repeating: 2, count: 100).span)
    peer.session.send(first)
    #expect(!peer.session.hasRoom(second))
    // With the stream go its replies.
    try peer.send([.reset(1)])
    #expect(peer.session.hasRoom(second))
  }

  @Test func `a long response leaves whole, in as many parts as the windows make`() throws {
    let peer = try Peer(window: 7000)
    let stream = try #require(peer.session.takeRequest())
    peer.session.begin(stream, ok)
    let body = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    stream.response.append(body.span)
    peer.session.finish(stream)
    peer.takeOutput()
    for _ in 0..<14 { try peer.send([.windowUpdate(1, 7000)]) }
    let data = peer.frames.filter { $0.kind == .data }
    #expect(data.flatMap(\.payload) == body)
    #expect(data.last?.flags == Frame.endStream)
    // The request's body is not wanted any more.
    #expect(peer.frames.last == .reset(1, code: 0))
    #expect(peer.session.openStreamCount == 0 && peer.pool.heldByteCount == 0)
  }

  @Test func `after its response is finished a body is not read, and only others get its window back`() throws
  {
    let peer = try Peer(window: 0)
    let stream = try #require(peer.session.takeRequest())
    peer.session.begin(stream, ok)
    try peer.send(5000)
    stream.response.append([3].span)
    peer.session.finish(stream)
    #expect(stream.isFinished && stream.bodyBytes.isEmpty)
    for _ in 0..<24 { try peer.send(10_000) }
    #expect(stream.bodyBytes.isEmpty && peer.opened(1) == 0)
    #expect(peer.pool.heldByteCount == 1)
  }

  @Test func `a held stream that is reset gives its bytes back to the connection`() throws {
    var settings = HTTP2Settings()
    settings.connectionWindow = 100_000
    let peer = try Peer(settings)
    let stream = try #require(peer.session.takeRequest())
    peer.session.hold(stream)
    for _ in 0..<9 { try peer.send(10_000) }
    #expect(peer.opened(0) == 0)
    try peer.send([.reset(1)])
    #expect(peer.opened(0) == 90_000)
  }

  @Test func `a stream that is stuck in a message, or that nobody reads, is reset in time`() throws {
    let peer = try Peer(window: 0)
    try peer.send(RawRequest("POST", "/s").headerFrames(on: 3, endStream: false))
    try peer.send(RawRequest("POST", "/s").headerFrames(on: 5, endStream: false))
    // 1 is within a message, 3 has replies, 5 is at rest.
    try peer.send(10)
    var streams: [HTTP2Stream] = []
    while let stream = peer.session.takeRequest() { streams.append(stream) }
    #expect(streams.map(\.id) == [1, 3, 5])
    peer.session.begin(streams[1], ok)
    streams[1].response.append([1].span)
    peer.session.send(streams[1])
    peer.takeOutput()
    // In the first round they have moved.
    var rounds = 0
    while peer.session.endStalledStreams(after: 3).isEmpty {
      rounds += 1
      if rounds == 2 {
        try peer.send([Frame(.data, stream: 1, [1])])
        #expect(peer.session.takeRequest()?.id == 1)
      }
      try #require(rounds < 10)
    }
    peer.takeOutput()
    #expect(peer.frames.filter { $0.kind == .rstStream } == [.reset(3)])
    var more = 0
    while peer.session.endStalledStreams(after: 3).isEmpty { more += 1 }
    peer.takeOutput()
    #expect(peer.frames.filter { $0.kind == .rstStream } == [.reset(3), .reset(1)])
    #expect(more > 0 && peer.session.openStreamCount == 1)
    for _ in 0..<10 { #expect(peer.session.endStalledStreams(after: 3).isEmpty) }
    try peer.send([.reset(5)])
    #expect(peer.session.endStalledStreams(after: 0).isEmpty)
  }

  /// A second passes in which `byteCount` bytes of the message come, and `reading` of it is looked at.
  private func round(_ peer: Peer, _ byteCount: Int, reading: Int = 0, after rounds: Int = 3) throws -> Bool {
    if byteCount > 0 { try peer.send([Frame(.data, stream: 1, [UInt8](repeating: 1, count: byteCount))]) }
    while let stream = peer.session.takeRequest() {
      peer.session.readBody(of: stream) { _ in BodyStep(read: reading, needed: 0) }
    }
    return !peer.session.endStalledStreams(after: rounds).isEmpty
  }

  @Test func `a message that drips is ended when a body would be`() throws {
    var settings = HTTP2Settings()
    settings.bodySeconds = 5
    let peer = try Peer(settings)
    var rounds = 0
    while try !round(peer, 1) {
      rounds += 1
      try #require(rounds < 20)
    }
    #expect(rounds == 5)
    peer.takeOutput()
    #expect(peer.frames.filter { $0.kind == .rstStream } == [.reset(1)])
    #expect(peer.session.openStreamCount == 0 && peer.pool.heldByteCount == 0)
  }

  @Test func `messages that take their time, and time between them, end no stream`() throws {
    var settings = HTTP2Settings()
    settings.bodySeconds = 5
    let peer = try Peer(settings)
    // 50 bytes each, over five rounds; the first of the next one comes with the last of each.
    for count in 1...50 { #expect(try !round(peer, 10, reading: count % 5 == 0 ? 41 : 0)) }
    for _ in 0..<10 { #expect(try !round(peer, 10, reading: 10)) }
    #expect(try !round(peer, 1, reading: 91))
    for _ in 0..<1000 { #expect(try !round(peer, 0)) }
    #expect(try !round(peer, 10, reading: 0))
  }

  @Test func `a message that waits for replies to leave takes no time`() throws {
    var settings = HTTP2Settings()
    settings.bodySeconds = 5
    let peer = try Peer(settings)
    let stream = try #require(peer.session.takeRequest())
    peer.session.hold(stream)
    for _ in 0..<100 { #expect(try !round(peer, 10)) }
  }

  /// Rounds until a stream whose client takes so many bytes of its replies in each is ended; `nil` where
  /// all are taken before.
  private func roundsOfReading(_ byteCount: UInt32, owing stallByteCount: Int = 4096) throws -> Int? {
    var settings = HTTP2Settings()
    settings.stallByteCount = stallByteCount
    let peer = try Peer(settings, window: 0)
    let stream = try #require(peer.session.takeRequest())
    peer.session.begin(stream, ok)
    stream.response.append([UInt8](repeating: 1, count: 60_001).span)
    peer.session.send(stream)
    var rounds = 0
    while peer.sentByteCount < 60_001 {
      let ended = peer.session.endStalledStreams(after: 4)
      if !ended.isEmpty {
        #expect(ended.unreadCount == 1 && ended.unfinishedCount == 0)
        return rounds
      }
      rounds += 1
      try peer.send([.windowUpdate(1, byteCount)])
    }
    // What is left of them is less than is asked of others.
    for _ in 0..<10 { #expect(peer.session.endStalledStreams(after: 4).isEmpty) }
    return nil
  }

  @Test func `replies that are taken byte by byte end their stream, those that are taken slowly do not`() throws {
    #expect(try roundsOfReading(1) == 4)
    #expect(try roundsOfReading(700) == 4)
    #expect(try roundsOfReading(1_100) == nil)
    #expect(try roundsOfReading(60_000) == nil)
    #expect(try roundsOfReading(1_100, owing: 10_000) == 4 && roundsOfReading(700, owing: 2_000) == nil)
  }

  @Test func `a streamed request may be answered as a whole one`() throws {
    let peer = try Peer()
    let stream = try #require(peer.session.takeRequest())
    #expect(stream.isStreamed && !stream.isEnded)
    peer.session.hold(stream)
    stream.response.append([7, 8].span)
    peer.session.respond(to: stream, ResponseHead(status: 415))
    #expect(!stream.isStreamed)
    peer.takeOutput()
    #expect(peer.frames.last { $0.kind == .data }?.payload == [7, 8])
    #expect(peer.session.openStreamCount == 0 && peer.pool.heldByteCount == 0)
  }

  @Test func `each message has the time of its last byte`() throws {
    let peer = try Peer()
    let stream = try #require(peer.session.takeRequest())
    for time in UInt64(1)...20 {
      try peer.send(10)
      stream.noteArrival(time)
      stream.noteArrival(time + 1000)
    }
    #expect(stream.arrival(ofByteBefore: 10, or: 0) == 1)
    #expect(stream.arrival(ofByteBefore: 11, or: 0) == 2)
    // LIMIT: of so many reads the latest pass for one.
    #expect(stream.arrival(ofByteBefore: 200, or: 0) == 20)
    #expect(stream.arrival(ofByteBefore: 201, or: 77) == 77)
    peer.session.removeBody(of: stream, first: 15)
    #expect(stream.arrival(ofByteBefore: 5, or: 0) == 2)
    #expect(stream.arrival(ofByteBefore: 6, or: 0) == 3)
    peer.session.removeBody(of: stream, first: 0)
    #expect(stream.arrival(ofByteBefore: 5, or: 0) == 2)
    // Of a part of a message only the last byte's arrival will matter.
    peer.session.removeBody(of: stream, first: 5)
    stream.forgetArrivals()
    #expect(stream.arrival(ofByteBefore: 5, or: 88) == 88)
  }

  @Test func `what nobody has looked at yet keeps the arrival of its read`() throws {
    let peer = try Peer()
    for arrival: UInt64 in 1...3 {
      peer.session.arrival = arrival
      // Two reads may bring what came at once.
      for _ in 0..<2 { try peer.send(5) }
    }
    let stream = try #require(peer.session.takeRequest())
    #expect(stream.arrival == 3)
    #expect(stream.arrival(ofByteBefore: 10, or: 3) == 1)
    #expect(stream.arrival(ofByteBefore: 11, or: 3) == 2)
    #expect(stream.arrival(ofByteBefore: 21, or: 77) == 77)
    // It was looked at: what it still has is a part of a message.
    stream.forgetArrivals()
    peer.session.arrival = 4
    try peer.send(5)
    #expect(stream.arrival == 4)
    #expect(stream.arrival(ofByteBefore: 5, or: 77) == 77)
  }

  @Test func `who is to end behind a message is reminded of it`() throws {
    let peer = try Peer()
    try peer.send(10)
    let stream = try #require(peer.session.takeRequest())
    #expect(!stream.endsAfterMessage)
    stream.endsAfterMessage = true
    peer.session.shutDown()
    #expect(peer.session.takeRequest()?.endsAfterMessage == true)
    // The next one that has its place does not inherit it.
    try peer.send([.reset(1)])
    let next = try Peer()
    #expect(try #require(next.session.takeRequest()).endsAfterMessage == false)
  }
}
