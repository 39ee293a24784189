import Foundation
import HTTP2
import Server
import TestSupport
import Testing
import Wire

extension ServerTests {
  @Suite struct OverloadTests {
    /// Requests that one read takes in, and that keep a loop busy for a while.
    private static let checks = (0..<250).map { _ in
      RawRequest.check("post-login", [HeaderField("postern-explain", "true")])
    }

    private static func frames(_ requests: [RawRequest], on client: RawClient) -> (
      frames: [Frame], streams: [UInt32]
    ) {
      let streams = requests.map { _ in client.takeStreamID() }
      return (zip(requests, streams).flatMap { $0.frames(on: $1) }, streams)
    }

    /// Answers of both kinds came, and the refusals say when to come back.
    private static func count(
      _ streams: [UInt32], _ client: RawClient
    ) throws -> (answered: Int, refused: Int) {
      var answered = 0
      for stream in streams {
        let response = try client.response(on: stream)
        if response.status == 503 {
          #expect(response["postern-error"] == "overloaded")
          #expect(response["retry-after"] == "1")
        } else {
          #expect([200, 401].contains(response.status))
          answered += 1
        }
      }
      return (answered, streams.count - answered)
    }

    private static func shed(_ reason: String, _ server: TestServer) -> UInt64 {
      server.server.metrics().overload.shed.first { $0.reason == reason }!.count
    }

    @Test func `what would be answered too late is refused, and what comes after the rush is not`()
      async throws
    {
      try await TestServer.run(configure: { $0.running.latencyBoundMilliseconds = 2 }) { server in
        let client = try server.connect()
        let (frames, streams) = Self.frames(Self.checks, on: client)
        try client.send(frames)
        let counts = try Self.count(streams, client)
        #expect(counts.answered > 0)
        #expect(counts.refused > 0)
        #expect(Self.shed("latency", server) == UInt64(counts.refused))
        #expect(server.refusalCount(.overloaded) == UInt64(counts.refused))
        #expect(try client.isUsable())
        // The gauge is set once a second.
        #expect(try await server.eventually {
          server.server.metrics().overload.decisionNanoseconds > 0
        })
      }
    }

    @Test func `a message is refused whole`() async throws {
      try await TestServer.run(
        tables: TestTables.slow(), configure: { $0.running.latencyBoundMilliseconds = 2 }
      ) { server in
        let client = try server.connect()
        let decisions = (0..<32).map {
          TestDecision(correlationID: $0, flags: .explain, userRisk: "status=0;score=92")
        }
        let requests = (0..<100).map { _ in RawRequest.decide(message(decisions)) }
        var (sent, refused) = (0, 0)
        // A rush that is read bit by bit, as it comes, is none.
        while refused == 0, sent < 2_000 {
          let (frames, streams) = Self.frames(requests, on: client)
          try client.send(frames)
          for stream in streams {
            let response = try client.response(on: stream)
            if response.status == 200 {
              #expect(try response.reply().decisions.count == 32)
            } else {
              refused += 1
              #expect(response.status == 503 && response["retry-after"] == "1")
              #expect(try response.refusal().code == .overloaded)
            }
          }
          sent += requests.count
        }
        #expect(refused > 0 && refused < sent)
        #expect(server.decisionCount == UInt64(32 * (sent - refused)))
      }
    }

    @Test func `one connection's requests do not keep another's waiting`() async throws {
      try await TestServer.run { server in
        let greedy = try server.connect()
        let other = try server.connect()
        let (frames, streams) = Self.frames(Self.checks, on: greedy)
        try greedy.send(frames)
        #expect(try other.exchange(RawRequest("GET", "/v1/ping")).status == 200)
        // Some are left, which would not be so had all of one read been answered in one go.
        #expect(server.decisionCount < 250)
        #expect(server.server.metrics().overload.turnsEnded > 0)
        #expect(try Self.count(streams, greedy).answered == 250)
        #expect(server.decisionCount == 250)
      }
    }

    @Test func `nor do the messages of one stream`() async throws {
      try await TestServer.run(configure: {
        $0.running.turnMicroseconds = 50
        // It is not for want of room that it waits.
        ($0.http2.streamQueuedByteCount, $0.http2.connectionQueuedByteCount) = (1 << 20, 1 << 20)
      }) { server in
        let greedy = try server.connect()
        let other = try server.connect()
        let batch = message(Array(repeating: TestDecision(), count: 8))
        let stream = greedy.takeStreamID()
        try greedy.send(RawRequest.stream(Array(repeating: batch, count: 400)).frames(on: stream))
        #expect(try other.exchange(RawRequest("GET", "/v1/ping")).status == 200)
        #expect(try greedy.response(on: stream).streamedMessages().count == 400)
        #expect(server.decisionCount == 3200)
        #expect(server.server.metrics().overload.turnsEnded > 0)
      }
    }

    @Test func `requests that waited for their turn are answered in their order, and once`() async throws
    {
      try await TestServer.run(configure: { $0.running.turnMicroseconds = 1 }) { server in
        let clients = try (0..<3).map { _ in try server.connect() }
        var streams: [[UInt32]] = []
        for client in clients {
          let (frames, ids) = Self.frames(Array(Self.checks.prefix(100)), on: client)
          streams.append(ids)
          try client.send(frames)
        }
        for (client, ids) in zip(clients, streams) {
          #expect(try Self.count(ids, client).answered == 100)
          #expect(client.responses.count == 100)
        }
        #expect(server.decisionCount == 300)
      }
    }

    @Test func `a server that stops answers what waits for its turn`() async throws {
      try await TestServer.run(configure: {
        $0.drainSeconds = 10
        $0.running.turnMicroseconds = 1
      }) { server in
        let client = try server.connect()
        let (frames, streams) = Self.frames(Self.checks, on: client)
        try client.send(frames)
        #expect(try await server.eventually { server.decisionCount > 0 })
        async let stopped: Void = server.stop()
        #expect(try Self.count(streams, client).answered == 250)
        try client.readToEnd()
        client.socket.close()
        await stopped
      }
    }

    @Test func `a client that vanishes while its requests wait leaves nothing behind`() async throws {
      try await TestServer.run(configure: { $0.running.turnMicroseconds = 1 }) { server in
        for _ in 0..<20 {
          let client = try server.connect()
          let (frames, _) = Self.frames(Self.checks, on: client)
          try client.send(frames)
          client.socket.abort()
        }
        #expect(try await server.eventually { server.server.metrics().connectionsOpen == 0 })
        #expect(try server.connect().isUsable())
      }
    }

    @Test func `a tenant that asks for more than its share is refused first`() async throws {
      let sources = ["big", "small"].flatMap { TestTables.many(16, tenant: $0) }
      try await TestServer.run(
        tables: TestTables.set(sources),
        configure: { $0.running.turnMicroseconds = 0 }
      ) { server in
        let client = try server.connect()
        func rush(_ bound: Int) throws -> (big: Int, small: Int, seconds: Double) {
          var settings = RunningSettings()
          settings.latencyBoundMilliseconds = bound
          settings.turnMicroseconds = 0
          server.server.use(settings)
          let tenants = (0..<250).map { $0 % 10 == 0 ? "small" : "big" }
          let requests = tenants.map {
            RawRequest.check(
              "post-login",
              [HeaderField("postern-tenant", $0), HeaderField("postern-explain", "true")])
          }
          let (frames, streams) = Self.frames(requests, on: client)
          let started = Date()
          try client.send(frames)
          var answered = ["big": 0, "small": 0]
          for (tenant, stream) in zip(tenants, streams)
          where try client.response(on: stream).status == 200 { answered[tenant]! += 1 }
          return (answered["big"]!, answered["small"]!, Date().timeIntervalSince(started))
        }
        let free = try rush(0)
        #expect(free.big == 225 && free.small == 25)
        // One read has a third of them or more: half the bound is less than it takes.
        let bound = max(1, Int(free.seconds * 1000 * 0.4))
        // A rush that is read bit by bit, as it comes, is none: what counts is all of them.
        var (big, small) = (0, 0)
        for _ in 0..<20 {
          let pressed = try rush(bound)
          (big, small) = (big + pressed.big, small + pressed.small)
        }
        #expect(Self.shed("tenant", server) > 0)
        #expect(Double(small) / 25 > Double(big) / 225)
      }
    }

    @Test func `what a budget has lost in the kernel counts`() async throws {
      try await TestServer.run(
        tables: TestTables.slow(), configure: { $0.running.turnMicroseconds = 0 }
      ) { server in
        let busy = try server.connect()
        let other = try server.connect()
        let patient = try server.connect()
        #expect(try busy.isUsable() && other.isUsable() && patient.isUsable())
        // One message that takes many milliseconds in any build.
        let heavy = (0..<512).map { _ in
          TestDecision(flags: .explain, userRisk: "status=0;score=92")
        }
        var microseconds = Double.infinity
        for _ in 0..<5 {
          let started = Date()
          let stream = try busy.send(.decide(message(heavy)))
          while busy.responses[stream] == nil { try busy.receive() }
          microseconds = min(microseconds, Date().timeIntervalSince(started) * 1e6)
          #expect(try busy.response(on: stream).status == 200)
        }
        let hasty = message([TestDecision(budgetMicroseconds: UInt32(microseconds / 4))])
        func isLate() throws -> Bool {
          let answer = try other.exchange(.decide(hasty)).reply().decisions[0]
          return answer.flags.contains(.late)
        }
        #expect(try await server.eventually { try !isLate() })
        // It comes while the loop is busy, or else once more.
        var wasLate = false
        for _ in 0..<50 where !wasLate {
          let stream = try busy.send(.decide(message(heavy)))
          try await Task.sleep(for: .microseconds(Int(microseconds / 8)))
          wasLate = try isLate()
          #expect(try busy.response(on: stream).status == 200)
        }
        #expect(wasLate)
      }
    }

    @Test func `a connection that holds as much as it may is refused more, until it lets go`()
      async throws
    {
      try await TestServer.run(configure: { $0.http2.heldByteCountMax = 200_000 }) { server in
        let client = try server.connect()
        let other = try server.connect()
        let part = [UInt8](repeating: 0, count: 16_000)
        let streams: [UInt32] = (0..<3).map { _ in client.takeStreamID() }
        for stream in streams {
          let request = RawRequest.decide(part)
          try client.send(request.headerFrames(on: stream, endStream: false))
          // Together a little more than may be held: the next byte is one too many.
          let count = stream == streams.last ? 3 : 5
          for _ in 0..<count { try client.send([Frame(.data, stream: stream, part)]) }
        }
        let refused = try client.exchange(.decide(message([TestDecision()])))
        #expect(refused.status == 503 && refused["retry-after"] == "1")
        #expect(try refused.refusal().code == .overloaded)
        #expect(try client.exchange(.check("post-login")).status == 503)
        #expect(try client.exchange(RawRequest("GET", "/v1/ping")).status == 200)
        #expect(Self.shed("memory", server) >= 2)
        #expect(try other.isUsable())
        try client.send(streams.map { Frame.reset($0) })
        #expect(try client.isUsable())
      }
    }

    @Test func `headers of requests that never end are answered, and not held`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let long = (0..<5).map { HeaderField("x-\($0)", String(repeating: "a", count: 3_000)) }
        let streams: [UInt32] = (0..<200).map { _ in client.takeStreamID() }
        for stream in streams {
          let request = RawRequest.check("post-login", long, method: "POST")
          try client.send(request.headerFrames(on: stream, endStream: false))
        }
        for stream in streams { #expect(try client.response(on: stream).status == 200) }
        #expect(server.server.metrics().overload.heldByteCount < 20_000)
        #expect(server.refusalCount(.overloaded) == 0)
        // Their bodies may still come.
        try client.send(streams[..<100].map { Frame(.data, flags: Frame.endStream, stream: $0, [1]) })
        #expect(try client.isUsable())
        try client.send(streams[100...].map { Frame.reset($0) })
        #expect(try client.isUsable())
        #expect(server.server.metrics().overload.heldByteCount == 0)
      }
    }

    @Test func `a body that does not fit is refused as soon as that is known`() async throws {
      try await TestServer.run(configure: { $0.http2.heldByteCountMax = 100_000 }) { server in
        let client = try server.connect()
        let part = [UInt8](repeating: 0, count: 16_000)
        let stream = client.takeStreamID()
        try client.send(RawRequest.decide(part).headerFrames(on: stream, endStream: false))
        for _ in 0..<9 { try client.send([Frame(.data, stream: stream, part)]) }
        let response = try client.response(on: stream)
        #expect(response.status == 503)
        #expect(try client.isUsable())
      }
    }

    @Test func `when a loop holds as much as it may, connections that hold little are still served`()
      async throws
    {
      try await TestServer.run(configure: { $0.heldByteCountMax = 150_000 }) { server in
        let large = try server.connect()
        let small = try server.connect()
        let part = [UInt8](repeating: 0, count: 16_000)
        let stream = large.takeStreamID()
        try large.send(RawRequest.decide(part).headerFrames(on: stream, endStream: false))
        for _ in 0..<12 { try large.send([Frame(.data, stream: stream, part)]) }
        #expect(try large.response(on: stream).status == 503)
        #expect(try small.isUsable())
        #expect(try large.isUsable())
      }
    }

    @Test func `many connections that hold little each hold no more than twice what all may`() async throws {
      try await TestServer.run(configure: { $0.heldByteCountMax = 150_000 }) { server in
        let small = try server.connect()
        let part = [UInt8](repeating: 0, count: 12_000)
        var statuses: [Int?] = []
        var others: [RawClient] = []
        for count in 1...10 {
          let other = try server.connect()
          others.append(other)
          let stream = other.takeStreamID()
          try other.send(RawRequest.decide(part).headerFrames(on: stream, endStream: false))
          for _ in 0..<5 { try other.send([Frame(.data, stream: stream, part)]) }
          // 60,000 bytes each: the fifth makes 300,000.
          statuses.append(count > 5 ? try other.response(on: stream).status : nil)
          #expect(try small.isUsable())
        }
        #expect(statuses == Array(repeating: nil, count: 5) + Array(repeating: 503, count: 5))
        #expect(server.server.metrics().overload.shed.contains { $0.reason == "memory" && $0.count >= 5 })
        // Those who hold nothing are served, and so is everybody once the others have left.
        #expect(try server.connect().isUsable())
        for other in others { other.socket.abort() }
        let late = try server.connect()
        let request = RawRequest.decide([UInt8](repeating: 0, count: 60_000))
        #expect(try await server.eventually { try late.exchange(request).status != 503 })
      }
    }
  }
}
