import Foundation
import HTTP2
import Server
import TestSupport
import Testing
import Wire

extension ServerTests {
  /// Slow and stuck clients, and the end of a server, seen from open streams.
  @Suite struct MessageStreamFlowTests {
    private static func one(_ id: UInt64, budget: UInt32 = 0) -> [UInt8] {
      message([
        TestDecision(
          correlationID: id, budgetMicroseconds: budget, userRisk: CapturedHeaders.highRisk)
      ])
    }

    /// A client whose windows for replies are shut until it opens them.
    private static func shutClient(_ server: TestServer) throws -> RawClient {
      let client = try server.connect(settings: [(id: 4, value: 0)])
      client.opensWindows = false
      return client
    }

    /// Waits until the server has read what was sent, and reads what it has sent before.
    private static func synchronize(_ client: RawClient) throws {
      try client.send([Frame(.ping, [UInt8](repeating: 7, count: 8))])
      while let frame = try client.receiveFrame() {
        if frame.kind == .ping, frame.flags & Frame.acknowledgement != 0 { return }
      }
      Issue.record("the connection ended")
    }

    private static func open(_ stream: MessageStream) throws {
      stream.client.opensWindows = true
      try stream.client.send([
        .windowUpdate(stream.id, 1 << 30), .windowUpdate(0, 1 << 30),
      ])
    }

    @Test func `a client that does not read its replies is not read from for ever`() async throws {
      try await TestServer.run(configure: {
        $0.http2.streamWindow = 64 << 10
        $0.http2.streamQueuedByteCount = 4096
      }) { server in
        let client = try Self.shutClient(server)
        let stream = try MessageStream(client)
        var sentByteCount = 0
        var count: UInt64 = 0
        while true {
          let next = Self.one(count)
          if client.window(of: stream.id) < next.count {
            try Self.synchronize(client)
            if client.window(of: stream.id) < next.count { break }
          }
          try stream.sendWithinWindow(next)
          sentByteCount += next.count
          count += 1
          #expect(sentByteCount < 1 << 20, "the server reads on")
          guard sentByteCount < 1 << 20 else { return }
        }
        // What was decided is what fits; what came behind it waits unread.
        let decided = server.decisionCount
        #expect(decided < count / 2)
        #expect(decided >= 4096 / 400)
        #expect(sentByteCount <= 2 * (64 << 10) + 32_768)
        // Others on the connection are served, and the stream goes on when its client reads.
        try Self.open(stream)
        #expect(try stream.messages(atLeast: Int(count)).compactMap(\.ids) == (0..<count).map { [$0] })
        try stream.sendWithinWindow(Self.one(count))
        try stream.end()
        #expect(try stream.rest().count == Int(count) + 1)
        try Self.synchronize(client)
      }
    }

    @Test(.enabled(if: givesMemoryBack))
    func `streams that nobody reads hold no more than their connection's budget`() async {
      // In a process of its own: what other tests have left in the heap would be measured too.
      await #expect(processExitsWith: .success) {
        try await TestServer.run(configure: { $0.streamStallSeconds = 60 }) { server in
          let other = try server.connect()
          let client = try Self.shutClient(server)
          let batch = message(
            (0..<200).map { TestDecision(correlationID: $0, flags: .explain, userRisk: "status=0;score=92") })
          let streams = try (0..<200).map { _ in try MessageStream(client) }
          let before = residentByteCount()
          var sentByteCount = 0
          for _ in 0..<20 {
            for stream in streams {
              guard min(client.window(of: stream.id), client.connectionWindow) >= batch.count else {
                continue
              }
              try stream.sendWithinWindow(batch)
              sentByteCount += batch.count
            }
            try Self.synchronize(client)
          }
          // 1 MiB of requests and 64 KiB of replies, each with the room it grows by; without limits
          // it would be 200 times as many replies as requests that are read.
          #expect(residentByteCount() - before < 16 << 20)
          #expect(sentByteCount < 24 << 20)
          #expect(client.connectionWindow < batch.count || sentByteCount > 1 << 20)
          #expect(try other.isUsable())
          client.socket.abort()
          #expect(try await server.eventually { server.server.metrics().connectionsOpen == 1 })
          #expect(try other.isUsable())
        }
      }
    }

    @Test func `a budget runs on while a message waits behind unread replies`() async throws {
      try await TestServer.run(configure: { $0.http2.streamQueuedByteCount = 1024 }) { server in
        let client = try Self.shutClient(server)
        let stream = try MessageStream(client)
        for id in 0..<20 { try stream.send(Self.one(UInt64(id))) }
        try stream.send(Self.one(100, budget: 100_000))
        try Self.synchronize(client)
        try await Task.sleep(for: .milliseconds(300))
        try stream.send(Self.one(101, budget: 60_000_000))
        try Self.synchronize(client)
        #expect(server.decisionCount < 20)
        try Self.open(stream)
        try stream.end()
        let decisions = try stream.rest().flatMap { message -> [DecisionReply] in
          if case .reply(let reply) = message { reply.decisions } else { [] }
        }
        #expect(decisions.count == 22)
        #expect(decisions.suffix(2).map { $0.flags.contains(.late) } == [true, false])
      }
    }

    @Test(arguments: ["/v1/stream", "/v1/decide"])
    func `all that a client sends is given back to its windows, padding too`(path: String) async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let text = Self.one(1)
        // A frame of 256 bytes of padding around each message: many windows' worth of both together.
        let padded = [255] + text + [UInt8](repeating: 0, count: 255)
        var request = RawRequest.stream()
        request.path = path
        var id = client.takeStreamID()
        try client.send(request.headerFrames(on: id, endStream: false))
        var byteCount = 0
        while byteCount < 5 << 20 {
          let isLast = path == "/v1/decide"
          let flags: UInt8 = 0x8 | (isLast ? Frame.endStream : 0)
          #expect(try client.sendWithinWindow(Frame(.data, flags: flags, stream: id, padded)))
          byteCount += padded.count
          guard isLast else { continue }
          #expect(try client.response(on: id).status == 200)
          id = client.takeStreamID()
          try client.send(request.headerFrames(on: id, endStream: false))
        }
        if path == "/v1/stream" {
          try client.send([Frame(.data, flags: Frame.endStream, stream: id)])
          let messages = try client.response(on: id).streamedMessages()
          #expect(messages.count == byteCount / padded.count)
        } else {
          try client.send([.reset(id)])
        }
        #expect(try client.isUsable())
        #expect(server.decisionCount == UInt64(byteCount / padded.count) + 1)
      }
    }

    @Test func `a stream stuck in a message is reset, one that rests is not`() async throws {
      try await TestServer.run(configure: { $0.streamStallSeconds = 1 }) { server in
        let client = try server.connect()
        let resting = try MessageStream(client)
        try resting.send(Self.one(1))
        let stuck = try MessageStream(client)
        try stuck.send(Array(Self.one(2).prefix(30)))
        #expect(try client.response(on: stuck.id).resetCode == 8)
        try await Task.sleep(for: .seconds(2))
        try resting.send(Self.one(3), ends: true)
        #expect(try resting.rest().map(\.ids) == [[1], [3]])
        #expect(try client.isUsable())
      }
    }

    @Test func `a stream whose message drips is reset, one whose message comes slowly is answered`() async throws {
      try await TestServer.run(configure: { $0.http2.bodySeconds = 2 }) { server in
        let client = try server.connect()
        let slow = try MessageStream(client)
        let dripping = try MessageStream(client)
        let bytes = Self.one(7)
        let started = Date()
        // 1.2 s for a whole message, and what comes every 60 ms of the other is not enough.
        let parts = (0..<60).lazy.prefix { _ in client.responses[dripping.id]?.resetCode == nil }
        try await TestServer.paced(parts, every: .milliseconds(60)) { part in
          let range = part * bytes.count / 20..<(part + 1) * bytes.count / 20
          if part < 20 { try slow.send(Array(bytes[range])) }
          try dripping.send([bytes[part]])
          try Self.synchronize(client)
        }
        #expect(client.responses[dripping.id]?.resetCode == 8)
        #expect((1.9...5).contains(Date().timeIntervalSince(started)))
        #expect(server.offenceCount(.slowBody) == 1)
        #expect(try slow.messages(atLeast: 1).map(\.ids) == [[7]])
        try slow.send(Self.one(8), ends: true)
        #expect(try slow.rest().map(\.ids) == [[7], [8]])
        #expect(try client.isUsable())
      }
    }

    @Test func `a stream whose replies nobody reads is reset`() async throws {
      try await TestServer.run(configure: { $0.streamStallSeconds = 1 }) { server in
        let client = try Self.shutClient(server)
        let stream = try MessageStream(client)
        try stream.send(Self.one(1))
        while client.responses[stream.id]?.resetCode == nil { try client.receive() }
        #expect(client.responses[stream.id]?.resetCode == 8)
        #expect(server.offenceCount(.stalledOutput) == 1)
        try Self.synchronize(client)
      }
    }

    @Test func `a stream that nobody reads does not keep another of its connection waiting`() async throws {
      try await TestServer.run { server in
        let client = try Self.shutClient(server)
        let unread = try MessageStream(client)
        for id in 0..<600 { try unread.sendWithinWindow(Self.one(UInt64(id))) }
        try Self.synchronize(client)
        let waited = server.decisionCount
        #expect(waited < 600)
        let read = try MessageStream(client)
        try Self.open(read)
        for id: UInt64 in 1000..<1100 {
          try read.sendWithinWindow(Self.one(id))
          #expect(try read.messages(atLeast: Int(id) - 999).last?.ids == [id])
        }
        #expect(server.decisionCount == waited + 100)
      }
    }

    @Test func `a stream that waits for another's replies to leave outlives that one`() async throws {
      try await TestServer.run(configure: {
        $0.streamStallSeconds = 1
        $0.http2.streamQueuedByteCount = 2048
        $0.http2.connectionQueuedByteCount = 2048
      }) { server in
        let client = try Self.shutClient(server)
        let unread = try MessageStream(client)
        for id in 0..<20 { try unread.send(Self.one(UInt64(id))) }
        try Self.synchronize(client)
        let waiting = try MessageStream(client)
        try Self.open(waiting)
        try waiting.send(Self.one(100))
        try Self.synchronize(client)
        #expect(try waiting.messages().isEmpty)
        #expect(server.decisionCount < 20)
        #expect(try waiting.messages(atLeast: 1).map(\.ids) == [[100]])
        #expect(client.responses[unread.id]?.resetCode == 8)
        try waiting.end()
        #expect(try waiting.rest().count == 1)
      }
    }

    @Test func `clients that vanish within a message leave nothing behind`() async throws {
      try await TestServer.run { server in
        let other = try server.connect()
        for index in 0..<300 {
          let client = try server.connect()
          let stream = try MessageStream(client)
          try stream.send(Self.one(1) + Array(Self.one(2).prefix(index % 90)))
          #expect(try stream.messages(atLeast: 1).count == 1)
          if index % 2 == 0 { client.socket.abort() } else { client.socket.close() }
        }
        #expect(try await server.eventually { server.server.metrics().connectionsOpen == 1 })
        #expect(server.decisionCount == 300)
        #expect(try other.isUsable())
      }
    }

    @Test func `a reset in a message leaves the other streams`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let other = try MessageStream(client)
        for _ in 0..<100 {
          let stream = try MessageStream(client)
          try stream.send(Self.one(1) + Array(Self.one(2).prefix(40)))
          try client.send([.reset(stream.id)])
        }
        try other.send(Self.one(5), ends: true)
        #expect(try other.rest().map(\.ids) == [[5]])
        #expect(try client.isUsable())
      }
    }

    @Test func `a stopping server finishes the message that has begun, and no more`() async throws {
      try await TestServer.run(configure: { $0.drainSeconds = 10 }) { server in
        let client = try server.connect()
        let resting = try MessageStream(client)
        try resting.send(Self.one(1))
        let begun = try MessageStream(client)
        let message = Self.one(3)
        try begun.send(Self.one(2) + Array(message[..<40]))
        #expect(try client.exchange(RawRequest("GET", "/v1/ping")).status == 200)
        async let stopped: Void = server.stop()
        while client.goAway == nil { try client.receive() }
        #expect(try resting.rest().map(\.ids) == [[1]])
        try begun.send(Array(message[40...]) + Self.one(4))
        #expect(try begun.rest().map(\.ids) == [[2], [3]])
        try client.readToEnd()
        await stopped
        #expect(server.decisionCount == 3)
      }
    }

    @Test func `replies that wait leave before a stopping server ends`() async throws {
      try await TestServer.run(configure: {
        $0.drainSeconds = 10
        $0.http2.streamQueuedByteCount = 2048
      }) { server in
        let client = try Self.shutClient(server)
        let stream = try MessageStream(client)
        for id in 0..<40 { try stream.send(Self.one(UInt64(id))) }
        try Self.synchronize(client)
        #expect(server.decisionCount < 40)
        async let stopped: Void = server.stop()
        while client.goAway == nil { try client.receive() }
        try Self.open(stream)
        #expect(try stream.rest().compactMap(\.ids) == (0..<40).map { [UInt64($0)] })
        try client.readToEnd()
        await stopped
      }
    }
  }
}
