import PosternClient
import Server
import Testing

extension ServerTests {
  /// The client library's shared stream against the real server.
  @Suite struct ClientStreamTests {
    private func client(_ server: TestServer) throws -> PosternClient {
      let endpoint = try Endpoint("http://\(server.server.addresses[0])")
      var configuration = PosternClient.Configuration(endpoint: endpoint, onFailure: .revoke)
      configuration.deadline = .seconds(20)
      configuration.usesStream = true
      return PosternClient(configuration)
    }

    /// Messages are counted a moment after their replies have left.
    private func hasCounted(_ count: UInt64, _ server: TestServer, _ door: String) async throws -> Bool {
      try await server.eventually {
        server.server.metrics().serviceTimes.first { $0.door == door }?.cumulative.last == count
      }
    }

    @Test func `calls share a stream and each has its own verdict`() async throws {
      try await TestServer.run { server in
        let postern = try client(server)
        #expect(await postern.decide(LoginRequest(trigger: "post-login")).verdict == .allow)
        await withTaskGroup(of: Void.self) { group in
          for index in 0..<1000 {
            group.addTask {
              let captured = CapturedHeaders.all[index % CapturedHeaders.all.count]
              var request = LoginRequest(trigger: "post-login", correlationID: UInt64(index))
              if let bot = captured.bot { request.headers.append(.akamaiBot, bot) }
              if let risk = captured.userRisk { request.headers.append(.akamaiUserRisk, risk) }
              let outcome = await postern.decide(request)
              #expect(outcome.verdict == captured.verdict)
              #expect(outcome.correlationID == UInt64(index))
            }
          }
        }
        #expect(try await hasCounted(1000, server, "stream"))
        #expect(try await hasCounted(1, server, "decide"))
        #expect(server.server.metrics().connectionsOpened == 1)
        // A refusal ends the stream, and the next call finds another.
        let refused = await postern.decide(LoginRequest(trigger: "nobody-knows-it"))
        guard case .refused(.unknownTrigger, _, _)? = refused.failure else {
          Issue.record("\(String(describing: refused.failure))")
          return
        }
        for _ in 0..<3 {
          #expect(await postern.decide(LoginRequest(trigger: "post-login")).verdict == .allow)
        }
        #expect(try await hasCounted(1002, server, "stream"))
        #expect(server.server.metrics().connectionsOpened == 1)
        await postern.close()
        #expect(try await server.eventually { server.server.metrics().connectionsOpen == 0 })
      }
    }

    @Test func `a server that stops answers what it has begun, and a client finds the next`()
      async throws
    {
      try await TestServer.run(configure: { $0.drainSeconds = 10 }) { server in
        let postern = try client(server)
        for _ in 0..<2 { _ = await postern.decide(LoginRequest(trigger: "post-login")) }
        async let stopped: Void = server.stop()
        let outcomes = await withTaskGroup(of: DecisionOutcome.self) { group in
          for _ in 0..<200 {
            group.addTask { await postern.decide(LoginRequest(trigger: "post-login")) }
          }
          return await group.reduce(into: []) { $0.append($1) }
        }
        await stopped
        // Answered, or told why not: none is left to wait for its deadline.
        for outcome in outcomes { #expect(outcome.failure != .deadlineExceeded) }
        #expect(outcomes.allSatisfy { $0.reply != nil || $0.failure != nil })
        await postern.close()
      }
    }
  }
}
