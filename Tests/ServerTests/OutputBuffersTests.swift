import NIOCore
import NIOEmbedded
import TestSupport
import Testing

extension ServerTests {
  /// What replies lie in until the socket takes them.
  @Suite struct OutputBuffersTests {
    private static func frames(_ buffers: [ByteBuffer]) -> [Frame] {
      var bytes = buffers.flatMap { Array($0.readableBytesView) }
      var frames: [Frame] = []
      while let frame = Frame.take(from: &bytes) { frames.append(frame) }
      #expect(bytes.isEmpty)
      return frames
    }

    @Test func `replies that nobody takes have no more memory than they have bytes`() throws {
      let loop = try EmbeddedConnections()
      let channel = try loop.connect()
      // A large reply before, which leaves large buffers.
      let decisions = (0..<200).map { TestDecision(correlationID: UInt64($0)) }
      try loop.send(RawRequest.decide(message(decisions)).frames(on: 1).flatMap(\.bytes), to: channel)
      let large = try EmbeddedConnections.take(from: channel)
      #expect(large.contains { $0.readableBytes > 8 << 10 })
      for index in 0..<300 {
        try loop.send(RawRequest.ping.frames(on: UInt32(3 + 2 * index)).flatMap(\.bytes), to: channel)
      }
      let buffers = try EmbeddedConnections.take(from: channel)
      #expect(buffers.count >= 300)
      let byteCount = buffers.reduce(0) { $0 + $1.readableBytes }
      let memory = buffers.reduce(0) { $0 + $1.storageCapacity }
      #expect(memory < 3 * byteCount + 8 << 10, "\(memory) bytes for \(byteCount)")
      let bodies = Self.frames(buffers).filter { $0.kind == .data }.map(\.payload)
      #expect(bodies == Array(repeating: Array("pong\n".utf8), count: 300))
      _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test func `connections that take their replies late each get their own`() throws {
      let loop = try EmbeddedConnections()
      let channels = try (0..<3).map { _ in try loop.connect() }
      var random = SplitMix64(seed: 7)
      var sent: [[UInt64]] = [[], [], []]
      var taken: [[ByteBuffer]] = [[], [], []]
      for round in 0..<150 {
        let index = Int(random.next() % 3)
        sent[index].append(UInt64(round))
        try loop.send(Frame.ping(UInt64(round)).bytes, to: channels[index])
        if random.next() % 4 == 0 { taken[index] += try EmbeddedConnections.take(from: channels[index]) }
      }
      for (index, channel) in channels.enumerated() {
        taken[index] += try EmbeddedConnections.take(from: channel)
        let answers = Self.frames(taken[index]).filter { $0.kind == .ping }
        #expect(answers == sent[index].map { Frame.ping($0, flags: Frame.acknowledgement) })
        _ = try channel.finish(acceptAlreadyClosed: true)
      }
    }
  }
}
