@testable import HTTP2
import TestSupport
import Testing

/// Frames that nobody would send in this order: whatever comes, the books are right.
@Suite struct RandomFramesTests {
  private static let requests = [
    RawRequest("GET", "/keep", [HeaderField("x-a", "1")]), RawRequest("POST", "/p"),
    RawRequest("POST", "/p", [HeaderField("content-length", "4")]),
    RawRequest("GET", "/p", [HeaderField("X", "1")]),
    RawRequest("GET", "/keep", [HeaderField("x-long", String(repeating: "v", count: 3000))]),
  ]

  private static func frame(_ random: inout SplitMix64) -> Frame {
    let stream = UInt32(random.below(24)) * 2 + 1
    let isLast = Bool.random(using: &random)
    switch random.below(16) {
    case 0..<5:
      let block = requests.randomElement(using: &random)!.headerBlock
      return Frame(
        .headers, flags: Frame.endHeaders | (isLast ? Frame.endStream : 0), stream: stream, block)
    case 5..<9:
      let payload = [UInt8](repeating: 1, count: random.below(600))
      return Frame(.data, flags: isLast ? Frame.endStream : 0, stream: stream, payload)
    case 9..<11: return .reset(stream)
    case 11: return .windowUpdate(stream, UInt32(random.below(300)))
    case 12: return .windowUpdate(0, UInt32(random.below(3000)))
    case 13: return .settings([(id: 4, value: UInt32(random.below(400)))])
    case 14: return .ping(random.next())
    default: return Frame(.priority, stream: stream, [0, 0, 0, UInt8(random.below(50)), 9])
    }
  }

  @Test func `bytes that wait, streams and places in the queue always add up`() throws {
    var reads = 0
    var taken = 0
    for seed in 0..<400 {
      let counts = try run(UInt64(seed))
      reads += counts.reads
      taken += counts.taken
    }
    // Most of the frames were read, and many were requests.
    #expect(reads > 400 * 20 && taken > 400 * 3, "\(reads) reads, \(taken) requests")
  }

  private func run(_ seed: UInt64) throws -> (reads: Int, taken: Int) {
    var random = SplitMix64(seed: seed)
    var settings = HTTP2Settings()
    settings.queuedByteCount = 500
    settings.concurrentStreams = 8
    let session = try TestSession(settings, client: [(id: 4, value: 100)])
    var next: UInt32 = 1
    var unfinished: [UInt32] = []
    var taken = 0
    var reads = 0
    for _ in 0..<200 {
      var frame = Self.frame(&random)
      // Now and then on any stream; mostly where it may come, or it would soon be over.
      if random.below(50) > 0 {
        switch frame.kind {
        case .headers:
          frame.stream = next
          next += 2
          if !frame.endsStream { unfinished.append(frame.stream) }
        case .data:
          guard let stream = unfinished.randomElement(using: &random) else { continue }
          frame.stream = stream
          if frame.endsStream { unfinished.removeAll { $0 == stream } }
        case .rstStream, .windowUpdate where frame.stream > 0:
          frame.stream = UInt32(random.below(Int(next + 1) / 2)) * 2 + 1
          if frame.stream >= next { continue }
          if frame.kind == .rstStream { unfinished.removeAll { $0 == frame.stream } }
        default: break
        }
      }
      do {
        try session.receive(frame.bytes, at: UInt64(reads) * 1_000_000)
      } catch {
        break
      }
      reads += 1
      while session.session.hasRequest, random.below(4) > 0 {
        let request = try #require(session.takeRequest())
        taken += 1
        session.respond(to: request.stream, [UInt8](repeating: 2, count: random.below(700)))
      }
      expectBalance(session, "seed \(seed), frame \(reads)")
      if session.session.isFinished { break }
    }
    return (reads, taken)
  }

  private func expectBalance(_ session: TestSession, _ place: String) {
    let open = session.session.openStreams
    #expect(open.count <= 8, "\(place)")
    // SAFETY: the streams are open, and the session is not running.
    let unsent = open.reduce(0) { unsafe $0 + $1.state.pointee.unsentByteCount }
    #expect(session.session.queuedByteCount == unsent, "\(place)")
    for (index, stream) in open.enumerated() {
      #expect(unsafe stream.state.pointee.place == index, "\(place)")
      #expect(unsafe stream.state.pointee.id == stream.id && stream.id > 0, "\(place)")
    }
    let queued = open.count { unsafe $0.state.pointee.queuePlace != nil }
    #expect((queued > 0) == session.session.isWaiting, "\(place)")
  }
}

extension Frame {
  fileprivate var endsStream: Bool { flags & Frame.endStream != 0 }
}
