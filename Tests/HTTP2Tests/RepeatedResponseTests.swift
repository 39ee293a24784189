@testable import HTTP2
import TestSupport
import Testing
import Wire

/// What clients decode is what was answered, however HPACK's table is at the moment.
@Suite struct RepeatedResponseTests {
  private static let heads: [(ResponseHead, [HeaderField])] = [
    head(200, [("content-type", "application/a")]), head(200, [("content-type", "text/plain")]), head(403),
    head(503, [("content-type", "application/a"), ("postern-error", "overloaded"), ("retry-after", "1")]),
  ]

  private static func head(
    _ status: Int, _ headers: [(name: String, value: String)] = []
  ) -> (ResponseHead, [HeaderField]) {
    let fields = [HeaderField(":status", "\(status)")] + headers.map { HeaderField($0.name, $0.value) }
    return (ResponseHead(status: status, headers), fields)
  }

  @Test(arguments: 0..<60)
  func `heads are what was answered`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let smallTable: [(id: UInt16, value: UInt32)] = [(id: 1, value: UInt32(random.below(200)))]
    let session = try TestSession(HTTP2Settings(), client: random.below(3) == 0 ? smallTable : [])
    let usual = random.below(Self.heads.count)
    var expected: [UInt32: [HeaderField]] = [:]
    var stream: UInt32 = 1
    var knownCount = 0
    for _ in 0..<80 {
      let count = 1 + random.below(4)
      let streams = (0..<UInt32(count)).map { stream + 2 * $0 }
      stream += 2 * UInt32(count)
      try session.receive(streams.flatMap { RawRequest("GET", "/").frames(on: $0) })
      // None is taken before all are answered.
      while let next = session.session.takeRequest() {
        let (head, fields) = Self.heads[random.below(4) > 0 ? usual : random.below(Self.heads.count)]
        expected[UInt32(next.id)] = fields
        if random.below(8) > 0 {
          session.session.respond(to: next, head)
        } else {
          var headers = HeaderList()
          headers.append("x-a", "\(random.below(3))")
          headers.append("x-long", String(repeating: "l", count: random.below(900)))
          session.session.respond(to: next, head, headers)
          expected[UInt32(next.id)]! += [
            HeaderField("x-a", headers.text(at: 0)), HeaderField("x-long", headers.text(at: 1)),
          ]
        }
      }
      var frames: [Frame] = []
      if random.below(12) == 0 {
        let size = [0, 40, 100, 4096][random.below(4)]
        frames.append(.settings([(id: 1, value: UInt32(size))]))
      }
      if random.below(8) == 0, let lost = streams.randomElement(using: &random) {
        frames.append(.reset(lost))
        expected[lost] = nil
      }
      if session.knowsResponse { knownCount += 1 }
      try session.receive(frames)
    }
    for (stream, fields) in expected {
      #expect(session.responses[stream]?.headers == fields)
      #expect(session.responses[stream]?.isComplete == true)
    }
    #expect(knownCount > 5)
  }

  @Test func `a head is sent in the block that it had before, once that enters nothing`() throws {
    let session = try TestSession()
    func blocks(_ count: Int, _ head: ResponseHead) throws -> [[UInt8]] {
      try (0..<count).map { _ in
        let sent = session.frames.count
        let stream = UInt32(2 * session.responses.count + 1)
        try session.receive(RawRequest("GET", "/").frames(on: stream))
        session.session.respond(to: try #require(session.session.takeRequest()), head)
        session.takeOutput()
        return try #require(session.frames[sent...].first { $0.kind == .headers }).payload
      }
    }
    let (usual, other) = (Self.heads[0].0, Self.heads[1].0)
    let first = try blocks(4, usual)
    #expect(first[0].count > 5)
    #expect(first[1...].allSatisfy { $0 == first[1] && $0.count == 2 })
    #expect(session.knowsResponse)
    // One that enters a field moves the others' places.
    let moved = try blocks(2, other)
    #expect(moved[0].count > 5 && moved[1].count == 2)
    let second = try blocks(3, usual)
    #expect(second.allSatisfy { $0 == second[0] && $0.count == 2 && $0 != first[1] })
  }

  /// The block was emptied before the table's size came, and leaves behind it.
  @Test func `what the peer says of the table's size is heard by a response that waits`() throws {
    let session = try TestSession()
    for stream: UInt32 in [1, 3, 5, 7] {
      try session.receive(RawRequest("GET", "/").frames(on: stream))
      let next = try #require(session.session.takeRequest())
      session.session.respond(to: next, Self.heads[0].0)
      if stream < 7 { session.takeOutput() }
    }
    #expect(session.knowsResponse)
    try session.receive([.settings([(id: 1, value: 0)])])
    #expect(session.responses[7]?.headers == Self.heads[0].1)
    let last = try #require(session.frames.last { $0.kind == .headers })
    #expect(last.payload.first == 0x20, "a size of 0")
    #expect(!session.knowsResponse)
  }
}

extension TestSession {
  fileprivate var knowsResponse: Bool { unsafe session.core.pointee.repeatedResponse.isLearned }
}

extension HeaderList {
  fileprivate func text(at index: Int) -> String {
    let range = fields[index].value
    return String(decoding: (range.start..<range.end).map { bytes.span[$0] }, as: UTF8.self)
  }
}
