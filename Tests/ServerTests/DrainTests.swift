import Foundation
import Server
import TestSupport
import Testing
import Wire

extension ServerTests {
  @Suite struct DrainTests {
    @Test func `a stopping server says so and closes idle connections at once`() async throws {
      try await TestServer.run(configure: { $0.drainSeconds = 10 }) { server in
        let client = try server.connect()
        #expect(try client.isUsable())
        let started = Date()
        async let stopped: Void = server.stop()
        try client.readToEnd()
        client.socket.close()
        await stopped
        #expect(Date().timeIntervalSince(started) < 1)
        #expect(client.goAway == RawClient.GoAway(lastStream: 1, code: 0))
        #expect(throws: RawSocket.Failure.self) { try RawSocket(server.address) }
      }
    }

    /// The notice of the end is no refusal: what was asked before it was heard is answered.
    @Test func `what crosses the notice of the end is answered`() async throws {
      try await TestServer.run(configure: { $0.drainSeconds = 10 }) { server in
        let client = try server.connect()
        client.answersPings = false
        #expect(try client.isUsable())
        async let stopped: Void = server.stop()
        while client.goAway == nil { try client.receiveFrame() }
        #expect(client.goAway == RawClient.GoAway(lastStream: 0x7FFF_FFFF, code: 0))
        for _ in 0..<3 { #expect(try client.exchange(RawRequest("GET", "/v1/ping")).status == 200) }
        try client.send([Frame(.ping, flags: Frame.acknowledgement, [UInt8](repeating: 0, count: 8))])
        try client.readToEnd()
        #expect(client.goAway == RawClient.GoAway(lastStream: 7, code: 0))
        await stopped
      }
    }

    @Test func `a peer that never answers the ping is told its last request all the same`() async throws
    {
      try await TestServer.run(configure: { $0.drainSeconds = 10 }) { server in
        let client = try server.connect()
        client.answersPings = false
        #expect(try client.isUsable())
        let started = Date()
        async let stopped: Void = server.stop()
        try client.readToEnd()
        #expect((0.9...4).contains(Date().timeIntervalSince(started)))
        #expect(client.goAway == RawClient.GoAway(lastStream: 1, code: 0))
        client.socket.close()
        await stopped
      }
    }

    /// A connection on which nothing was said yet may have its first request under way.
    @Test func `a first request that crosses the stop is answered`() async throws {
      try await TestServer.run(configure: { $0.drainSeconds = 10 }) { server in
        let socket = try RawSocket(server.address)
        #expect(try await server.eventually { server.server.metrics().connectionsOpen == 1 })
        async let stopped: Void = server.stop()
        let client = try RawClient(over: socket)
        #expect(try client.exchange(RawRequest("GET", "/v1/ping")).status == 200)
        try client.readToEnd()
        #expect(client.goAway == RawClient.GoAway(lastStream: 1, code: 0))
        await stopped
      }
    }

    /// A client that has connected sends its first requests as it comes to it, and may not send them any
    /// more once it has read that the end comes.
    @Test func `the notice of the end waits for the first word of a connection`() async throws {
      try await TestServer.run(configure: { $0.drainSeconds = 10 }) { server in
        let socket = try RawSocket(server.address)
        #expect(try await server.eventually { server.server.metrics().connectionsOpen == 1 })
        async let stopped: Void = server.stop()
        #expect(try await server.eventually { (try? RawSocket(server.address)) == nil })
        try await Task.sleep(for: .milliseconds(200))
        let activities = server.server.metrics().loops.flatMap(\.activities)
        let written = activities.filter { $0.activity == .writtenBytes }
        #expect(written.allSatisfy { $0.count == 0 } && !written.isEmpty)
        let client = try RawClient(over: socket)
        #expect(try client.exchange(RawRequest("GET", "/v1/ping")).status == 200)
        try client.readToEnd()
        #expect(client.goAway == RawClient.GoAway(lastStream: 1, code: 0))
        await stopped
      }
    }

    @Test func `a connection on which nothing is ever said is told the end a second later`() async throws {
      try await TestServer.run(configure: { $0.drainSeconds = 10 }) { server in
        let socket = try RawSocket(server.address)
        #expect(try await server.eventually { server.server.metrics().connectionsOpen == 1 })
        let started = Date()
        async let stopped: Void = server.stop()
        var received: [UInt8] = []
        while case let bytes = try socket.receive(), !bytes.isEmpty { received += bytes }
        #expect((0.9...4).contains(Date().timeIntervalSince(started)))
        // The last thing said: no stream was answered, and nothing is wrong.
        #expect(received.suffix(17) == [0, 0, 8, 7, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 8))
        socket.close()
        await stopped
      }
    }

    @Test func `requests in flight are finished and answered, later ones are not`() async throws {
      try await TestServer.run(configure: { $0.drainSeconds = 10 }) { server in
        let client = try server.connect()
        let request = RawRequest.decide(message([TestDecision(correlationID: 3)]))
        try client.send(request.headerFrames(on: 1, endStream: false))
        // Read by now, since what follows it is answered.
        _ = client.takeStreamID()
        #expect(try client.exchange(RawRequest("GET", "/v1/ping")).status == 200)
        async let stopped: Void = server.stop()
        while client.goAway?.lastStream != 3 { try client.receiveFrame() }
        #expect(throws: RawSocket.Failure.self) { try RawSocket(server.address) }
        // One more is ignored; the one in flight is answered.
        try client.send(request.frames(on: 9))
        try client.send(request.dataFrames(on: 1))
        #expect(try client.response(on: 1).reply().decisions.map(\.correlationID) == [3])
        try client.readToEnd()
        #expect(client.responses[9] == nil)
        await stopped
      }
    }

    /// A client with open windows that has asked for so many replies of 500 KB, and has read none.
    private static func clientOfLargeReplies(_ count: Int, of server: TestServer) throws -> RawClient {
      let client = try server.connect(settings: [(id: 4, value: 0x7FFF_FFFF)])
      try client.send([.windowUpdate(0, 0x7FFF_0000)])
      let decisions = (0..<1024).map {
        TestDecision(correlationID: UInt64($0), flags: .explain, userRisk: "status=0;score=92")
      }
      for _ in 0..<count { try client.send(.decide(message(decisions))) }
      return client
    }

    /// It says all the time that it is there. Closed after a second, the socket would answer that by a reset.
    @Test func `a client that reads late gets its replies all the same`() async throws {
      try await TestServer.run(configure: { $0.drainSeconds = 30 }) { server in
        let client = try Self.clientOfLargeReplies(4, of: server)
        #expect(try await server.eventually { server.decisionCount == 4096 })
        async let stopped: Void = server.stop()
        for _ in 0..<20 {
          try await Task.sleep(for: .milliseconds(200))
          try client.send([.windowUpdate(0, 1)])
        }
        for stream: UInt32 in [1, 3, 5, 7] {
          #expect(try client.response(on: stream).reply().decisions.count == 1024)
        }
        try client.readToEnd()
        await stopped
      }
    }

    @Test func `a large reply leaves before its connection is closed`() async throws {
      try await TestServer.run(configure: { $0.drainSeconds = 10 }) { server in
        // More together than sockets hold, and nobody reads yet.
        let client = try Self.clientOfLargeReplies(20, of: server)
        #expect(try await server.eventually { server.decisionCount >= 1024 })
        async let stopped: Void = server.stop()
        try await Task.sleep(for: .milliseconds(200))
        while client.goAway == nil || client.goAway?.lastStream == 0x7FFF_FFFF {
          try #require(try client.receiveFrame() != nil)
        }
        let last = try #require(client.goAway).lastStream
        #expect(last >= 1)
        for stream in stride(from: 1, through: last, by: 2) {
          #expect(try client.response(on: stream).reply().decisions.count == 1024)
        }
        try client.readToEnd()
        await stopped
      }
    }

    @Test func `a request that never ends is cut off when the time to drain is over`() async throws
    {
      try await TestServer.run(configure: { $0.drainSeconds = 1 }) { server in
        let client = try server.connect()
        let request = RawRequest.decide(message([TestDecision()]))
        try client.send(request.headerFrames(on: 1, endStream: false))
        // Read by now, since what follows it is answered.
        _ = client.takeStreamID()
        #expect(try client.exchange(RawRequest("GET", "/v1/ping")).status == 200)
        let started = Date()
        await server.stop()
        #expect((0.9...3).contains(Date().timeIntervalSince(started)))
        try client.readToEnd()
        #expect(client.goAway?.code == 0)
      }
    }
  }
}
