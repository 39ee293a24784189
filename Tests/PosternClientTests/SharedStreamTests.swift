import Foundation
import HTTP2
import PosternClient
import Testing
import Wire

/// Calls that share one stream.
@Suite struct SharedStreamTests {
  private func client(
    _ server: FakeServer, _ configure: (inout PosternClient.Configuration) -> Void = { _ in }
  ) -> PosternClient {
    var configuration = PosternClient.Configuration(endpoint: server.endpoint, onFailure: .deny)
    configuration.deadline = .seconds(10)
    configuration.usesStream = true
    configure(&configuration)
    return PosternClient(configuration)
  }

  /// A server that answers a client's first call, and by it opens the stream, before its script begins.
  private func scripted(
    settings: HTTP2Settings = HTTP2Settings(), _ script: @escaping FakeServer.Script
  ) async throws -> FakeServer {
    try await FakeServer(settings: settings) { number, message in
      String(decoding: message, as: UTF8.self).contains("warm-up")
        ? .decided(message) : script(number - 1, message)
    }
  }

  private func warmUp(_ postern: PosternClient) async {
    #expect(await postern.decide(.init(trigger: "warm-up"), deadline: .seconds(10)).verdict == .mfa)
  }

  /// Asks for all of `triggers` at once; the reasons, by trigger.
  private func ask(_ postern: PosternClient, _ triggers: [String]) async -> [String: DecisionOutcome] {
    await withTaskGroup(of: (String, DecisionOutcome).self) { group in
      for trigger in triggers {
        group.addTask { (trigger, await postern.decide(.init(trigger: trigger))) }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
  }

  @Test func `calls of many tasks share a stream, and each gets its own answer`() async throws {
    let server = try await scripted { number, message in
      // Answered in another order than asked.
      .late(.milliseconds(number % 7), 200, FakeAnswer.reply(to: message, .allow))
    }
    let postern = client(server)
    await warmUp(postern)
    let outcomes = await ask(postern, (0..<500).map { "t\($0)" })
    #expect(outcomes.count == 500)
    #expect(outcomes.allSatisfy { $0.value.reason == $0.key })
    #expect(server.requestCount == 501)
    #expect(server.streamCount == 1)
    #expect(server.connectionCount == 1)
    await postern.close()
    try await eventually { server.openConnectionCount == 0 }
    try await server.close()
  }

  @Test func `batches and compressed messages go over the stream as well`() async throws {
    let server = try await scripted { .decided($1) }
    let postern = client(server) { $0.compressesRequests = true }
    await warmUp(postern)
    let inputs = (0..<1024).map { LoginRequest(trigger: "t-\($0)") }
    let outcomes = await postern.decide(inputs)
    #expect(outcomes.map(\.reason) == inputs.map(\.trigger))
    #expect(server.streamCount == 1)
    await postern.close()
    try await server.close()
  }

  @Test func `calls with the same correlation id are not mixed up`() async throws {
    let server = try await scripted { number, message in
      // The later ones are answered first.
      .late(.milliseconds(100 - number * 20), 200, FakeAnswer.reply(to: message, .allow))
    }
    let postern = client(server)
    await warmUp(postern)
    await withTaskGroup(of: (String, String?).self) { group in
      for index in 0..<4 {
        group.addTask {
          let request = LoginRequest(trigger: "t\(index)", correlationID: 7)
          return (request.trigger, await postern.decide(request).reason)
        }
      }
      for await (trigger, reason) in group { #expect(reason == trigger) }
    }
    await postern.close()
    try await server.close()
  }

  @Test func `a refused message is its own call's failure, those behind it are asked again`()
    async throws
  {
    let server = try await scripted { _, message in
      let isBad = String(decoding: message, as: UTF8.self).contains("bad")
      return isBad ? .response(404, FakeAnswer.refusal(.unknownTrigger, at: 48)) : .decided(message)
    }
    let postern = client(server)
    await warmUp(postern)
    let outcomes = await ask(postern, (0..<60).map { $0 % 20 == 10 ? "bad\($0)" : "good\($0)" })
    #expect(outcomes.count == 60)
    for (trigger, outcome) in outcomes {
      if trigger.hasPrefix("bad") {
        guard case .refused(.unknownTrigger, offset: 48, _)? = outcome.failure else {
          Issue.record("\(trigger): \(String(describing: outcome.failure))")
          continue
        }
        #expect(outcome.verdict == .deny)
      } else {
        #expect(outcome.reason == trigger)
      }
    }
    #expect(await postern.decide(.init(trigger: "later")).reason == "later")
    #expect(server.connectionCount == 1)
    await postern.close()
    try await server.close()
  }

  @Test func `a call beyond its deadline fails, and its late reply is nobody else's`() async throws {
    let server = try await scripted { number, message in
      number == 1
        ? .late(.milliseconds(300), 200, FakeAnswer.reply(to: message, .allow)) : .decided(message)
    }
    let postern = client(server)
    await warmUp(postern)
    let late = await postern.decide(.init(trigger: "slow"), deadline: .milliseconds(50))
    #expect(late.failure == .deadlineExceeded)
    #expect(late.verdict == .deny)
    let next = await postern.decide(.init(trigger: "next"))
    #expect(next.reason == "next")
    try await Task.sleep(for: .milliseconds(400))
    #expect(await postern.decide(.init(trigger: "after")).reason == "after")
    #expect(server.streamCount == 1)
    await postern.close()
    try await server.close()
  }

  @Test func `a cancelled task gets an answer at once`() async throws {
    let server = try await scripted { _, _ in .nothing }
    let postern = client(server)
    await warmUp(postern)
    let task = Task { await postern.decide(.init(trigger: "t")) }
    try await eventually { server.requestCount == 2 }
    task.cancel()
    #expect(await task.value.failure == .cancelled)
    try await server.close()
  }

  @Test func `a server without streams is asked as ever`() async throws {
    let server = try await FakeServer(streams: false)
    let postern = client(server)
    await warmUp(postern)
    let outcomes = await ask(postern, (0..<50).map { "t\($0)" })
    #expect(outcomes.allSatisfy { $0.value.reason == $0.key })
    #expect(await postern.decide(.init(trigger: "later")).reason == "later")
    #expect(server.streamCount == 0)
    #expect(server.connectionCount == 1)
    await postern.close()
    try await server.close()
  }

  @Test func `a server that leaves has its last answers heard, later calls go to the next`()
    async throws
  {
    let server = try await scripted { number, message in
      number == 3 ? .goAwayThen(200, FakeAnswer.reply(to: message, .allow)) : .decided(message)
    }
    let postern = client(server)
    await warmUp(postern)
    for index in 0..<6 {
      #expect(await postern.decide(.init(trigger: "t\(index)")).reason == "t\(index)")
    }
    #expect(server.connectionCount == 2)
    #expect(server.streamCount == 2)
    await postern.close()
    try await server.close()
  }

  @Test func `calls under way when the connection is lost get their failure verdict`() async throws {
    let server = try await scripted { number, message in
      number == 5 ? .hangUp : number < 5 ? .nothing : .decided(message)
    }
    let postern = client(server)
    await warmUp(postern)
    let outcomes = await ask(postern, (0..<5).map { "t\($0)" })
    for outcome in outcomes.values {
      #expect(outcome.verdict == .deny)
      guard case .connectionLost? = outcome.failure else {
        Issue.record("\(String(describing: outcome.failure))")
        continue
      }
    }
    // It connects again.
    #expect(await postern.decide(.init(trigger: "again")).reason == "again")
    await postern.close()
    try await server.close()
  }

  @Test func `answers that nobody asked for end the stream, not the client`() async throws {
    let server = try await scripted { number, message in
      number == 1 ? .decided(FakeAnswer.other) : .decided(message)
    }
    let postern = client(server)
    await warmUp(postern)
    guard case .connectionLost? = await postern.decide(.init(trigger: "t")).failure else {
      Issue.record("no failure")
      return
    }
    #expect(await postern.decide(.init(trigger: "next")).reason == "next")
    #expect(server.connectionCount == 1)
    await postern.close()
    try await server.close()
  }

  @Test func `what cannot be read as a message ends the stream`() async throws {
    let server = try await scripted { number, message in
      number == 1 ? .response(200, [UInt8](repeating: 9, count: 40)) : .decided(message)
    }
    let postern = client(server)
    await warmUp(postern)
    guard case .connectionLost(let reason)? = await postern.decide(.init(trigger: "t")).failure else {
      Issue.record("no failure")
      return
    }
    #expect(reason.contains("unknownVersion"))
    #expect(await postern.decide(.init(trigger: "next")).reason == "next")
    await postern.close()
    try await server.close()
  }

  @Test func `closing lets calls on the stream finish and refuses later ones`() async throws {
    let server = try await scripted { _, message in
      .late(.milliseconds(150), 200, FakeAnswer.reply(to: message, .allow))
    }
    let postern = client(server)
    await warmUp(postern)
    async let outcome = postern.decide(.init(trigger: "t"))
    try await eventually { server.requestCount == 2 }
    await postern.close()
    #expect(await outcome.verdict == .allow)
    #expect(await postern.decide(.init(trigger: "t")).failure == .closed)
    try await eventually { server.openConnectionCount == 0 }
    try await server.close()
  }

  @Test func `a server that reads nothing makes calls fail, not memory grow`() async throws {
    var settings = HTTP2Settings()
    settings.streamWindow = 65_535
    // It holds the stream from the first message on.
    let server = try await scripted(settings: settings) { _, _ in .nothing }
    let postern = client(server) {
      $0.deadline = .milliseconds(200)
      $0.pendingCallCountMax = 64
    }
    await warmUp(postern)
    let outcomes = await ask(postern, (0..<400).map { "t\($0)" })
    let failures = outcomes.values.map(\.failure)
    #expect(failures.allSatisfy { $0 == .deadlineExceeded || $0 == .tooManyCalls })
    #expect(failures.contains(.deadlineExceeded))
    #expect(failures.contains(.tooManyCalls))
    try await server.close()
  }
}
