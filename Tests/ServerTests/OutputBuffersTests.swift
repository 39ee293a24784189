import Logging
import NIOCore
import NIOEmbedded
@testable import Server
import TLS
import Tables
import TestSupport
import Testing
import Wire

extension ServerTests {
  /// What replies lie in until the socket takes them.
  @Suite struct OutputBuffersTests {
    /// Connections of one loop, whose peers take replies when the test does.
    private struct Loop {
      let loop = EmbeddedEventLoop()
      let connections: LoopConnections

      init() throws {
        let store = TableStore()
        try TestTables.publish(TestTables.served, to: store)
        let service = LoopService(
          ServiceSettings(
            triggers: TriggerRegistry(), onMissing: .review, trustedProxies: 0,
            compressedReplyByteCountMin: 0), store)
        connections = LoopConnections(
          service, on: loop, ServerConfiguration(), ConnectionLimit(100), TLSCounts(.quiet))
      }

      func connect() throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handler: ConnectionHandler(connections), loop: loop)
        channel.connect(to: try SocketAddress(ipAddress: "203.0.113.7", port: 4711), promise: nil)
        try send(Frame.preface + Frame.settings().bytes, to: channel)
        _ = try Self.take(from: channel)
        return channel
      }

      func send(_ bytes: [UInt8], to channel: EmbeddedChannel) throws {
        try channel.writeInbound(ByteBuffer(bytes: bytes))
        loop.run()
      }

      static func take(from channel: EmbeddedChannel) throws -> [ByteBuffer] {
        var taken: [ByteBuffer] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { taken.append(buffer) }
        return taken
      }
    }

    private static func frames(_ buffers: [ByteBuffer]) -> [Frame] {
      var bytes = buffers.flatMap { Array($0.readableBytesView) }
      var frames: [Frame] = []
      while let frame = Frame.take(from: &bytes) { frames.append(frame) }
      #expect(bytes.isEmpty)
      return frames
    }

    @Test func `replies that nobody takes have no more memory than they have bytes`() throws {
      let loop = try Loop()
      let channel = try loop.connect()
      // A large reply before, which leaves large buffers.
      let decisions = (0..<200).map { TestDecision(correlationID: UInt64($0)) }
      try loop.send(RawRequest.decide(message(decisions)).frames(on: 1).flatMap(\.bytes), to: channel)
      let large = try Loop.take(from: channel)
      #expect(large.contains { $0.readableBytes > 8 << 10 })
      for index in 0..<300 {
        try loop.send(RawRequest.ping.frames(on: UInt32(3 + 2 * index)).flatMap(\.bytes), to: channel)
      }
      let buffers = try Loop.take(from: channel)
      #expect(buffers.count >= 300)
      let byteCount = buffers.reduce(0) { $0 + $1.readableBytes }
      let memory = buffers.reduce(0) { $0 + $1.storageCapacity }
      #expect(memory < 3 * byteCount + 8 << 10, "\(memory) bytes for \(byteCount)")
      let bodies = Self.frames(buffers).filter { $0.kind == .data }.map(\.payload)
      #expect(bodies == Array(repeating: Array("pong\n".utf8), count: 300))
      _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test func `connections that take their replies late each get their own`() throws {
      let loop = try Loop()
      let channels = try (0..<3).map { _ in try loop.connect() }
      var random = SplitMix64(seed: 7)
      var sent: [[UInt64]] = [[], [], []]
      var taken: [[ByteBuffer]] = [[], [], []]
      for round in 0..<150 {
        let index = Int(random.next() % 3)
        sent[index].append(UInt64(round))
        try loop.send(Frame.ping(UInt64(round)).bytes, to: channels[index])
        if random.next() % 4 == 0 { taken[index] += try Loop.take(from: channels[index]) }
      }
      for (index, channel) in channels.enumerated() {
        taken[index] += try Loop.take(from: channel)
        let answers = Self.frames(taken[index]).filter { $0.kind == .ping }
        #expect(answers == sent[index].map { Frame.ping($0, flags: Frame.acknowledgement) })
        _ = try channel.finish(acceptAlreadyClosed: true)
      }
    }
  }
}
