@testable import HTTP2
import TestSupport
import Testing

/// Requests whose header blocks come again are those that the same fields say in blocks that are read.
@Suite struct RepeatedHeadTests {
  private static let authority = HeaderField(":authority", "postern.example")

  private static func head(
    _ method: String, _ path: String, _ others: [(String, String)] = []
  ) -> [HeaderField] {
    [HeaderField(":method", method), HeaderField(":scheme", "http"), HeaderField(":path", path), authority]
      + others.map { HeaderField($0.0, $0.1) }
  }

  /// Heads that are right, that go on where others end, that are kept, and that are wrong.
  private static let heads: [[HeaderField]] = [
    head("POST", "/v1/decide", [("content-type", "text/a")]),
    head("POST", "/v1/decide"),
    head("POST", "/v1/decide", [("content-type", "text/a"), ("content-length", "3")]),
    head("POST", "/v1/decide", [("content-length", "3"), ("content-type", "text/a")]),
    head("POST", "/v1/decide", [("content-type", "text/b"), ("x-a", "1"), ("x-b", "2"), ("x-c", "3")]),
    head("POST", "/v1/decide", [("x-a", "1"), ("x-b", "2"), ("x-c", "3"), ("x-d", "4"), ("x-e", "5")]),
    head("POST", "/v1/decide", [("x-long", String(repeating: "l", count: 1100))]),
    head("GET", "/other"),
    head("POST", "/keep", [("content-type", "text/a"), ("x-a", "1")]),
    head("POST", "/v1/decide", [("connection", "close")]),
    head("POST", "/v1/decide", [("content-type", "text/a"), ("content-type", "text/b")]),
    head("POST", "/v1/decide", [("X-A", "1")]),
    Array(head("POST", "/v1/decide", [("content-type", "text/a")]).dropFirst()),
    Array(head("POST", "/v1/decide").reversed()),
    head("POST", ""),
  ]

  @Test(arguments: 0..<60)
  func `what a request is does not depend on how its fields are written`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    // Some heads are wrong each time.
    var settings = HTTP2Settings()
    settings.faultCount = 1_000
    let (indexed, plain) = (try TestSession(settings), try TestSession(settings))
    var encoder = IndexingEncoder()
    let usual = random.below(Self.heads.count)
    var knownCount = 0
    var stream: UInt32 = 1
    for _ in 0..<50 {
      let streams = (0..<UInt32(1 + random.below(8))).map { stream + 2 * $0 }
      stream = streams.last! + 2
      var (mine, theirs): ([Frame], [Frame]) = ([], [])
      for stream in streams {
        let fields = Self.heads[random.below(4) > 0 ? usual : random.below(Self.heads.count)]
        let body = [UInt8](repeating: 7, count: [0, 3, 3, 3, 5][random.below(5)])
        let trailers = random.below(12) == 0 ? [HeaderField("x-a", "1")] : nil
        let tails = Self.tail(body, trailers?.flatMap(\.encoded), on: stream)
        let headFlags = Frame.endHeaders | (tails.isEmpty ? Frame.endStream : 0)
        // Of two frames, and so never known again.
        theirs += [
          Frame(.headers, flags: headFlags & Frame.endStream, stream: stream, fields.flatMap(\.encoded)),
          Frame(.continuation, flags: Frame.endHeaders, stream: stream, []),
        ]
        theirs += tails
        if random.below(40) == 0 { encoder.clear() }
        mine += Self.cut(encoder.encode(fields, &random), headFlags, on: stream, &random)
        mine += Self.tail(body, trailers.map { encoder.encode($0, &random) }, on: stream)
      }
      try plain.receive(theirs)
      #expect(plain.knownCount == 0)
      knownCount += try Self.receive(mine.flatMap(\.bytes), in: indexed, &random)
      try Self.expectSame(indexed, plain, on: streams)
      #expect(indexed.heldByteCount == plain.heldByteCount)
    }
    #expect(indexed.session.openStreamCount == plain.session.openStreamCount)
    if Self.learnable.contains(usual) { #expect(knownCount > 10) }
  }

  /// Receives bytes in some reads, and so many frames at a time. Returns how many heads were known.
  private static func receive(
    _ bytes: [UInt8], in session: TestSession, _ random: inout SplitMix64
  ) throws -> Int {
    var knownCount = 0
    let frameCount = [Int.max, 1, 3, 16][random.below(4)]
    for part in bytes.chunks(of: random.below(3) == 0 ? 1 + random.below(100) : bytes.count) {
      var rest = Array(part)
      while !rest.isEmpty {
        rest.removeFirst(try session.session.receive(rest.span, upTo: frameCount))
        knownCount += session.knownCount
      }
    }
    session.takeOutput()
    return knownCount
  }

  /// Those of `heads` that are right, and not too much to be known again.
  private static let learnable: Set = [0, 1, 2, 3, 4, 5, 7, 10]

  /// A block in one frame or two.
  private static func cut(
    _ block: [UInt8], _ flags: UInt8, on stream: UInt32, _ random: inout SplitMix64
  ) -> [Frame] {
    guard random.below(8) == 0 else { return [Frame(.headers, flags: flags, stream: stream, block)] }
    let place = random.below(block.count + 1)
    return [
      Frame(.headers, flags: flags & Frame.endStream, stream: stream, Array(block[..<place])),
      Frame(.continuation, flags: Frame.endHeaders, stream: stream, Array(block[place...])),
    ]
  }

  private static func tail(_ body: [UInt8], _ trailers: [UInt8]?, on stream: UInt32) -> [Frame] {
    let end = trailers == nil ? Frame.endStream : 0
    let data = body.isEmpty ? [] : [Frame(.data, flags: end, stream: stream, body)]
    let flags = Frame.endHeaders | Frame.endStream
    return data + (trailers.map { [Frame(.headers, flags: flags, stream: stream, $0)] } ?? [])
  }

  /// Both sessions have the same request to answer, and do, or have reset it.
  private static func expectSame(_ one: TestSession, _ other: TestSession, on streams: [UInt32]) throws {
    while true {
      let (mine, theirs) = (one.takeRequest(), other.takeRequest())
      #expect(mine?.request == theirs?.request)
      guard let mine, let theirs else { break }
      #expect(mine.stream.id == theirs.stream.id)
      #expect(bytes(of: mine.stream.contentType) == bytes(of: theirs.stream.contentType))
      #expect(mine.stream.fault == theirs.stream.fault)
      one.respond(to: mine.stream, [1])
      other.respond(to: theirs.stream, [1])
    }
    for stream in streams {
      #expect(one.responses[stream]?.resetCode == other.responses[stream]?.resetCode)
      #expect(one.responses[stream]?.body == other.responses[stream]?.body)
    }
  }

  /// Requests on one connection, the last of them on `stream`.
  private final class Asker {
    let session: TestSession
    var encoder = IndexingEncoder()
    private var stream: UInt32 = 0xFFFF_FFFF

    init() throws { session = try TestSession() }

    /// Whether the request is as it should be, and was known.
    func ask(_ fields: [HeaderField], _ frames: (UInt32, [UInt8]) -> [Frame] = Asker.whole) throws -> Bool {
      try ask(block: encoder.encode(fields), frames, path: String(decoding: fields[2].value, as: UTF8.self))
    }

    func ask(
      block: [UInt8], _ frames: (UInt32, [UInt8]) -> [Frame] = Asker.whole, path: String
    ) throws -> Bool {
      stream &+= 2
      try session.receive(frames(stream, block))
      let isKnown = session.knowsLast
      let taken = try #require(session.takeRequest())
      #expect(taken.request.path == path)
      session.respond(to: taken.stream, [])
      return isKnown
    }

    static func whole(_ stream: UInt32, _ block: [UInt8]) -> [Frame] {
      [Frame(.headers, flags: Frame.endHeaders | Frame.endStream, stream: stream, block)]
    }
  }

  @Test func `a head is known from the third request on, and another once it is the usual one`() throws {
    let asker = try Asker()
    let (first, second, long) = (Self.heads[1], Self.heads[7], Self.heads[6])
    // The first enters its fields, the second is learned.
    #expect(try !asker.ask(second))
    #expect(try !asker.ask(first))
    #expect(try !asker.ask(first))
    // Another now and then does not replace it.
    for _ in 0..<40 {
      #expect(try asker.ask(first))
      #expect(try !asker.ask(second))
    }
    #expect(try asker.ask(first))
    for _ in 0..<17 { #expect(try !asker.ask(second)) }
    #expect(try asker.ask(second))
    #expect(try !asker.ask(first))
    // One whose fields are too long is not learned, and keeps nobody else from it.
    for _ in 0..<60 { #expect(try !asker.ask(long)) }
    #expect(try !asker.ask(first))
    #expect(try asker.ask(first))
  }

  @Test func `fields in full that are entered nowhere are known as well`() throws {
    let asker = try Asker()
    // As common clients send it: the path and the length in full, each of another form.
    let block = [0x83, 0x86] + HeaderField(":path", "/v1/decide").encoded
      + Self.authority.encoded + [0x1F, 0x0D, 1, 0x30]
    #expect(try !asker.ask(block: block, path: "/v1/decide"))
    for _ in 0..<3 { #expect(try asker.ask(block: block, path: "/v1/decide")) }
  }

  /// Each of these may change what the known block's references mean.
  @Test func `what may change the table ends what is known`() throws {
    let usual = Self.heads[0]
    let entered = [HeaderField("x-a", "1")]
    let changes: [(String, (Asker, UInt32, [UInt8]) -> [Frame])] = [
      ("trailers that are entered", { asker, stream, block in
        [
          Frame(.headers, flags: Frame.endHeaders, stream: stream, block),
          Frame(.headers, flags: Frame.endHeaders | Frame.endStream, stream: stream,
            asker.encoder.encode(entered)),
        ]
      }),
      ("two frames", { _, stream, block in
        [
          Frame(.headers, flags: Frame.endStream, stream: stream, Array(block.dropLast())),
          Frame(.continuation, flags: Frame.endHeaders, stream: stream, Array(block.suffix(1))),
        ]
      }),
      ("padding", { _, stream, block in
        [Frame(.headers, flags: Frame.endHeaders | Frame.endStream | 8, stream: stream, [1] + block + [0])]
      }),
      ("priority", { _, stream, block in
        [Frame(.headers, flags: Frame.endHeaders | Frame.endStream | 0x20, stream: stream, [0, 0, 0, 0, 7] + block)]
      }),
      ("a size", { _, stream, block in Asker.whole(stream, [0x3F, 0xE1, 0x1F] + block) }),
    ]
    for (name, frames) in changes {
      let asker = try Asker()
      for index in 0..<4 { #expect(try asker.ask(usual) == (index > 1)) }
      // The head that comes before trailers is still known.
      #expect(try asker.ask(usual) { frames(asker, $0, $1) } == name.hasPrefix("trailers"), "\(name)")
      // By what the table says now.
      #expect(try !asker.ask(usual), "\(name)")
      #expect(try asker.ask(usual), "\(name)")
    }
  }

  /// `POST` of "/", its authority and its content type by references, or entered; what is not said otherwise
  /// comes in one read.
  private static let references: [UInt8] = [0x83, 0x86, 0x84, 0xBF, 0xBE]
  private static func entering(_ type: String, behind others: [UInt8] = []) -> [UInt8] {
    [0x83, 0x86, 0x84] + others + [0x41, 0x0F] + Array("postern.example".utf8) + [0x5F, 6] + Array(type.utf8)
  }

  private static func frame(_ stream: UInt32, _ block: [UInt8]) -> Frame {
    Frame(.headers, flags: Frame.endHeaders | Frame.endStream, stream: stream, block)
  }

  /// The content types of the requests that wait, which are answered.
  private static func types(_ session: TestSession) -> [String] {
    var types: [String] = []
    while let (stream, _) = session.takeRequest() {
      types.append(String(decoding: bytes(of: stream.contentType), as: UTF8.self))
      session.respond(to: stream, [])
    }
    return types
  }

  /// A session that has known the references as `text/a`, and then what is to change the table. Whatever that
  /// is, the same references are `text/b` behind it.
  private static func expectChange(
    _ name: String, _ change: (TestSession) throws -> Void
  ) throws {
    let session = try TestSession()
    try session.receive([frame(1, entering("text/a"))])
    try session.receive([frame(3, references)])
    try session.receive([frame(5, references)])
    #expect(session.knownCount == 1)
    #expect(types(session) == ["text/a", "text/a", "text/a"])
    try change(session)
    _ = types(session)
    try session.receive([frame(99, references)])
    #expect(session.knownCount == 0, "\(name)")
    #expect(types(session) == ["text/b"], "\(name)")
    try session.receive([frame(101, references)])
    #expect(session.knownCount == 1)
    #expect(types(session) == ["text/b"], "\(name)")
  }

  @Test func `the same references are what the table says by now`() throws {
    let bytes = Self.frame(7, Self.entering("text/b")).bytes
    for cut in 0..<bytes.count {
      try Self.expectChange("cut at \(cut)") { session in
        if cut > 0 { try session.receive(Array(bytes[..<cut])) }
        try session.receive(Array(bytes[cut...]))
      }
    }
    try Self.expectChange("byte by byte") { session in
      for byte in bytes { try session.receive([byte]) }
    }
    try Self.expectChange("known before, in the same read") { session in
      try session.receive([Self.frame(7, Self.references), Self.frame(9, Self.entering("text/b"))])
    }
    try Self.expectChange("a field that is none before") { session in
      try session.receive([Self.frame(7, Self.entering("text/b", behind: HeaderField("X-A", "1").encoded))])
      #expect(session.responses[7]?.resetCode == 1)
    }
  }

  @Test func `references are known in the read that changes the table, up to where it does`() throws {
    for isKnownBefore in [true, false] {
      let session = try TestSession()
      try session.receive([Self.frame(1, Self.entering("text/a"))])
      if isKnownBefore { try session.receive([Self.frame(3, Self.references)]) }
      let streams: [UInt32] = [5, 7, 9, 11, 13]
      try session.receive(
        streams.map { Self.frame($0, $0 == 9 ? Self.entering("text/b") : Self.references) })
      #expect(session.knownCount == (isKnownBefore ? 2 : 0))
      let before = Array(repeating: "text/a", count: isKnownBefore ? 4 : 3)
      #expect(Self.types(session) == before + ["text/b", "text/b", "text/b"])
    }
  }

  @Test func `another head is learned in a read that has known ones before`() throws {
    let session = try TestSession()
    try session.receive([Self.frame(1, Self.entering("text/a")), Self.frame(3, Self.entering("text/b"))])
    try session.receive([Self.frame(5, Self.references)])
    let others: [UInt8] = [0x83, 0x86, 0x84, 0xC1, 0xC0]
    let blocks = [Self.references, Self.references] + Array(repeating: others, count: 18) + [Self.references]
    try session.receive(blocks.enumerated().map { Self.frame(UInt32(7 + 2 * $0), $1) })
    #expect(session.knownCount == 2)
    try session.receive([Self.frame(99, others)])
    #expect(session.knownCount == 1)
    #expect(
      Self.types(session) == ["text/a", "text/b", "text/b", "text/b", "text/b"]
        + Array(repeating: "text/a", count: 18) + ["text/b", "text/a"])
  }

  /// libnghttp2 answers what comes behind a peer's GOAWAY in the same read, and nothing later.
  @Test func `a known head behind the peer's GOAWAY is read as others are`() throws {
    let session = try TestSession()
    try session.receive([Self.frame(1, Self.entering("text/a"))])
    for stream: UInt32 in [3, 5] { try session.receive([Self.frame(stream, Self.references)]) }
    #expect(session.knownCount == 1)
    #expect(Self.types(session).count == 3)
    try session.receive([Frame(.goAway, [UInt8](repeating: 0, count: 8)), Self.frame(7, Self.references)])
    #expect(Self.types(session) == ["text/a"])
    #expect(session.responses[7]?.isComplete == true)
  }

  @Test func `a known block is no request's trailers`() throws {
    let asker = try Asker()
    for _ in 0..<3 { _ = try asker.ask(Self.heads[0]) }
    let block = asker.encoder.encode(Self.heads[0])
    try asker.session.receive([
      Frame(.headers, flags: Frame.endHeaders, stream: 7, block),
      Frame(.headers, flags: Frame.endHeaders | Frame.endStream, stream: 7, block),
    ])
    #expect(asker.session.knowsLast, "its head is")
    #expect(asker.session.takeRequest() == nil)
    #expect(asker.session.responses[7]?.resetCode == 1)
  }

  @Test(arguments: [1, 2, 3, 7, 40])
  func `it is known where reads end anywhere`(partByteCount: Int) throws {
    let (asker, parts) = (try Asker(), try TestSession())
    var encoder = IndexingEncoder()
    for index in 0..<20 {
      let stream = UInt32(2 * index + 1)
      let frames = [
        Frame(.headers, flags: Frame.endHeaders, stream: stream, encoder.encode(Self.heads[0])),
        Frame(.data, flags: Frame.endStream, stream: stream, [1, 2, 3]),
      ]
      try asker.session.receive(frames)
      for part in frames.flatMap(\.bytes).chunks(of: partByteCount) { try parts.receive(Array(part)) }
      try Self.expectSame(asker.session, parts, on: [stream])
    }
  }

  @Test func `a block leaves the table as it is where nothing is entered and no size is said`() {
    let leaving: [[UInt8]] = [
      [], [0x80], [0x83, 0xFE], [0xFF, 0x00], [0xFF, 0x80, 0x80, 0x01], [0x04, 1, 0x2F], [0x14, 0x81, 0x63],
      [0x0F, 0x0D, 0], [0, 1, 0x61, 0], [0x10, 0, 0], [0, 0x7F, 0] + [UInt8](repeating: 0x61, count: 127) + [0],
    ]
    for block in leaving { #expect(Self.leavesTable(block), "\(block)") }
    let others: [[UInt8]] = [
      [0x40, 1, 0x61, 0], [0x41, 0], [0x7F, 1, 0], [0x20], [0x3F, 0xE1, 0x1F], [0x83, 0x41, 0],
      // Cut, or longer than any: no block that has no error.
      [0xFF], [0xFF, 0x80], [0x04], [0x04, 2, 0x2F], [0, 1], [0, 1, 0x61], [0x0F], [0x04, 0x7F],
      [0xFF, 0x80, 0x80, 0x80, 0x01],
    ]
    for block in others { #expect(!Self.leavesTable(block), "\(block)") }
  }

  private static func leavesTable(_ block: [UInt8]) -> Bool { block.span.leavesTable }
}

extension TestSession {
  /// How many requests of what was received last had the head that is known.
  fileprivate var knownCount: Int { unsafe session.core.pointee.repeated.places.count }
  fileprivate var knowsLast: Bool { knownCount > 0 }
}

/// An HPACK encoder that enters fields in the dynamic table, and names them by their places (RFC 7541 6).
private struct IndexingEncoder {
  /// Newest first, as they are counted.
  private var table: [HeaderField] = []
  private var prefix: [UInt8] = []

  /// LIMIT: of 4,096 bytes; a place has one byte.
  private static let byteCountMax = 4096

  /// The next block empties the table, and begins it anew.
  mutating func clear() {
    table = []
    prefix = [0x20, 0x3F, 0xE1, 0x1F]
  }

  mutating func encode(_ fields: [HeaderField]) -> [UInt8] { fields.flatMap { encode($0, isIndexed: true) } }

  /// Fields in references, entered, or in full, as it comes.
  mutating func encode(_ fields: [HeaderField], _ random: inout SplitMix64) -> [UInt8] {
    defer { prefix = [] }
    return prefix + fields.flatMap { encode($0, isIndexed: random.below(16) > 0) }
  }

  private mutating func encode(_ field: HeaderField, isIndexed: Bool) -> [UInt8] {
    guard isIndexed else { return field.encoded }
    if let place = table.firstIndex(of: field) { return [0x80 | UInt8(62 + place)] }
    table.insert(field, at: 0)
    while table.map({ $0.name.utf8.count + $0.value.count + 32 }).reduce(0, +) > Self.byteCountMax {
      table.removeLast()
    }
    return [0x40] + field.encoded.dropFirst()
  }
}
