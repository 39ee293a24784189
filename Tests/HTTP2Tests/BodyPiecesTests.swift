@testable import HTTP2
import TestSupport
import Testing
import Wire

/// Bodies that are read where they were received.
@Suite struct BodyPiecesTests {
  private static let path = RawRequest("POST", "/p", body: [1])

  /// A session whose pieces are as short as they come, and its pool.
  private static func session(
    lentByteCountMin: Int = 1, handling: RequestHandling = .whole
  ) throws -> (ServerSession, SessionPool) {
    var settings = HTTP2Settings()
    settings.lentByteCountMin = lentByteCountMin
    let pool = SessionPool()
    let session = try ServerSession(settings, pool: pool) { _ in handling }
    let opening = Frame.preface + Frame.settings().bytes
    try session.receive(opening.span)
    try session.receive(Frame(.settings, flags: Frame.acknowledgement).bytes.span)
    return (session, pool)
  }

  private static func receive(
    _ frames: [Frame], in session: ServerSession, _ answer: () -> Void = {}
  ) throws {
    let bytes = frames.flatMap(\.bytes)
    try session.lend(bytes.span) { lent throws(HTTP2Error) in
      try session.receive(lent)
      answer()
    }
    while session.takeOutput(upTo: 4096, to: { _ in }) {}
  }

  private static func open(_ stream: UInt32) -> [Frame] { path.headerFrames(on: stream, endStream: false) }
  private static func data(_ stream: UInt32, _ bytes: [UInt8], ends: Bool = false) -> Frame {
    Frame(.data, flags: ends ? Frame.endStream : 0, stream: stream, bytes)
  }

  @Test func `what is read of a piece is held no longer, and what is not is kept`() throws {
    let (session, pool) = try Self.session()
    try Self.receive(Self.open(1) + [Self.data(1, [1, 2, 3, 4, 5])], in: session) {
      #expect(session.hasPieces)
      #expect(pool.heldByteCount == 5)
      var place = 0
      guard let stream = session.nextUnfinished(from: &place) else {
        Issue.record("no stream has a piece")
        return
      }
      let isEmpty = stream.bodyBytes.isEmpty
      #expect(stream.id == 1 && isEmpty && stream.receivedByteCount == 5)
      session.readBody(of: stream) { piece in
        #expect(bytes(of: piece) == [1, 2, 3, 4, 5])
        return BodyStep(read: 3, needed: 4)
      }
      #expect(bytes(of: stream.bodyBytes) == [4, 5])
      #expect(pool.heldByteCount == 2)
      #expect(session.nextUnfinished(from: &place) == nil)
    }
    #expect(!session.hasPieces)
    // What was kept gets what it lacks, and no more; the next piece is read where it is.
    var seen: [[UInt8]] = []
    try Self.receive([Self.data(1, [6, 7, 8, 9]), Self.data(1, [10], ends: true)], in: session) {
      guard let stream = session.takeRequest() else {
        Issue.record("no request")
        return
      }
      #expect(session.isInPieces(stream))
      session.readBody(of: stream) { piece in
        seen.append(bytes(of: piece))
        return piece.count < 4 ? BodyStep(read: 0, needed: 4) : BodyStep(read: 4, needed: 4)
      }
      #expect(bytes(of: stream.bodyBytes) == [8, 9, 10])
    }
    #expect(seen == [[4, 5], [4, 5, 6, 7], [8, 9], [8, 9, 10]])
    #expect(pool.heldByteCount == 3)
  }

  @Test func `pieces that nobody has read are copied, and lie together then`() throws {
    let (session, pool) = try Self.session()
    try Self.receive(
      Self.open(1) + Self.open(3) + [Self.data(1, [1]), Self.data(3, [9, 9]), Self.data(1, [2, 3])],
      in: session)
    try Self.receive([Self.data(1, [4], ends: true), Self.data(3, [8], ends: true)], in: session) {
      let first = session.takeRequest()!
      #expect(session.isInPieces(first) && session.hasBody(first))
      session.gather(first)
      #expect(!session.isInPieces(first))
      #expect(bytes(of: session.bodyBytes(of: first)) == [1, 2, 3, 4])
    }
    #expect(bytes(of: session.bodyBytes(of: session.takeRequest()!)) == [9, 9, 8])
    #expect(pool.heldByteCount == 7)
  }

  @Test func `a body in one piece is looked at where it is`() throws {
    let (session, _) = try Self.session()
    try Self.receive(Self.open(1) + [Self.data(1, [1, 2], ends: true)], in: session) {
      let stream = session.takeRequest()!
      let isEmpty = stream.bodyBytes.isEmpty
      #expect(!session.isInPieces(stream) && isEmpty)
      #expect(bytes(of: session.bodyBytes(of: stream)) == [1, 2])
    }
  }

  @Test func `bytes that are not those that were lent are copied`() throws {
    let (session, _) = try Self.session()
    let lent: [UInt8] = [1, 2, 3]
    let others = (Self.open(1) + [Self.data(1, [4, 5])]).flatMap(\.bytes)
    try session.lend(lent.span) { _ throws(HTTP2Error) in
      try session.receive(others.span)
      #expect(!session.hasPieces)
    }
  }

  @Test func `short pieces are copied at once`() throws {
    let (session, _) = try Self.session(lentByteCountMin: 4)
    try Self.receive(Self.open(1) + [Self.data(1, [1, 2, 3])], in: session) {
      #expect(!session.hasPieces)
    }
  }

  @Test func `a stream that is reset takes its pieces along, in the read that brought them`() throws {
    let (session, pool) = try Self.session()
    try Self.receive(
      Self.open(1) + Self.open(3) + [Self.data(1, [1, 2]), Self.data(3, [3]), .reset(1)], in: session
    ) {
      var place = 0
      #expect(session.nextUnfinished(from: &place)?.id == 3)
      #expect(session.nextUnfinished(from: &place) == nil)
    }
    #expect(session.openStreamCount == 1)
    #expect(pool.heldByteCount == 1)
    try Self.receive([.reset(3)], in: session)
    #expect(pool.heldByteCount == 0)
  }

  @Test func `a connection that breaks the protocol leaves no piece behind`() throws {
    let (session, pool) = try Self.session()
    #expect(throws: HTTP2Error.self) {
      try Self.receive(
        Self.open(5) + [Self.data(5, [1, 2])] + Self.open(3), in: session
      ) { Issue.record("called") }
    }
    #expect(!session.hasPieces)
    #expect(pool.heldByteCount == 2)
  }

  /// Records of a length and as many bytes, on several streams, in frames and reads of any length, read
  /// at once, later or at the end: each comes out once, whole and in order.
  @Test(arguments: UInt64(1)...60)
  func `records come out as they went in, however they are cut`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let (session, pool) = try Self.session(lentByteCountMin: [1, 1, 20, 4096][random.below(4)])
    let streams: [UInt32] = [1, 3, 5]
    var records: [UInt32: [[UInt8]]] = [:]
    var frames: [UInt32: [Frame]] = [:]
    for stream in streams {
      records[stream] = (0..<(1 + random.below(40))).map { index in
        let count = random.below(10) == 0 ? random.below(250) : random.below(12)
        return [UInt8(count)] + (0..<count).map { UInt8(truncatingIfNeeded: index + $0) }
      }
      var body = records[stream]!.flatMap { $0 }
      frames[stream] = []
      while !body.isEmpty {
        // Now and then more pieces than are kept account of.
        let count = seed % 7 == 0 ? 1 : min(body.count, 1 + random.below(90))
        frames[stream]!.append(Self.data(stream, Array(body[..<count]), ends: count == body.count))
        body.removeFirst(count)
      }
    }
    var wire = streams.flatMap { Self.open($0).flatMap(\.bytes) }
    while let stream = streams.filter({ !frames[$0]!.isEmpty }).randomElement(using: &random) {
      wire += frames[stream]!.removeFirst().bytes
    }
    var reader = RecordReader()
    while !wire.isEmpty {
      let count = min(wire.count, 1 + random.below(seed % 7 == 0 ? 20_000 : 700))
      let isLazy = random.below(3) == 0
      try Self.receiveBytes(Array(wire[..<count]), in: session) {
        if isLazy { return }
        var place = 0
        while let stream = session.nextUnfinished(from: &place) { reader.read(stream, in: session) }
      }
      wire.removeFirst(count)
    }
    while let stream = session.takeRequest() {
      reader.read(stream, in: session)
      session.gather(stream)
      let isEmpty = stream.bodyBytes.isEmpty
      #expect(isEmpty)
      #expect(stream.receivedByteCount == records[UInt32(stream.id)]!.joined().count)
    }
    #expect(reader.records == records)
    #expect(pool.heldByteCount == 0)
  }

  private static func receiveBytes(
    _ bytes: [UInt8], in session: ServerSession, _ answer: () -> Void
  ) throws {
    try session.lend(bytes.span) { lent throws(HTTP2Error) in
      try session.receive(lent)
      answer()
    }
    while session.takeOutput(upTo: 4096, to: { _ in }) {}
  }

  private struct RecordReader {
    var records: [UInt32: [[UInt8]]] = [:]

    mutating func read(_ stream: HTTP2Stream, in session: ServerSession) {
      session.readBody(of: stream) { piece in
        var start = 0
        while start < piece.count {
          let end = start + 1 + Int(piece[start])
          guard end <= piece.count else { return BodyStep(read: start, needed: end - start) }
          records[UInt32(stream.id), default: []].append(bytes(of: piece.extracting(start..<end)))
          start = end
        }
        return BodyStep(read: start, needed: 1)
      }
    }
  }
}
