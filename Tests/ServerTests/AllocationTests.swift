import AllocationCounter
@testable import Server
import TestSupport
import Testing
import Wire

extension ServerTests {
  /// From the bytes of a read to the bytes of its write, without the socket: once memory has grown to
  /// what the load needs, nothing is allocated any more, libnghttp2's objects included.
  @Suite(.enabled(if: allocations_are_counted())) struct AllocationTests {
    private static let decisions = (0..<16).map { index in
      let captured = CapturedHeaders.all[index % CapturedHeaders.all.count]
      return TestDecision(
        correlationID: UInt64(index), bot: captured.bot, userRisk: captured.userRisk)
    }

    @Test func `a message that is decided in parts allocates nothing`() throws {
      let loop = try TestLoop()
      let decisions = (0..<8).flatMap { _ in Self.decisions }
      let head = RawRequest.decide(message(decisions))
      let frames = head.dataFrames(on: 1, frameByteCount: 10_000).map(\.payload)
      #expect(frames.count >= 3)
      // What comes on each stream differs in its number alone; made before anything is counted.
      let reads = (0..<200).map { index in
        let stream = UInt32(2 * index + 1)
        return [head.headerFrames(on: stream, endStream: false).flatMap(\.bytes)]
          + frames.enumerated().map { place, payload in
            Frame(
              .data, flags: place == frames.count - 1 ? Frame.endStream : 0, stream: stream, payload
            ).bytes
          }
      }
      func exchange(_ index: Int) throws {
        for place in 0..<reads[index].count { try loop.exchange(reads[index][place]) }
      }
      for index in 0..<100 { try exchange(index) }
      let before = allocation_count()
      let repliedBefore = loop.repliedByteCount
      for index in 100..<200 { try exchange(index) }
      #expect(allocation_count() - before == 0)
      #expect(loop.repliedByteCount - repliedBefore > 100 * 128 * 40)
      #expect(loop.requestCount == 200)
    }

    @Test func `messages on a stream are answered without allocating`() throws {
      let loop = try TestLoop()
      try loop.exchange(RawRequest.stream().headerFrames(on: 1, endStream: false).flatMap(\.bytes))
      var packed = ByteWriter()
      try packed.compress(message(Self.decisions).span, .request)
      let messages =
        message(Self.decisions) + message([Self.decisions[1]]) + bytes(of: packed.span)
      // A read ends within a message, and the next one goes on there.
      let halves = [Array(messages[..<700]), Array(messages[700...])]
      let reads = halves.map { Frame(.data, stream: 1, $0).bytes }
      // Not by `for read in reads`: without optimization an array's iterator allocates.
      for index in 0..<600 { try loop.exchange(reads[index & 1]) }
      let before = allocation_count()
      let repliedBefore = loop.repliedByteCount
      for index in 0..<600 { try loop.exchange(reads[index & 1]) }
      #expect(allocation_count() - before == 0)
      #expect(loop.repliedByteCount - repliedBefore > 300 * 1000)
      #expect(loop.requestCount == 1800)
    }
  }
}
