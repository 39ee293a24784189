import PosternClient
import Testing
import Wire

@Suite struct ClientFailureTests {
  private func client(
    _ endpoint: Endpoint, _ onFailure: Verdict = .deny,
    _ adjust: (inout PosternClient.Configuration) -> Void = { _ in }
  ) -> PosternClient {
    var configuration = PosternClient.Configuration(endpoint: endpoint, onFailure: onFailure)
    configuration.deadline = .seconds(10)
    configuration.backOffMin = .milliseconds(1)
    configuration.backOffMax = .milliseconds(2)
    adjust(&configuration)
    return PosternClient(configuration)
  }

  private let question = LoginRequest(trigger: "post-login")

  /// A port on which nothing listens.
  private func deadEndpoint() async throws -> Endpoint {
    let server = try await FakeServer()
    try await server.close()
    return server.endpoint
  }

  @Test(arguments: Verdict.allCases)
  func `without a server the verdict is the one named for it, at once`(verdict: Verdict)
    async throws
  {
    let postern = client(try await deadEndpoint(), verdict)
    // Refused, and not the deadline of 10 s: `failure` below tells the one from the other.
    let outcome = await postern.decide(question)
    #expect(outcome.verdict == verdict)
    #expect(outcome.isFallback)
    guard case .connectionFailed? = outcome.failure else {
      Issue.record("\(String(describing: outcome.failure))")
      return
    }
    await #expect(throws: PosternFailure.self) { try await postern.decideOrThrow(question) }
    await postern.close()
  }

  @Test func `in the wait after a failed attempt calls fail without another`() async throws {
    let endpoint = try await deadEndpoint()
    let postern = client(endpoint) {
      $0.backOffMin = .seconds(60)
      $0.backOffMax = .seconds(60)
    }
    #expect(await postern.decide(question).isFallback)
    let server = try await FakeServer(at: endpoint)
    #expect(await postern.decide(question).isFallback)
    #expect(server.connectionCount == 0)
    await postern.close()
    try await server.close()
  }

  @Test func `a server that comes back is found`() async throws {
    let endpoint = try await deadEndpoint()
    let postern = client(endpoint)
    #expect(await postern.decide(question).isFallback)
    let server = try await FakeServer(at: endpoint)
    try await Task.sleep(for: .milliseconds(20))
    #expect(await postern.decide(question).verdict == .mfa)
    await postern.close()
    try await server.close()
  }

  @Test func `a late answer is not waited for`() async throws {
    let server = try await FakeServer { _, message in
      String(decoding: message, as: UTF8.self).contains("slow")
        ? .late(.seconds(5), 200, FakeAnswer.reply(to: message, .allow)) : .decided(message)
    }
    let postern = client(server.endpoint)
    let clock = ContinuousClock()
    let start = clock.now
    let outcome = await postern.decide(.init(trigger: "slow"), deadline: .milliseconds(100))
    #expect(clock.now - start >= .milliseconds(95))
    #expect(outcome.failure == .deadlineExceeded)
    #expect(outcome.verdict == .deny)
    #expect(await postern.decide(question).verdict == .mfa)
    #expect(server.connectionCount == 1)
    #expect(await postern.decide(question, deadline: .zero).failure == .deadlineExceeded)
    #expect(await postern.decide(question, deadline: .seconds(-9)).failure == .deadlineExceeded)
    await postern.close()
    try await server.close()
  }

  @Test func `a server that hangs up mid-request costs that call only`() async throws {
    let server = try await FakeServer { number, message in
      number == 1 ? .hangUp : .decided(message)
    }
    let postern = client(server.endpoint)
    let outcome = await postern.decide(question)
    guard case .connectionLost? = outcome.failure else {
      Issue.record("\(String(describing: outcome.failure))")
      return
    }
    #expect(outcome.verdict == .deny)
    try await Task.sleep(for: .milliseconds(20))
    #expect(await postern.decide(question).verdict == .mfa)
    #expect(server.connectionCount == 2)
    await postern.close()
    try await server.close()
  }

  @Test func `after a GOAWAY new calls take a new connection and none fails`() async throws {
    let server = try await FakeServer { number, message in
      number % 10 == 0
        ? .goAwayThen(200, FakeAnswer.reply(to: message, .allow))
        : .decided(message, .allow)
    }
    let postern = client(server.endpoint)
    for round in 0..<20 {
      let outcomes = await withTaskGroup(of: DecisionOutcome.self) { group in
        for _ in 0..<5 { group.addTask { await postern.decide(question) } }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(outcomes.allSatisfy { $0.verdict == .allow }, "round \(round)")
    }
    #expect(server.connectionCount > 5)
    try await eventually { server.openConnectionCount <= 1 }
    await postern.close()
    try await server.close()
  }

  @Test func `a refusal names code, offset and text`() async throws {
    let server = try await FakeServer { number, _ in
      switch number {
      case 1: .response(404, FakeAnswer.refusal(.unknownTrigger, at: 48))
      case 2: .response(503, FakeAnswer.refusal(.overloaded, at: 0))
      case 3: .response(418, Array("short and stout".utf8))
      default: .response(400, FakeAnswer.refusal(.truncated, at: 9))
      }
    }
    let postern = client(server.endpoint)
    let refusal = await postern.decide(question).failure
    guard case .refused(.unknownTrigger, offset: 48, let text)? = refusal else {
      Issue.record("not refused")
      return
    }
    #expect(text == ErrorCode.unknownTrigger.explanation)
    #expect(await postern.decide(question).failure == .unavailable(retryAfterSeconds: 3))
    #expect(await postern.decide(question).failure == .unexpectedStatus(418))
    await #expect(
      throws: PosternFailure.refused(
        .truncated, offset: 9, text: ErrorCode.truncated.explanation)
    ) { try await postern.decideOrThrow(question) }
    #expect(server.connectionCount == 1)
    await postern.close()
    try await server.close()
  }

  @Test func `a reply that cannot be read, or answers another question, is a failure`()
    async throws
  {
    let server = try await FakeServer { number, message in
      switch number {
      case 1: .response(200, [1, 2, 3])
      case 2: .response(200, [UInt8](repeating: 0, count: (1 << 20) + 1))
      case 3: .response(200, FakeAnswer.reply(to: FakeAnswer.other, .allow))
      case 4: .response(200, [])
      default: .decided(message)
      }
    }
    let postern = client(server.endpoint)
    for number in 1...4 {
      guard case .invalidReply? = await postern.decide(question).failure else {
        Issue.record("reply \(number)")
        continue
      }
    }
    #expect(await postern.decide(question).verdict == .mfa)
    #expect(server.connectionCount == 1)
    await postern.close()
    try await server.close()
  }

  @Test func `bytes that are no HTTP/2 end the connection and the call`() async throws {
    let server = try await FakeServer { number, message in
      number == 1 ? .garbage : .decided(message)
    }
    let postern = client(server.endpoint)
    guard case .connectionLost? = await postern.decide(question).failure else {
      Issue.record("garbage was accepted")
      return
    }
    try await Task.sleep(for: .milliseconds(20))
    #expect(await postern.decide(question).verdict == .mfa)
    await postern.close()
    try await server.close()
  }

  @Test func `a cancelled task gets its fallback at once`() async throws {
    let server = try await FakeServer { _, _ in .nothing }
    let postern = client(server.endpoint)
    let task = Task { await postern.decide(question) }
    try await eventually { server.requestCount == 1 }
    task.cancel()
    let outcome = await task.value
    #expect(outcome.failure == .cancelled)
    #expect(outcome.verdict == .deny)
    let early = Task {
      while !Task.isCancelled { await Task.yield() }
      return await postern.decide(question)
    }
    early.cancel()
    #expect(await early.value.failure == .cancelled)
    await postern.close()
    try await server.close()
  }

  @Test func `a server that falls silent is left for another connection`() async throws {
    let silent = try await SilentServer()
    let postern = client(silent.endpoint) { $0.probeTimeout = .milliseconds(50) }
    #expect(await postern.decide(question, deadline: .milliseconds(50)).isFallback)
    try await eventually { silent.openConnectionCount == 0 }
    await postern.close()
    try await silent.close()
  }

  @Test func `more calls than may be pending fail at once`() async throws {
    let server = try await FakeServer { _, _ in .nothing }
    let postern = client(server.endpoint) { $0.pendingCallCountMax = 3 }
    let tasks = (0..<3).map { _ in Task { await postern.decide(question) } }
    try await eventually { server.requestCount == 3 }
    #expect(await postern.decide(question).failure == .tooManyCalls)
    for task in tasks { task.cancel() }
    for task in tasks { #expect(await task.value.failure == .cancelled) }
    await postern.close()
    try await server.close()
  }

  @Test func `a question that cannot be sent fails before anything is sent`() async throws {
    let postern = client(try await deadEndpoint(), .allow)
    for input in [
      LoginRequest(trigger: ""), LoginRequest(trigger: "post login"),
      LoginRequest(trigger: "t", tenant: String(repeating: "x", count: 65)),
      LoginRequest(trigger: "t", signals: ["": .boolean(true)]),
      LoginRequest(trigger: "t", signals: ["x": .number(.nan)]),
      LoginRequest(trigger: "t", signals: ["x": .list([String(repeating: "y", count: 65_536)])]),
      LoginRequest(trigger: "t", signals: ["x": .string(String(repeating: "y", count: 1 << 20))]),
    ] {
      guard case .invalidRequest? = await postern.decide(input).failure else {
        Issue.record("\(input.trigger) \(input.signals.keys)")
        continue
      }
    }
    let many = await postern.decide([LoginRequest](repeating: question, count: 1025))
    #expect(many.count == 1025)
    #expect(many.allSatisfy { $0.verdict == .allow && $0.isFallback })
    await postern.close()
  }
}
