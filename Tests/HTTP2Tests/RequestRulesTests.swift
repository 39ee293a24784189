import HTTP2
import TestSupport
import Testing

/// `RequestRules` against libnghttp2's own: what one refuses the other does, with the same word.
@Suite struct RequestRulesTests {
  private static let names = [
    ":method", ":scheme", ":path", ":authority", ":status", ":protocol", ":", "", "host", "te", "upgrade",
    "connection", "keep-alive", "proxy-connection", "transfer-encoding", "content-length", "x-a", "X-a",
    "akamai-bot", "akamai-user-risk", "a b", "a:b", "a/b", "a_b!#$%&'*+-.^`|~9", "content-type", "tE",
    "x-long-name-of-more-than-sixteen-bytes", "x-long-name-of-more-than-sixteen-bYtes", "cookie", "prioritY",
  ]
  private static let values = [
    "", "/", "/keep", "*", "http", "HTTPS", "ftp", "a+b.c-1", "1http", "GET", "POST", "CONNECT", "OPTIONS",
    "HEAD", "a b", " a", "a ", "a\t", "\ta", "a\tb", "a\u{7F}", "trailers", "Trailers", "trailer", "gzip",
    "0", "4", "04", "-4", "4 ", "9223372036854775807", "9223372036854775808", "99999999999999999999",
    "[::1]:80", "postern.example:8080", "user@host", "a/b", "a?b", "a\\b", "status=0;score=92", "ä",
    "u=3, i", String(repeating: "v", count: 31), String(repeating: "v", count: 40) + "\n",
    "\r" + String(repeating: "v", count: 20),
  ]

  private static func fields(_ random: inout SplitMix64) -> [HeaderField] {
    let method = random.below(8) == 0 ? values.randomElement(using: &random)! : "POST"
    var fields = [
      HeaderField(":method", method), HeaderField(":scheme", "http"), HeaderField(":path", "/keep"),
      HeaderField(":authority", "postern.example"),
    ]
    if random.below(4) == 0 { fields.append(HeaderField("content-length", "\(random.below(7))")) }
    for _ in 0..<random.below(4) {
      let field = HeaderField(names.randomElement(using: &random)!, values.randomElement(using: &random)!)
      let place = random.below(fields.count + 1)
      switch random.below(5) {
      case 0: fields.remove(at: min(place, fields.count - 1))
      case 1: fields[min(place, fields.count - 1)] = field
      case 2: fields.append(field)
      case 3: fields.swapAt(random.below(fields.count), random.below(fields.count))
      default: fields.insert(field, at: place)
      }
      if fields.isEmpty { fields = [field] }
    }
    if random.below(4) == 0 { spoil(&fields[random.below(fields.count)], &random) }
    return fields
  }

  /// Any byte, at any place of a value.
  private static func spoil(_ field: inout HeaderField, _ random: inout SplitMix64) {
    field.value.insert(UInt8(random.below(256)), at: random.below(field.value.count + 1))
  }

  private static func frames(_ random: inout SplitMix64) -> [Frame] {
    let endsAtOnce = random.below(3) == 0
    let flags = Frame.endHeaders | (endsAtOnce ? Frame.endStream : 0)
    var frames = [Frame(.headers, flags: flags, stream: 1, fields(&random).flatMap(\.encoded))]
    if endsAtOnce { return frames }
    let hasTrailers = random.below(4) == 0
    let bodies = random.below(3)
    for index in 0..<bodies {
      let isLast = index == bodies - 1 && !hasTrailers
      frames.append(
        Frame(
          .data, flags: isLast ? Frame.endStream : 0, stream: 1,
          [UInt8](repeating: UInt8(index), count: random.below(4))))
    }
    guard hasTrailers else { return frames }
    let field = HeaderField(names.randomElement(using: &random)!, values.randomElement(using: &random)!)
    let ends = random.below(8) > 0
    frames.append(
      Frame(
        .headers, flags: Frame.endHeaders | (ends ? Frame.endStream : 0), stream: 1, field.encoded))
    return frames
  }

  @Test func `what libnghttp2 would refuse is refused, and nothing else`() throws {
    var (delivered, refused) = (0, 0)
    for seed in 0..<20_000 {
      var random = SplitMix64(seed: UInt64(seed))
      let frames = Self.frames(&random)
      let expected = try LibrarySession().outcome(of: frames)
      let session = try TestSession()
      try session.receive(frames)
      let found = Self.outcome(of: session)
      guard found == expected else {
        Issue.record("seed \(seed): \(found), which should be \(expected): \(frames)")
        return
      }
      delivered += expected.request == nil ? 0 : 1
      refused += expected.resetCode == nil ? 0 : 1
    }
    #expect(delivered > 2500 && refused > 10_000, "\(delivered) delivered, \(refused) refused")
  }

  private static func outcome(of session: TestSession) -> LibrarySession.Outcome {
    var outcome = LibrarySession.Outcome()
    if let (_, request) = session.takeRequest() {
      outcome.request = request
      // What the session was not told to keep.
      if !request.path.hasPrefix("/keep") { outcome.request?.headers = [] }
    }
    outcome.resetCode = session.responses[1]?.resetCode
    return outcome
  }
}
