@testable import HTTP2
import TestSupport
import Testing

/// Requests whose fields are references to HPACK's tables are those that the same fields say in full.
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
    let (indexed, plain) = (try TestSession(), try TestSession())
    var encoder = IndexingEncoder()
    let usual = random.below(Self.heads.count)
    var knownCount = 0
    for index in 0..<150 {
      let stream = UInt32(2 * index + 1)
      let fields = Self.heads[random.below(4) > 0 ? usual : random.below(Self.heads.count)]
      let body = [UInt8](repeating: 7, count: [0, 3, 3, 3, 5][random.below(5)])
      let trailers = random.below(12) == 0 ? [HeaderField("x-a", "1")] : nil
      let tails = Self.tail(body, trailers?.flatMap(\.encoded), on: stream)
      let headFlags = Frame.endHeaders | (tails.isEmpty ? Frame.endStream : 0)
      try plain.receive(
        [Frame(.headers, flags: headFlags, stream: stream, fields.flatMap(\.encoded))] + tails)
      if random.below(40) == 0 { encoder.clear() }
      let block = encoder.encode(fields, &random)
      let others = Self.tail(body, trailers.map { encoder.encode($0, &random) }, on: stream)
      try indexed.receive(Self.cut(block, headFlags, on: stream, &random) + others)
      try Self.expectSame(indexed, plain, on: stream)
      if indexed.head { $0.isLearned }, indexed.head { $0.otherCount } == 0 { knownCount += 1 }
      #expect(!indexed.head { $0.isLearning }, "what cannot be learned is not held on to")
      #expect(indexed.heldByteCount == plain.heldByteCount)
    }
    #expect(indexed.session.openStreamCount == plain.session.openStreamCount)
    if Self.learnable.contains(usual) { #expect(knownCount > 20) }
  }

  /// Those of `heads` that are right, and not too much to be known again.
  private static let learnable: Set = [0, 1, 2, 3, 4, 7, 10]

  /// A block in one frame or two.
  private static func cut(
    _ block: [UInt8], _ flags: UInt8, on stream: UInt32, _ random: inout SplitMix64
  ) -> [Frame] {
    guard random.below(2) == 0 else { return [Frame(.headers, flags: flags, stream: stream, block)] }
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
  private static func expectSame(_ one: TestSession, _ other: TestSession, on stream: UInt32) throws {
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
    #expect(one.responses[stream]?.resetCode == other.responses[stream]?.resetCode)
    #expect(one.responses[stream]?.body == other.responses[stream]?.body)
  }

  @Test func `a head is known from its second request on, and another once it is the usual one`() throws {
    let session = try TestSession()
    var encoder = IndexingEncoder()
    var stream: UInt32 = 1
    func ask(_ fields: [HeaderField]) throws {
      let flags = Frame.endHeaders | Frame.endStream
      try session.receive([Frame(.headers, flags: flags, stream: stream, encoder.encode(fields))])
      let taken = try #require(session.takeRequest())
      #expect(taken.request.path == String(decoding: fields[2].value, as: UTF8.self))
      session.respond(to: taken.stream, [])
      stream += 2
    }
    /// Whether the last request was known.
    func isKnown() -> Bool { session.head { $0.isLearned } && session.head { $0.otherCount } == 0 }
    let (first, second) = (Self.heads[1], Self.heads[7])
    #expect(!session.head { $0.isLearned })
    try ask(first)
    // Another now and then does not replace it.
    for _ in 0..<40 {
      try ask(first)
      #expect(isKnown())
      try ask(second)
      #expect(!isKnown())
    }
    for _ in 0..<16 { try ask(second) }
    try ask(second)
    #expect(isKnown())
    try ask(first)
    #expect(!isKnown())
    // One with more fields than are kept is not learned, and is not tried each time.
    for _ in 0..<60 { try ask(Self.heads[5]) }
    #expect(!session.head { $0.isLearned })
    for _ in 0..<20 { try ask(first) }
    #expect(isKnown())
  }

  /// Of a request that is reset libnghttp2 does not say that its fields have come to their end.
  @Test func `nothing is held of a head that is too much, or wrong`() throws {
    for wrong in [HeaderField("connection", "close"), HeaderField("X-A", "1")] {
      let session = try TestSession()
      let long = HeaderField("x-long", String(repeating: "l", count: 60_000))
      var encoder = IndexingEncoder()
      let block = encoder.encode(Self.heads[1] + [wrong, long])
      let frames = block.chunks(of: 16_000).enumerated().map { index, part in
        Frame(index == 0 ? .headers : .continuation, flags: index == 3 ? Frame.endHeaders : 0, stream: 1, part)
      }
      try session.receive(frames)
      #expect(session.responses[1]?.resetCode == 1)
      #expect(!session.head { $0.isLearning } && !session.head { $0.isLearned })
    }
    let session = try TestSession()
    var encoder = IndexingEncoder()
    let value = HeaderField("x-long", String(repeating: "l", count: 1_100))
    try session.receive([Frame(.headers, flags: 0, stream: 1, encoder.encode(Self.heads[1] + [value]))])
    #expect(!session.head { $0.isLearning }, "at once, and not at its end")
  }
}

extension TestSession {
  /// What the session says of the head that it knows.
  fileprivate func head<Value>(_ what: (borrowing RepeatedHead) -> Value) -> Value {
    unsafe what(session.core.pointee.repeated)
  }
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
