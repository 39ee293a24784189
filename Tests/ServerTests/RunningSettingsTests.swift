import Foundation
import Server
import TestSupport
import Testing

extension ServerTests {
  /// Settings that a server is told while it runs hold from then on, for connections that are there as well.
  @Suite struct RunningSettingsTests {
    private static func settings(_ change: (inout RunningSettings) -> Void) -> RunningSettings {
      var settings = RunningSettings()
      settings.latencyBoundMilliseconds = 0
      settings.drainSeconds = 1
      change(&settings)
      return settings
    }

    @Test func `a connection may be idle for as long as was told last`() async throws {
      try await TestServer.run(configure: { $0.idleSeconds = 600 }) { server in
        let client = try server.connect()
        #expect(try client.isUsable())
        try await Task.sleep(for: .milliseconds(2500))
        #expect(try client.isUsable())
        server.server.use(Self.settings { $0.idleSeconds = 1 })
        let started = Date()
        try client.readToEnd()
        #expect(client.goAway?.code == 0)
        #expect((0.9...8).contains(Date().timeIntervalSince(started)))
      }
    }

    @Test func `as many connections are let in as was told last`() async throws {
      try await TestServer.run(configure: { $0.connectionCountMax = 2 }) { server in
        let first = try server.connect()
        let second = try server.connect()
        #expect(throws: RawClient.Ended.self) { try server.connect() }
        server.server.use(Self.settings { $0.connectionCountMax = 3 })
        let third = try server.connect()
        server.server.use(Self.settings { $0.connectionCountMax = 1 })
        #expect(throws: RawClient.Ended.self) { try server.connect() }
        // Who is there already stays.
        for client in [first, second, third] { #expect(try client.isUsable()) }
      }
    }

    @Test func `a stop waits for as long as was told last`() async throws {
      try await TestServer.run(configure: { $0.drainSeconds = 60 }) { server in
        let client = try server.connect()
        let request = RawRequest("POST", "/v1/ping", body: [1, 2, 3])
        try client.send(request.headerFrames(on: 1, endStream: false))
        try client.send([.ping(1)])
        while try client.receiveFrame()?.kind != .ping {}
        server.server.use(Self.settings { $0.drainSeconds = 1 })
        let started = Date()
        await server.stop()
        #expect((0.9...20).contains(Date().timeIntervalSince(started)))
      }
    }
  }
}
