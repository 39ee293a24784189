import NIOCore
import NIOEmbedded
@testable import Server
import TestSupport
import Testing

extension ServerTests {
  /// Reading takes part in turns: what one connection sends keeps no other waiting.
  @Suite struct ReadingPaceTests {
    /// Frames that nobody has asked for, 13 bytes each.
    private static func useless(_ count: Int) -> [UInt8] {
      Array(repeatElement(Frame.unknown(type: 0x77, [1, 2, 3, 4]), count: count).joined())
    }

    private static func turnsEnded(_ server: TestServer) -> UInt64 {
      server.server.metrics().overload.turnsEnded
    }

    @Test func `bytes that bring no request are read in parts, where others are there`() async throws {
      try await TestServer.run(configure: { $0.running.turnMicroseconds = 1 }) { server in
        let client = try server.connect()
        try client.socket.send(Self.useless(2000))
        #expect(try client.exchange(.ping).status == 200)
        #expect(Self.turnsEnded(server) == 0)

        let other = try server.connect()
        #expect(try other.isUsable())
        try client.socket.send(Self.useless(2000))
        #expect(try client.exchange(.ping).status == 200)
        #expect(Self.turnsEnded(server) > 0)
      }
    }

    @Test func `without turns all is read at once`() async throws {
      try await TestServer.run(configure: { $0.running.turnMicroseconds = 0 }) { server in
        let client = try server.connect()
        let other = try server.connect()
        try client.socket.send(Self.useless(2000))
        #expect(try client.exchange(.ping).status == 200)
        #expect(Self.turnsEnded(server) == 0)
        #expect(try other.isUsable())
      }
    }

    /// A peer that has not ended its side: for an `EmbeddedChannel` there is none.
    private final class OpenPeer: ChannelOutboundHandler {
      typealias OutboundIn = ByteBuffer

      func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .output { promise?.succeed() } else { context.close(mode: mode, promise: promise) }
      }
    }

    /// Were what the peer still sends left unread, the kernel would throw away replies on their way.
    @Test func `a connection that ends while it waits for its turn is read on`() throws {
      let loop = try EmbeddedConnections(turnMicroseconds: 1)
      _ = try loop.connect()
      let channel = try loop.connect()
      try channel.pipeline.syncOperations.addHandler(OpenPeer(), position: .first)
      func reads() -> Bool? {
        channel.options.last { $0.option is ChannelOptions.Types.AutoReadOption }?.value as? Bool
      }
      try loop.send(Self.useless(20_000), to: channel)
      #expect(reads() == false)
      let handler = try channel.pipeline.syncOperations.handler(type: ConnectionHandler.self)
      handler.close(try channel.pipeline.syncOperations.context(handler: handler))
      loop.loop.advanceTime(by: .milliseconds(1))
      #expect(reads() == true)
      #expect(channel.isActive)
    }

    /// Checks with long headers.
    private static func checks(_ count: Int) -> [UInt8] {
      let headers = [HeaderField("x-a", String(repeating: "a", count: 3_000))]
      return (0..<count).flatMap {
        RawRequest.check("post-login", headers).frames(on: UInt32(2 * $0 + 1)).flatMap(\.bytes)
      }
    }

    private static func replyCount(_ channel: EmbeddedChannel) throws -> Int {
      var bytes = try EmbeddedConnections.take(from: channel).flatMap { Array($0.readableBytesView) }
      var count = 0
      while let frame = Frame.take(from: &bytes) { count += frame.kind == .headers ? 1 : 0 }
      return count
    }

    @Test func `long headers that wait are answered before more are read`() throws {
      let loop = try EmbeddedConnections(turnMicroseconds: 1_000_000)
      _ = try loop.connect()
      let channel = try loop.connect()
      try channel.writeInbound(ByteBuffer(bytes: Self.checks(80)))
      // 16 frames of 3 KiB, and not the 80 for which there was time.
      let unread = loop.connections.unreadByteCount
      #expect(unread > 180_000 && unread < 200_000)
      for _ in 0..<20 { loop.loop.advanceTime(by: .milliseconds(1)) }
      #expect(loop.connections.unreadByteCount == 0)
      #expect(try Self.replyCount(channel) == 80)
    }

    @Test func `what connections have not had read is bounded, and no request is lost`() throws {
      let loop = try EmbeddedConnections(turnMicroseconds: 1_000_000)
      let channels = try (0..<40).map { _ in try loop.connect() }
      for channel in channels { try channel.writeInbound(ByteBuffer(bytes: Self.checks(80))) }
      let unread = loop.connections.unreadByteCount
      #expect(unread > LoopConnections.unreadByteCountMax)
      #expect(unread < LoopConnections.unreadByteCountMax + 200_000)
      // Of those beyond, nothing is left to be read.
      #expect(try Self.replyCount(channels.last!) == 80)
      for _ in 0..<20 { loop.loop.advanceTime(by: .milliseconds(1)) }
      #expect(loop.connections.unreadByteCount == 0)
      for channel in channels.dropLast() { #expect(try Self.replyCount(channel) == 80) }
    }

    /// What each of some clients sends: requests with much between them. Each is answered, in order, once.
    private static func checkOrder(_ clients: [RawClient]) throws {
      var streams: [[UInt32]] = []
      for client in clients {
        streams.append((0..<50).map { _ in client.takeStreamID() })
        try client.socket.send(
          streams.last!.flatMap { stream in
            useless(100) + RawRequest.check("post-login").frames(on: stream).flatMap(\.bytes)
          })
      }
      for (client, ids) in zip(clients, streams) {
        for id in ids { #expect([200, 401].contains(try client.response(on: id).status)) }
        #expect(client.responses.count == ids.count)
        #expect(try client.exchange(.ping).status == 200)
      }
    }

    @Test func `what was put off is read in its order, and once`() async throws {
      try await TestServer.run(configure: { $0.running.turnMicroseconds = 1 }) { server in
        try Self.checkOrder((0..<3).map { _ in try server.connect() })
        #expect(server.decisionCount == 150)
        #expect(Self.turnsEnded(server) > 150)
      }
    }

    @Test func `what TLS gives in parts is read in its order as well`() async throws {
      try await TestTLS.run(configure: { $0.running.turnMicroseconds = 1 }) { server in
        try await TLSTunnel.run(to: server) { tunnel in
          try Self.checkOrder((0..<3).map { _ in try RawClient(tunnel.address) })
        }
        #expect(server.server.decisionCount == 150)
        #expect(Self.turnsEnded(server.server) > 150)
      }
    }

    @Test func `an offence in what was put off ends the connection with its reason`() async throws {
      try await TestServer.run(configure: { $0.running.turnMicroseconds = 1 }) { server in
        let other = try server.connect()
        let client = try server.connect()
        try client.send(
          (0..<2000).flatMap { _ in
            let stream = client.takeStreamID()
            return RawRequest.ping.frames(on: stream) + [.reset(stream)]
          })
        try client.readToEnd()
        #expect(client.goAway?.code == 11)
        #expect(Self.turnsEnded(server) > 0)
        #expect(try other.isUsable())
      }
    }

    @Test func `who leaves takes along what was put off`() async throws {
      try await TestServer.run(configure: { $0.running.turnMicroseconds = 1 }) { server in
        let other = try server.connect()
        // Were it still counted, these would be more than may be put off.
        for _ in 0..<100 {
          let client = try server.connect()
          try client.socket.send(Self.useless(5000))
          client.socket.abort()
        }
        #expect(try await server.eventually { server.server.metrics().connectionsOpen == 1 })
        let before = Self.turnsEnded(server)
        let client = try server.connect()
        try client.socket.send(Self.useless(2000))
        #expect(try client.exchange(.ping).status == 200)
        #expect(Self.turnsEnded(server) > before)
        #expect(try other.isUsable())
      }
    }
  }
}
