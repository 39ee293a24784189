import Foundation
import Server
import TestSupport
import Testing
import Wire

extension ServerTests {
  @Suite struct ConnectionTests {
    @Test func `a connection on which nothing moves is told to go and closed`() async throws {
      try await TestServer.run(configure: { $0.idleSeconds = 1 }) { server in
        let idle = try server.connect()
        let silent = try RawSocket(server.address)
        let started = Date()
        try idle.readToEnd()
        #expect(idle.goAway?.code == 0)
        #expect(try silent.receive().isEmpty)
        #expect(Date().timeIntervalSince(started) >= 1)
        #expect(try await server.eventually { server.server.metrics().connectionsOpen == 0 })
      }
    }

    /// Half a request does not keep a connection for ever.
    @Test func `an idle connection with a request half sent is closed as well`() async throws {
      try await TestServer.run(configure: { $0.idleSeconds = 1 }) { server in
        let client = try server.connect()
        let request = RawRequest.decide(message([TestDecision()]))
        try client.send(request.headerFrames(on: 1, endStream: false))
        try client.readToEnd()
        #expect(client.goAway?.code == 0)
      }
    }

    @Test(arguments: [
      "GET /v1/ping HTTP/1.1\r\nhost: x\r\n\r\n", "POST /v1/decide HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\n\n",
    ])
    func `a client that speaks HTTP/1 is told in HTTP/1 what to speak`(request: String) async throws {
      try await TestServer.run { server in
        let socket = try RawSocket(server.address)
        try socket.send(Array(request.utf8))
        var answer: [UInt8] = []
        while true {
          let bytes = try socket.receive()
          if bytes.isEmpty { break }
          answer += bytes
        }
        let text = String(decoding: answer, as: UTF8.self)
        let parts = text.components(separatedBy: "\r\n\r\n")
        #expect(text.hasPrefix("HTTP/1.1 505 "))
        #expect(parts.count == 2 && parts[1].contains("--http2-prior-knowledge"))
        #expect(text.contains("content-length: \(parts[1].utf8.count)\r\n"))
        #expect(try server.connect().isUsable())
      }
    }

    @Test func `a connection in use is not idle`() async throws {
      try await TestServer.run(configure: { $0.idleSeconds = 1 }) { server in
        let client = try server.connect()
        for _ in 0..<10 {
          try await Task.sleep(for: .milliseconds(300))
          #expect(try client.isUsable())
        }
      }
    }

    @Test func `connections beyond the limit are closed at once, until one leaves`() async throws {
      try await TestServer.run(configure: { $0.connectionCountMax = 3 }) { server in
        let clients = try (0..<3).map { _ in try server.connect() }
        for _ in 0..<5 {
          let refused = try RawSocket(server.address)
          #expect(try refused.receive().isEmpty)
        }
        #expect(server.server.metrics().connectionsOpen == 3)
        let refusals = server.server.metrics().doors.refusals
        #expect(refusals.first { $0.reason == "connection-limit" }?.count == 5)
        for client in clients { #expect(try client.isUsable()) }
        clients[0].socket.close()
        #expect(try await server.eventually { server.server.metrics().connectionsOpen == 2 })
        #expect(try server.connect().isUsable())
      }
    }

    @Test func `two loops serve one port, and their counts add up`() async throws {
      try await TestServer.run(configure: { $0.loops = 2 }) { server in
        let clients = try (0..<12).map { _ in try server.connect() }
        for client in clients {
          for captured in CapturedHeaders.all {
            _ = try client.decide([TestDecision(bot: captured.bot, userRisk: captured.userRisk)])
          }
          _ = try client.exchange(.check("post-challenge"))
          _ = try client.exchange(.check("nothing"))
          _ = try client.exchange(RawRequest("GET", "/v1/ping"))
        }
        // Counted a moment after the reply has left.
        _ = try await server.eventually {
          server.server.metrics().serviceTimes.first { $0.door == "ping" }?.cumulative.last == 12
        }
        let metrics = server.server.metrics()
        for verdict in [Verdict.allow, .mfa, .review, .deny] {
          let count = CapturedHeaders.all.filter { $0.verdict == verdict }.count
          let counted = metrics.decisions.filter {
            $0.trigger == "post-login" && $0.verdict == verdict
          }
          #expect(counted.map(\.count).reduce(0, +) == UInt64(12 * count), "\(verdict)")
        }
        let missing = metrics.decisions.filter { $0.trigger == "post-challenge" }
        #expect(missing.map(\.count) == [12])
        #expect(metrics.flags.first { $0.name == "missing" }?.count == 12)
        #expect(server.refusalCount(.unknownTrigger) == 12)
        let times = Dictionary(
          uniqueKeysWithValues: metrics.serviceTimes.map { ($0.door, $0.cumulative.last) })
        #expect(times["decide"] == UInt64(12 * CapturedHeaders.all.count))
        #expect(times["check"] == 12)
        #expect(times["ping"] == 12)
        #expect(metrics.serviceTimes.allSatisfy { $0.nanoseconds > 0 || $0.door == "stream" })
        #expect(metrics.connectionsOpened == 12)
        #expect(metrics.connectionsOpen == 12)
      }
    }

    @Test func `two loops share the connections of one port`() async throws {
      try await TestServer.run(configure: { $0.loops = 2 }) { server in
        // By chance all go to one of them once in 2^63 runs.
        for client in try (0..<64).map({ _ in try server.connect() }) {
          _ = try client.exchange(RawRequest("GET", "/v1/ping"))
        }
        let metrics = server.server.metrics()
        #expect(metrics.loops.count == 2)
        #expect(
          metrics.loops.allSatisfy { $0.activities.contains { $0.activity == .requests && $0.count > 0 } })
      }
    }
  }
}
