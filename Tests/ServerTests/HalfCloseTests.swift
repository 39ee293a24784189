import HTTP2
import Server
import TestSupport
import Testing

extension ServerTests {
  /// Clients that end their side of the connection as soon as they have sent what they had to.
  @Suite struct HalfCloseTests {
    private static func turnsEnded(_ server: TestServer) -> UInt64 {
      server.server.metrics().overload.turnsEnded
    }

    /// Requests with so much between them that few are read in a turn.
    private static func requests(of client: RawClient, _ count: Int) -> (streams: [UInt32], bytes: [UInt8]) {
      let useless = Array(repeatElement(Frame.unknown(type: 0x77, [1, 2, 3, 4]), count: 100).joined())
      let streams = (0..<count).map { _ in client.takeStreamID() }
      let check = RawRequest.check("post-login")
      return (streams, streams.flatMap { useless + check.frames(on: $0).flatMap(\.bytes) })
    }

    private static func rapidResets(_ client: RawClient) -> [Frame] {
      (0..<700).flatMap { _ in
        let stream = client.takeStreamID()
        return RawRequest.ping.frames(on: stream) + [.reset(stream)]
      }
    }

    @Test func `what waits for another turn is answered, then the connection ends`() async throws {
      try await TestServer.run(configure: { $0.running.turnMicroseconds = 1 }) { server in
        let other = try server.connect()
        let client = try server.connect()
        #expect(try client.isUsable() && other.isUsable())
        let (streams, bytes) = Self.requests(of: client, 20)
        try client.socket.sendLast(bytes)
        try client.readToEnd()
        for stream in streams {
          let response = try #require(client.responses[stream], "stream \(stream) is not answered")
          #expect(response.isComplete && [200, 401].contains(response.status))
        }
        #expect(client.goAway == nil)
        #expect(Self.turnsEnded(server) > 20)
        #expect(try await server.eventually { server.server.metrics().connectionsOpen == 1 })
      }
    }

    @Test func `who has nothing to wait for is gone at once`() async throws {
      try await TestServer.run { server in
        let silent = try RawSocket(server.address)
        silent.finishSending()
        #expect(try silent.receive().isEmpty)
        // Often enough that waiting for what looks at connections once a second would take longer.
        let started = ContinuousClock.now
        for _ in 0..<20 {
          let client = try server.connect()
          #expect(try client.isUsable())
          // A request that will never be whole.
          let request = RawRequest.decide([1, 2, 3])
          try client.send(request.headerFrames(on: client.takeStreamID(), endStream: false))
          client.socket.finishSending()
          try client.readToEnd()
        }
        #expect(ContinuousClock.now - started < .seconds(9))
        #expect(try await server.eventually { server.server.metrics().connectionsOpen == 0 })
      }
    }

    @Test func `an offence among what waits is told and counted`() async throws {
      try await TestServer.run(configure: { $0.running.turnMicroseconds = 1 }) { server in
        let other = try server.connect()
        for count: UInt64 in 1...5 {
          let client = try server.connect()
          #expect(try client.isUsable())
          try client.socket.sendLast(Self.rapidResets(client).flatMap(\.bytes))
          try client.readToEnd()
          #expect(client.goAway?.code == 11)
          #expect(server.offenceCount(.rapidReset) == count)
        }
        #expect(try other.isUsable())
      }
    }

    @Test func `under TLS as well`() async throws {
      try await TestTLS.run(configure: { $0.running.turnMicroseconds = 1 }) { server in
        try await TLSTunnel.run(to: server) { tunnel in
          let other = try RawClient(tunnel.address)
          let client = try RawClient(tunnel.address)
          #expect(try client.isUsable() && other.isUsable())
          let (streams, bytes) = Self.requests(of: client, 50)
          try client.socket.send(bytes)
          client.socket.finishSending()
          try client.readToEnd()
          #expect(streams.allSatisfy { client.responses[$0]?.isComplete == true })
        }
        #expect(Self.turnsEnded(server.server) > 50)
      }
    }
  }
}
