import EdgeProof
import HTTP2
import Synchronization
import Tables
import TestSupport
import Testing
import Wire

@testable import Server

/// Moves by a microsecond at each look.
private final class TickingClock: Sendable {
  private let nanoseconds = Mutex<UInt64>(1_000_000)

  func tick() -> UInt64 {
    nanoseconds.withLock {
      $0 += 1000
      return $0
    }
  }
}

extension ServerTests {
  /// Long messages of `/v1/decide` are decided while they come, and answered as if they had come whole.
  @Suite struct MessagePartsTests {
    /// Every piece of a body is read where it lies.
    private static func lendAll(_ configuration: inout ServerConfiguration) {
      configuration.http2.lentByteCountMin = 1
    }

    private static func logins(_ count: Int) -> [TestDecision] {
      (0..<count).map { index in
        let captured = CapturedHeaders.all[index % CapturedHeaders.all.count]
        return TestDecision(
          correlationID: UInt64(index), bot: captured.bot, userRisk: captured.userRisk)
      }
    }

    /// A reply without the time that it took.
    private static func untimed(_ response: RawResponse) -> [UInt8] {
      var body = response.body
      if body.count >= MessageHeader.byteCount { body.replaceSubrange(16..<24, with: repeatElement(0, count: 8)) }
      return body
    }

    /// Sends a request's body in frames, each in a read of its own if the server is quick.
    private static func send(
      _ request: RawRequest, by client: RawClient, cutAt cuts: [Int], pausing: Bool = false
    ) async throws -> UInt32 {
      let stream = client.takeStreamID()
      try client.send(request.headerFrames(on: stream, endStream: false))
      for (start, end) in zip([0] + cuts, cuts + [request.body.count]) {
        let isLast = end == request.body.count
        let frame = Frame(
          .data, flags: isLast ? Frame.endStream : 0, stream: stream, Array(request.body[start..<end]))
        #expect(try client.sendWithinWindow(frame))
        if pausing { try await Task.sleep(for: .milliseconds(1)) }
        if isLast { break }
      }
      return stream
    }

    @Test func `every request vector cut in parts is answered as whole`() async throws {
      var random = SplitMix64(seed: 11)
      try await TestServer.run(configure: Self.lendAll) { server in
        let client = try server.connect()
        for vector in try RequestVector.load("valid") + RequestVector.load("invalid") {
          let request = RawRequest.decide(vector.bytes)
          let whole = try client.exchange(request)
          for round in 0..<6 where vector.bytes.count > 2 {
            let cuts = Set((0...round).map { _ in Int.random(in: 1..<vector.bytes.count, using: &random) }).sorted()
            let stream = try await Self.send(request, by: client, cutAt: cuts, pausing: round < 2)
            let parts = try client.response(on: stream)
            #expect(parts.status == whole.status, "\(vector) cut at \(cuts)")
            #expect(Self.untimed(parts) == Self.untimed(whole), "\(vector) cut at \(cuts)")
            #expect(parts["postern-error"] == whole["postern-error"], "\(vector) cut at \(cuts)")
            #expect(
              parts["postern-error-offset"] == whole["postern-error-offset"], "\(vector) cut at \(cuts)")
          }
        }
        #expect(try client.isUsable())
      }
    }

    @Test func `a long message is decided before its end has come, and counted once`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let logins = Self.logins(256)
        let request = RawRequest.decide(message(logins))
        let stream = client.takeStreamID()
        try client.send(request.headerFrames(on: stream, endStream: false))
        let frames = request.dataFrames(on: stream)
        #expect(frames.count > 3)
        for frame in frames.dropLast() { #expect(try client.sendWithinWindow(frame)) }
        #expect(try await server.eventually { server.decisionCount > 200 })
        #expect(server.decisionCount < 256)
        #expect(try client.sendWithinWindow(frames.last!))
        let decisions = try client.response(on: stream).reply().decisions
        #expect(decisions.map(\.correlationID) == logins.map(\.correlationID))
        #expect(server.decisionCount == 256)
        let alone = try logins.map { try client.decide([$0])[0] }
        #expect(decisions == alone)
      }
    }

    @Test func `a message that is wrong near its end is refused there, whatever was decided`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let whole = message(Self.logins(256))
        let start = message(Self.logins(250)).count
        // The reserved bytes of the 251st decision's fixed part.
        var wrong = whole
        wrong[start + 22] = 1
        let trailing = whole + [0]
        let cut = Array(whole.dropLast())
        for (body, code, offset) in [
          (wrong, ErrorCode.reservedNotZero, start + 22), (trailing, .trailingBytes, whole.count),
          (cut, .truncated, cut.count), (wrong + [0], .trailingBytes, whole.count),
        ] {
          let refusal = try client.exchange(.decide(body)).refusal()
          #expect(refusal.code == code && refusal.offset == offset, "\(refusal)")
        }
        #expect(try client.isUsable())
        #expect(server.refusalCount(.reservedNotZero) == 1)
      }
    }

    @Test func `tables that change while a message comes decide what comes after`() async throws {
      let tables = ["allow", "deny"].map {
        TestTables.source("post-login", ["rule", "verdict"], [["all", $0]])
      }
      try await TestServer.run(tables: TestTables.set([tables[0]]), configure: Self.lendAll) { server in
        let client = try server.connect()
        let logins = Self.logins(20)
        let request = RawRequest.decide(message(logins))
        let middle = message(Array(logins[..<10])).count
        let stream = client.takeStreamID()
        try client.send(request.headerFrames(on: stream, endStream: false))
        try client.send([Frame(.data, stream: stream, Array(request.body[..<middle]))])
        #expect(try await server.eventually { server.decisionCount == 10 })
        try TestTables.publish(TestTables.set([tables[1]]), to: server.store)
        try client.send([Frame(.data, flags: Frame.endStream, stream: stream, Array(request.body[middle...]))])
        let decisions = try client.response(on: stream).reply().decisions
        #expect(decisions.map(\.verdict) == Array(repeating: .allow, count: 10) + Array(repeating: .deny, count: 10))
        #expect(Set(decisions.map(\.tableVersion)).count == 2)
      }
    }

    /// The frames of one message on a stream: its head, then its body in parts.
    private static func reads(_ stream: UInt32, _ decisions: [TestDecision]) -> [[UInt8]] {
      let request = RawRequest.decide(message(decisions))
      return [request.headerFrames(on: stream, endStream: false).flatMap(\.bytes)]
        + request.dataFrames(on: stream, frameByteCount: 10_000).map(\.bytes)
    }

    @Test func `what a decision takes is measured of those that were decided`() throws {
      let clock = TickingClock()
      try SimulatedClock.$nanoseconds.withValue({ clock.tick() }) {
        let loop = try TestLoop()
        for index in 0..<100 {
          for read in Self.reads(UInt32(2 * index + 1), Self.logins(100)) { try loop.exchange(read) }
        }
        // A part has some twenty decisions, and takes a few looks at the clock, 1000 ns each.
        #expect(loop.decisionCount == 10_000)
        #expect(loop.decisionNanoseconds < 300)
      }
    }

    @Test func `a loop that is pressed decides nothing ahead, and admits what is left of a message`() throws {
      let millisecond: UInt64 = 1_000_000
      let loop = try TestLoop(latencyBoundMilliseconds: 40)
      let reads = Self.reads(1, Self.logins(200))
      #expect(reads.count > 4)
      try loop.exchange(reads[0])
      for read in reads[1..<3] { try loop.exchange(read, late: 15 * millisecond) }
      #expect(loop.decisionCount == 0)
      try loop.exchange(reads[3])
      #expect((80..<200).contains(loop.decisionCount))
      for read in reads[4...] { try loop.exchange(read, late: 15 * millisecond) }
      #expect(loop.decisionCount == 200)
      #expect(loop.requestCount == 1 && loop.shedCount == 0)
      // The same, and it is too late for what is left.
      let others = Self.reads(3, Self.logins(200))
      for read in others.dropLast() { try loop.exchange(read) }
      let before = loop.decisionCount
      #expect(before > 300)
      try loop.exchange(others.last!, late: 400 * millisecond)
      #expect(loop.decisionCount == before)
      #expect(loop.requestCount == 1 && loop.shedCount == 1)
    }

    /// What was decided of a message before the rest of it was refused has used its proofs up: a replay
    /// memory cannot tell who asks again from who overheard. What is sent again is not believed, then.
    @Test func `a message refused in the middle has used up the proofs that were verified`() throws {
      var settings = try TestProof.settings()
      settings.replayCapacity = 4096
      let loop = try TestLoop(latencyBoundMilliseconds: 40, edgeProof: settings)
      var logins = Self.logins(200)
      for index in logins.indices { logins[index].proof = try TestProof.parts() }
      let reads = Self.reads(1, logins)
      for read in reads.dropLast() { try loop.exchange(read) }
      let verified = loop.decisionCount
      #expect((50..<200).contains(verified))
      try loop.exchange(reads.last!, late: 400_000_000)
      #expect(loop.shedCount == 1 && loop.requestCount == 0)
      #expect(loop.proofs == ["g2o \(verified)"])
      for read in Self.reads(3, logins) { try loop.exchange(read) }
      #expect(loop.requestCount == 1)
      #expect(loop.proofs == ["g2o 200", "replayed \(verified)"])
    }

    @Test func `a message that is given up leaves nothing behind`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let request = RawRequest.decide(message(Self.logins(200)))
        for _ in 0..<20 {
          let stream = client.takeStreamID()
          try client.send(request.headerFrames(on: stream, endStream: false))
          for frame in request.dataFrames(on: stream).dropLast() {
            #expect(try client.sendWithinWindow(frame))
          }
          try client.send([.reset(stream)])
          #expect(try client.isUsable())
        }
        #expect(try await server.eventually { server.server.metrics().overload.heldByteCount == 0 })
      }
    }
  }
}
