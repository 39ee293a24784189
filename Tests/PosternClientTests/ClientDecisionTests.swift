import Foundation
import PosternClient
import Testing

@Suite struct ClientDecisionTests {
  private func client(_ server: FakeServer, _ onFailure: Verdict = .deny) -> PosternClient {
    var configuration = PosternClient.Configuration(
      endpoint: server.endpoint, onFailure: onFailure)
    configuration.deadline = .seconds(10)
    return PosternClient(configuration)
  }

  @Test func `a decision comes back with all that the server said`() async throws {
    let server = try await FakeServer()
    let postern = client(server)
    var input = LoginRequest(trigger: "post-login", correlationID: 77)
    input.headers.append(.akamaiUserRisk, "status=0;score=92")
    input.context.ip = "203.0.113.7"
    let outcome = await postern.decide(input)
    #expect(outcome.verdict == .mfa)
    #expect(!outcome.isFallback)
    #expect(outcome.failure == nil)
    #expect(outcome.correlationID == 77)
    #expect(outcome.reason == "post-login")
    #expect(outcome.claims == ["risk": "status=0;score=92", "ip": "203.0.113.7"])
    #expect(outcome.reply?.rule == 2)
    await postern.close()
    try await server.close()
  }

  @Test func `a batch is answered in order`() async throws {
    let server = try await FakeServer()
    let postern = client(server)
    let inputs = (0..<1024).map { LoginRequest(trigger: "t-\($0)") }
    let outcomes = await postern.decide(inputs)
    #expect(outcomes.map(\.reason) == inputs.map(\.trigger))
    #expect(server.requestCount == 1)
    #expect(await postern.decide([]).isEmpty)
    await postern.close()
    try await server.close()
  }

  @Test func `a compressed batch is answered as a plain one`() async throws {
    let server = try await FakeServer { _, message in
      message[2] & 1 == 1 ? .decided(message) : .response(400, [])
    }
    var configuration = PosternClient.Configuration(endpoint: server.endpoint, onFailure: .deny)
    configuration.deadline = .seconds(10)
    configuration.compressesRequests = true
    let postern = PosternClient(configuration)
    let outcomes = await postern.decide([LoginRequest](repeating: .init(trigger: "t"), count: 200))
    #expect(outcomes.allSatisfy { $0.verdict == .mfa })
    // Below the limit it is sent as it is.
    guard case .unexpectedStatus(400)? = await postern.decide(.init(trigger: "t")).failure else {
      Issue.record("a small message was compressed")
      return
    }
    await postern.close()
    try await server.close()
  }

  @Test func `calls of many tasks share one connection`() async throws {
    let server = try await FakeServer { number, message in
      .late(.milliseconds(number % 7), 200, FakeAnswer.reply(to: message, .allow))
    }
    let postern = client(server)
    let reasons = await withTaskGroup(of: (Int, String?).self) { group in
      for index in 0..<500 {
        group.addTask { (index, await postern.decide(.init(trigger: "t\(index)")).reason) }
      }
      return await group.reduce(into: [Int: String]()) { $0[$1.0] = $1.1 }
    }
    #expect(reasons.count == 500)
    #expect(reasons.allSatisfy { $0.value == "t\($0.key)" })
    #expect(server.connectionCount == 1)
    #expect(server.requestCount == 500)
    await postern.close()
    try await server.close()
  }

  @Test func `a unix socket serves as well`() async throws {
    let path = "/tmp/postern-client-\(UUID().uuidString.prefix(8)).sock"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let server = try await FakeServer(at: .unixSocket(path: path))
    let postern = PosternClient(.init(endpoint: try Endpoint("unix:\(path)"), onFailure: .deny))
    let outcome = await postern.decide(.init(trigger: "post-login"), deadline: .seconds(10))
    #expect(outcome.verdict == .mfa)
    await postern.close()
    try await server.close()
  }

  @Test func `closing lets calls under way finish and refuses later ones`() async throws {
    let server = try await FakeServer { _, message in
      .late(.milliseconds(150), 200, FakeAnswer.reply(to: message, .allow))
    }
    let postern = client(server)
    async let outcome = postern.decide(.init(trigger: "t"))
    try await eventually { server.requestCount == 1 }
    await postern.close()
    #expect(await outcome.verdict == .allow)
    #expect(await postern.decide(.init(trigger: "t")).failure == .closed)
    await postern.close()
    try await eventually { server.openConnectionCount == 0 }
    try await server.close()
  }

  @Test func `a client that is let go closes its connection`() async throws {
    let server = try await FakeServer()
    do {
      let postern = client(server)
      #expect(await postern.decide(.init(trigger: "t")).verdict == .mfa)
      #expect(server.openConnectionCount == 1)
    }
    try await eventually { server.openConnectionCount == 0 }
    try await server.close()
  }
}

/// Waits up to ten seconds for something that happens elsewhere.
func eventually(_ condition: () -> Bool) async throws {
  for _ in 0..<1000 where !condition() { try await Task.sleep(for: .milliseconds(10)) }
  #expect(condition())
}
