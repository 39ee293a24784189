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
        await server.stop()
        #expect(Date().timeIntervalSince(started) < 2)
        try client.readToEnd()
        #expect(client.goAway == RawClient.GoAway(lastStream: 1, code: 0))
        #expect(throws: RawSocket.Failure.self) { try RawSocket(server.address) }
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
        while client.goAway == nil { try client.receiveFrame() }
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

    @Test func `a large reply leaves before its connection is closed`() async throws {
      try await TestServer.run(configure: { $0.drainSeconds = 10 }) { server in
        let client = try server.connect(settings: [(id: 4, value: 0x7FFF_FFFF)])
        try client.send([.windowUpdate(0, 0x7FFF_0000)])
        let decisions = (0..<1024).map {
          TestDecision(correlationID: UInt64($0), flags: .explain, userRisk: "status=0;score=92")
        }
        // Replies of 500 KB each, more together than sockets hold, and nobody reads yet.
        for _ in 0..<20 { try client.send(.decide(message(decisions))) }
        #expect(try await server.eventually { server.decisionCount >= 1024 })
        async let stopped: Void = server.stop()
        try await Task.sleep(for: .milliseconds(200))
        while let frame = try client.receiveFrame(), frame.kind != .goAway {}
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
