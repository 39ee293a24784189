@testable import HTTP2
import TestSupport
import Testing

/// The limits of frames, one by one, without a session.
@Suite struct FrameMeterTests {
  private static let second: UInt64 = 1_000_000_000
  private static let headers = Frame.endHeaders
  private static let whole = Frame.endHeaders | Frame.endStream

  /// A meter that has seen the preface.
  private static func meter(_ configure: (inout HTTP2Settings) -> Void = { _ in }) -> TestMeter {
    var settings = HTTP2Settings()
    configure(&settings)
    let meter = TestMeter(FrameMeter(settings, at: 1))
    #expect(meter.scan(Frame.preface) == Frame.preface.count)
    return meter
  }

  /// What the meter says to these frames, all in one read.
  private static func offence(
    _ frames: [Frame], at now: UInt64 = 1, _ configure: (inout HTTP2Settings) -> Void = { _ in }
  ) -> HTTP2Offence? {
    let meter = meter(configure)
    let bytes = frames.flatMap(\.bytes)
    let count = meter.scan(bytes, at: now)
    #expect((count == bytes.count) == (meter.meter.offence == nil))
    return meter.meter.offence
  }

  @Test func `each limit lets its number pass and not one more`() {
    let rows: [(HTTP2Offence, Frame, Int, (inout HTTP2Settings) -> Void)] = [
      (.controlFlood, Frame.ping(), 5, { $0.controlFrameCount = 5 }),
      (.controlFlood, .settings([(id: 4, value: 1)]), 5, { $0.controlFrameCount = 5 }),
      (.glitch, .windowUpdate(0, 1), 7, { $0.glitchCount = 7 }),
      (.glitch, Frame(.priority, stream: 9, [0, 0, 0, 0, 1]), 7, { $0.glitchCount = 7 }),
      (.glitch, Frame(.goAway, [UInt8](repeating: 0, count: 8)), 7, { $0.glitchCount = 7 }),
      (.glitch, .ping(flags: 1), 7, { $0.glitchCount = 7 }),
      (.rapidReset, .reset(1), 6, { $0.rapidResetStreamCount = 6 }),
    ]
    for (offence, frame, count, configure) in rows {
      let passing = Array(repeating: frame, count: count)
      #expect(Self.offence(passing, configure) == nil, "\(offence) \(frame.kind)")
      #expect(Self.offence(passing + [frame], configure) == offence, "\(frame.kind)")
    }
  }

  @Test func `frames of no known type are glitches`() {
    let meter = Self.meter { $0.glitchCount = 3 }
    let unknown = Frame.unknown(type: 0xFA, [1, 2, 3])
    for _ in 0..<3 { #expect(meter.scan(unknown) == unknown.count) }
    #expect(meter.scan(unknown) == 0)
    #expect(meter.meter.offence == .glitch)
  }

  @Test func `a limit is whole again after its window, and half after half`() {
    let meter = Self.meter { $0.controlFrameCount = 10 }
    let ping = Frame.ping().bytes
    func burst(at now: UInt64) -> Int {
      let copy = TestMeter(meter.meter)
      var count = 0
      while copy.scan(ping, at: now) == ping.count { count += 1 }
      return count
    }
    for _ in 0..<10 { #expect(meter.scan(ping) == ping.count) }
    #expect(burst(at: 1) == 0)
    #expect(burst(at: 1 + 15 * Self.second) == 5)
    #expect(burst(at: 1 + 30 * Self.second) == 10)
    #expect(burst(at: 1 + 3000 * Self.second) == 10)
  }

  @Test func `a request is good for a ping and window updates, and reply bytes for more`() {
    let meter = Self.meter {
      $0.controlFrameCount = 1
      $0.glitchCount = 20
    }
    let ping = Frame.ping().bytes
    var stream: UInt32 = 1
    for _ in 0..<500 {
      let request = Frame(.headers, flags: Self.whole, stream: stream, [0x82]).bytes
      stream += 2
      let updates = Array(repeating: Frame.windowUpdate(0, 100), count: 10).flatMap(\.bytes)
      let bytes = request + ping + updates
      #expect(meter.scan(bytes) == bytes.count)
    }
    for _ in 0..<1000 {
      meter.meter.earn(replyByteCount: 64)
      let update = Frame.windowUpdate(0, 64).bytes + ping
      #expect(meter.scan(update) == update.count)
    }
    // One update for each byte is not covered by what the bytes earn.
    var updates = 0
    while meter.meter.offence == nil, updates < 1000 {
      meter.meter.earn(replyByteCount: 1)
      meter.scan(Frame.windowUpdate(0, 1).bytes)
      updates += 1
    }
    #expect(updates < 30)
  }

  @Test func `continuations are counted and weighed block by block`() {
    let small = Frame(.continuation, stream: 1, [0])
    let start = Frame(.headers, flags: Frame.endStream, stream: 1, [0x82])
    func configure(_ settings: inout HTTP2Settings) {
      settings.continuationCount = 4
      settings.headerByteCount = 100
    }
    let four = [start] + Array(repeating: small, count: 3)
    let end = Frame(.continuation, flags: Frame.endHeaders, stream: 1, [0])
    let next = Frame(.headers, flags: Frame.endStream, stream: 3, [0x82])
    #expect(Self.offence(four + [end, next] + Array(repeating: small, count: 4), configure) == nil)
    #expect(Self.offence(four + [small, end], configure) == .continuationFlood)
    // 400 bytes are four times the limit.
    let large = Frame(.continuation, stream: 1, [UInt8](repeating: 0, count: 399))
    #expect(Self.offence([start, large], configure) == nil)
    #expect(Self.offence([start, large, small], configure) == .headerBomb)
  }

  @Test func `empty data counts as long as nothing else comes between`() {
    let start = Frame(.headers, flags: Self.headers, stream: 1, [0x82])
    let empty = Array(repeating: Frame(.data, stream: 1), count: 8)
    let one = Frame(.data, stream: 1, [7])
    #expect(Self.offence([start] + empty + [one] + empty) == nil)
    #expect(Self.offence([start] + empty + [Frame(.data, flags: Frame.endStream, stream: 1)]) == nil)
    #expect(Self.offence([start] + empty + [empty[0]]) == .emptyData)
  }

  @Test func `resets are judged by their share of a busy second`() {
    func frames(_ count: Int, resetEvery share: Int) -> [Frame] {
      (0..<count).flatMap { index -> [Frame] in
        let stream = UInt32(2 * index + 1)
        let request = Frame(.headers, flags: Self.whole, stream: stream, [0x82])
        return index % share == 0 ? [request, .reset(stream)] : [request]
      }
    }
    #expect(Self.offence(frames(512, resetEvery: 1)) == nil)
    #expect(Self.offence(frames(600, resetEvery: 1)) == .rapidReset)
    #expect(Self.offence(frames(20_000, resetEvery: 3)) == nil)
    #expect(Self.offence(frames(20_000, resetEvery: 100)) == nil)
    // The share is a setting.
    #expect(Self.offence(frames(20_000, resetEvery: 3)) { $0.rapidResetPercent = 30 } == .rapidReset)
    #expect(Self.offence(frames(20_000, resetEvery: 1)) { $0.rapidResetPercent = 100 } == nil)
  }

  /// Requests second by second. Returns in which an offence was found; `nil` for none.
  private static func rapidReset(
    seconds: Int, requests count: Int, _ configure: (inout HTTP2Settings) -> Void = { _ in },
    resets: (Int) -> Bool
  ) -> Int? {
    let meter = meter(configure)
    for round in 0..<seconds {
      let bytes = (0..<count).flatMap { index -> [UInt8] in
        let stream = UInt32(2 * (round * count + index) + 1)
        return Frame(.headers, flags: whole, stream: stream, [0x82]).bytes
          + (resets(index) ? Frame.reset(stream).bytes : [])
      }
      guard meter.scan(bytes, at: UInt64(round + 2) * second) == bytes.count else {
        #expect(meter.meter.offence == .rapidReset)
        return round
      }
    }
    return nil
  }

  @Test func `resets that never make a busy second are judged over a longer time`() {
    // 4,096 requests are reached in the ninth second, and in the thirty-second where they come slower.
    #expect(Self.rapidReset(seconds: 600, requests: 500) { _ in true } == 8)
    #expect(Self.rapidReset(seconds: 600, requests: 500) { $0 % 5 < 3 } == 8)
    #expect(Self.rapidReset(seconds: 600, requests: 150) { _ in true } == 27)
    // So are how many, and how long the time is: 1,000 are reached in the third second.
    let fewer: (inout HTTP2Settings) -> Void = { $0.sustainedResetStreamCount = 1000 }
    #expect(Self.rapidReset(seconds: 600, requests: 500, fewer) { _ in true } == 2)
    let shorter: (inout HTTP2Settings) -> Void = { $0.faultWindowSeconds = 4 }
    #expect(Self.rapidReset(seconds: 600, requests: 500, shorter) { _ in true } == nil)
  }

  @Test func `a client that cancels for long, and not most of it, is no attacker`() {
    #expect(Self.rapidReset(seconds: 120, requests: 5_000) { $0 % 5 < 2 } == nil)
    #expect(Self.rapidReset(seconds: 120, requests: 400) { $0 % 5 < 2 } == nil)
    // All of what little it asks: a test probe, or one whose deadline is too short.
    #expect(Self.rapidReset(seconds: 600, requests: 130) { _ in true } == nil)
    // All that can be in flight, now and then.
    #expect(Self.rapidReset(seconds: 15, requests: 256) { _ in true } == nil)
  }

  /// A stream is over when its peer has ended it, and not when we have.
  @Test func `frames behind the end of a stream end the connection, stragglers do not`() {
    let start = Frame(.headers, flags: Self.headers, stream: 5, [0x82])
    let data = Frame(.data, stream: 5, [1])
    let end = Frame(.data, flags: Frame.endStream, stream: 5, [1])
    let trailers = Frame(.headers, flags: Self.whole, stream: 5, [0x82])
    #expect(Self.offence([start, data, data, trailers]) == nil)
    for over in [[start, end], [start, trailers], [start, .reset(5)], [trailers]] {
      #expect(Self.offence(over + [data]) == .closedStream)
      #expect(Self.offence(over + [trailers]) == .closedStream)
      // Which the library knows to be right.
      #expect(Self.offence(over + [.reset(5), .windowUpdate(5, 1)]) == nil)
    }
    for passedOver: UInt32 in [1, 3] {
      let lower = Frame(.headers, flags: Self.whole, stream: passedOver, [0x82])
      #expect(Self.offence([start, lower]) == .lowerStream)
    }
  }

  @Test func `requests that are never ended are not kept for ever`() {
    let meter = Self.meter()
    for index in 0..<5000 {
      let bytes = Frame(.headers, flags: Self.headers, stream: UInt32(2 * index + 1), [0x82]).bytes
      #expect(meter.scan(bytes) == bytes.count)
    }
    #expect(meter.meter.unfinished.entries.count == 1024)
    // Of those nothing is known any more, so nothing is held against them.
    let straggler = Frame(.data, stream: 1, [1]).bytes
    #expect(meter.scan(straggler) == straggler.count)
  }

  @Test func `a header block is under way from its first byte to its last`() {
    let meter = Self.meter()
    let frames = [
      Frame(.headers, flags: Frame.endStream, stream: 1, [0x82, 0x86]),
      Frame(.continuation, flags: Frame.endHeaders, stream: 1, [0x84]),
    ]
    for (index, byte) in frames.flatMap(\.bytes).enumerated() {
      #expect((meter.meter.headersSince == 0) == (index < 9), "before byte \(index)")
      meter.scan([byte], at: UInt64(index + 1))
    }
    #expect(meter.meter.headersSince == 0)
    meter.scan(Frame(.headers, flags: Self.whole, stream: 3).bytes)
    #expect(meter.meter.headersSince == 0)
  }

  @Test func `a priority that is wrong is seen wherever it is cut`() {
    for (dependency, offence) in [(9, HTTP2Offence.protocolError), (8, nil), (0, nil)] {
      let payload: [UInt8] = [0x80, 0, 0, UInt8(dependency), 9]
      let bytes = Frame(.priority, stream: 9, payload).bytes
      for cut in 0...bytes.count {
        let meter = Self.meter()
        meter.scan(Array(bytes[..<cut]))
        meter.scan(Array(bytes[cut...]))
        #expect(meter.meter.offence == offence, "cut at \(cut)")
      }
    }
    #expect(Self.offence([Frame(.priority, stream: 0, [0, 0, 0, 1, 9])]) == .protocolError)
  }

  @Test(arguments: UInt64(0)..<50)
  func `what is said does not depend on where the bytes are cut`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let kinds: [Frame.Kind] = [
      .data, .headers, .rstStream, .ping, .windowUpdate, .continuation, .priority,
    ]
    let bytes = (0..<200).flatMap { _ -> [UInt8] in
      let count = Int.random(in: 0...20, using: &random)
      return Frame(
        kinds.randomElement(using: &random)!, flags: UInt8.random(in: 0...15, using: &random),
        stream: UInt32.random(in: 0...40, using: &random), [UInt8](repeating: 1, count: count)
      ).bytes
    }
    let whole = Self.meter { $0.glitchCount = 60 }
    let read = whole.scan(bytes)
    let cut = Self.meter { $0.glitchCount = 60 }
    var offset = 0
    while offset < bytes.count, cut.meter.offence == nil {
      let end = min(bytes.count, offset + Int.random(in: 1...30, using: &random))
      cut.scan(Array(bytes[offset..<end]))
      offset = end
    }
    #expect(cut.meter.offence == whole.meter.offence, "seed \(seed)")
    #expect(cut.meter.highestStream == whole.meter.highestStream, "seed \(seed)")
    #expect((whole.meter.offence == nil) == (read == bytes.count), "seed \(seed)")
  }

  /// One that is there whole is counted in one step, and one that is cut in two.
  @Test(arguments: UInt64(0)..<50)
  func `a request counts the same whether it comes whole or cut`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var (next, open): (UInt32, [UInt32]) = (1, [])
    var requestCount = 0
    let bytes = (0..<300).flatMap { _ -> [UInt8] in
      let stream = next
      next += random.below(10) == 0 ? 4 : 2
      let block = [UInt8](repeating: 1, count: random.below(seed % 10 == 0 ? 23 : 20))
      let head = Frame(.headers, flags: Self.headers, stream: stream, block)
      let end = Frame(.data, flags: Frame.endStream, stream: stream, [UInt8](repeating: 2, count: random.below(9)))
      switch random.below(12) {
      case 0: return Frame.ping().bytes
      case 1:
        open.append(stream)
        return head.bytes
      case 2:
        guard let old = open.popLast() else { return [] }
        return Frame(.data, flags: Frame.endStream, stream: old, [3]).bytes
      case 3: return Frame(.headers, flags: Self.whole, stream: stream, block).bytes
      // Padded, another stream's data between, or a stream that was passed over, at the end of all.
      case 4: return head.bytes + Frame(.data, flags: 9, stream: stream, [0, 1]).bytes
      case 5 where seed % 7 == 0 && requestCount > 100:
        return Frame(.headers, flags: Self.headers, stream: stream - 4, block).bytes
          + Frame(.data, flags: Frame.endStream, stream: stream - 4, [1]).bytes
      default:
        requestCount += 1
        return head.bytes + end.bytes
      }
    }
    func meter() -> TestMeter {
      Self.meter {
        $0.headerByteCount = 20
        $0.headerAbuseFactor = 1
      }
    }
    let (whole, cut) = (meter(), meter())
    whole.scan(bytes, at: 5)
    var offset = 0
    while offset < bytes.count, cut.meter.offence == nil {
      let end = min(bytes.count, offset + Int.random(in: 1...12, using: &random))
      cut.scan(Array(bytes[offset..<end]), at: 5)
      offset = end
    }
    #expect(requestCount > 100)
    #expect(cut.meter.offence == whole.meter.offence)
    #expect(cut.meter.highestStream == whole.meter.highestStream)
    #expect(cut.meter.isIdle == whole.meter.isIdle && cut.meter.headersSince == whole.meter.headersSince)
    #expect(cut.meter.unfinished.entries.map(\.stream) == whole.meter.unfinished.entries.map(\.stream))
  }
}

/// A meter by reference.
private final class TestMeter {
  var meter: FrameMeter
  private var heads = RepeatedHead()

  init(_ meter: FrameMeter) { self.meter = meter }

  /// How many of the bytes may be read on.
  @discardableResult
  func scan(_ bytes: [UInt8], at now: UInt64 = 1) -> Int { meter.scan(bytes.span, at: now, &heads) }
}
