import BundleSources
import Bundles
import Foundation
import NIOHTTP1
import Rules
import Tables
import Testing

/// An HTTP address as a source, over real sockets.
@Suite(.serialized) struct BundleURLTests {
  @Test func `a bundle is fetched once, and again when its tag changes`() async throws {
    let one = try bundle("deny", serial: 1)
    let two = try bundle("review", serial: 2)
    let server = ScriptedServer { tagged(one, "\"one\"", $0) }
    try await with(server) { source async throws in
      let reloader = BundleReloader(policy: insecure, store: TableStore())
      let first = try #require(try await source.fetch())
      #expect(reloader.offer(first).isPublished)
      #expect(try await source.fetch() == nil, "304: nothing new")
      server.answer { tagged(two, "\"two\"", $0) }
      let second = try #require(try await source.fetch())
      #expect(reloader.offer(second).isPublished)
      #expect(reloader.served?.serial == 2)
      let tags = server.requests.map { $0.headers.first(name: "if-none-match") }
      #expect(tags == [nil, "\"one\"", "\"one\""])
      source.forgetEntityTag()
      #expect(try await source.fetch() != nil)
    }
  }

  @Test func `a server that fails changes nothing and is asked again`() async throws {
    let bytes = try bundle("deny", serial: 1)
    let server = ScriptedServer { _ in .init(status: .internalServerError, body: [1, 2, 3]) }
    try await with(server) { source async throws in
      #expect(await reason(source) == .unreachable)
      server.answer { _ in .init(status: .notFound) }
      #expect(await reason(source) == .unreachable)
      server.answer { _ in .init(body: bytes) }
      #expect(try await source.fetch()?.count == bytes.count)
    }
    #expect(await reason(BundleURL("http://127.0.0.1:1/none")) == .unreachable)
  }

  @Test func `a body that ends early is refused, and so is one cut short without a word`() async throws {
    let bytes = try bundle("deny", serial: 1)
    let half = Array(bytes.prefix(bytes.count / 2))
    let server = ScriptedServer { _ in .init(body: half, claimedByteCount: bytes.count) }
    try await with(server) { source async throws in
      #expect(await reason(source) == .unreachable)
      let reloader = BundleReloader(policy: insecure, store: TableStore())
      var bent = bytes
      bent[bytes.count / 2] ^= 1
      for (body, reason) in [(half, BundleError.Reason.truncated), (bent, .badDigest)] {
        // Twice: what was refused before is no better for it.
        for round in 0..<2 {
          server.answer { tagged(body, "\"one\"", $0) }
          let fetched = try #require(try await source.fetch(), "a damaged answer is asked for again")
          let outcome = reloader.offer(fetched)
          #expect(!source.judged(outcome), "it is asked for more rarely")
          if case .refused(let error) = outcome { #expect(error.reason == reason) }
          #expect(!outcome.isPublished && reloader.counts.refused[reason] == 1, "\(round)")
        }
      }
      server.answer { tagged(bytes, "\"one\"", $0) }
      let whole = reloader.offer(try #require(try await source.fetch(), "and is had when it is whole"))
      #expect(source.judged(whole) && whole.isPublished)
      #expect(try await source.fetch() == nil, "304: nothing new")
    }
  }

  @Test func `a bundle that came whole and is refused is not fetched again`() async throws {
    let old = try bundle("deny", serial: 1)
    let server = ScriptedServer { tagged(old, "\"old\"", $0) }
    try await with(server) { source async throws in
      let reloader = BundleReloader(policy: insecure, store: TableStore())
      #expect(reloader.offer(BundleBytes(try bundle("review", serial: 2))).isPublished)
      let outcome = reloader.offer(try #require(try await source.fetch()))
      #expect(source.judged(outcome), "the next release is not waited for longer")
      #expect(reloader.counts.refused[.olderSerial] == 1)
      #expect(try await source.fetch() == nil)
    }
  }

  @Test func `a bundle of a key or an environment that is not ours is fetched until it is sure to be whole`()
    async throws
  {
    let unsigned = try bundle("deny", serial: 2)
    let signed = try TableBundle(BundleBytes(unsigned), trust: insecure).signed(by: PrivateKey())
    var bent = signed
    bent[signed.count - 1] ^= 1
    let ours = PrivateKey()
    let expected: [([UInt8], BundleError.Reason, fetches: Int)] = [
      (unsigned, .unsigned, 1), (signed, .unknownKey, 2), (bent, .unknownKey, 2),
    ]
    for (bytes, reason, fetches) in expected {
      let server = ScriptedServer { tagged(bytes, "\"one\"", $0) }
      try await with(server) { source async throws in
        let reloader = BundleReloader(policy: BundlePolicy(trusting: [ours.publicKey]), store: TableStore())
        for _ in 0..<fetches {
          let outcome = reloader.offer(try #require(try await source.fetch(), "\(reason)"))
          source.judged(outcome)
          #expect(!outcome.isPublished && reloader.counts.refused[reason] == 1)
        }
        #expect(try await source.fetch() == nil, "\(reason): 304, nothing is sent")
        // The release that follows is another one.
        let good = try TableBundle(BundleBytes(unsigned), trust: insecure).signed(by: ours)
        server.answer { tagged(good, "\"two\"", $0) }
        let next = reloader.offer(try #require(try await source.fetch()))
        source.judged(next)
        #expect(next.isPublished)
      }
    }
  }

  @Test func `a signature that came damaged is had when it comes whole`() async throws {
    let key = PrivateKey()
    let good = try TableBundle(BundleBytes(try bundle("deny", serial: 1)), trust: insecure).signed(by: key)
    var bent = good
    bent[good.count - 1] ^= 1
    let server = ScriptedServer { [bent] in tagged(bent, "\"one\"", $0) }
    try await with(server) { source async throws in
      let reloader = BundleReloader(policy: BundlePolicy(trusting: [key.publicKey]), store: TableStore())
      source.judged(reloader.offer(try #require(try await source.fetch())))
      #expect(reloader.counts.refused[.badSignature] == 1)
      server.answer { tagged(good, "\"one\"", $0) }
      #expect(reloader.offer(try #require(try await source.fetch())).isPublished)
    }
  }

  @Test func `a body over the limit is refused, announced or not`() async throws {
    let body = [UInt8](repeating: 7, count: 5_000)
    let server = ScriptedServer { _ in .init(body: body) }
    try await with(server, byteCount: 4_999) { source async throws in
      #expect(await reason(source) == .tooLarge)
      server.answer { _ in .init(body: body, isChunked: true) }
      #expect(await reason(source) == .tooLarge)
    }
    try await with(server, byteCount: 5_000) { source async throws in
      #expect(try await source.fetch()?.count == 5_000)
    }
  }

  @Test func `a server that does not answer is given up`() async throws {
    let server = ScriptedServer { _ in .init(isSilent: true) }
    try await with(server, totalTimeout: .milliseconds(300)) { source async throws in
      let start = ContinuousClock.now
      #expect(await reason(source) == .unreachable)
      #expect(ContinuousClock.now - start < .seconds(10))
    }
  }

  @Test func `user info is proved to its origin alone, and neither it nor the query is shown`() async throws {
    let bytes = try bundle("deny", serial: 1)
    let server = ScriptedServer { _ in .init(body: bytes) }
    let other = ScriptedServer { _ in .init(body: bytes) }
    let plain = try await server.start()
    let secret = plain.replacingOccurrences(of: "://", with: "://us%3Aer:p%40ss@") + "?X-Amz-Signature=abc"
    var limits = BundleURL.Limits()
    limits.totalTimeout = .milliseconds(500)
    let source = BundleURL(secret, limits: limits)
    #expect(try await source.fetch()?.count == bytes.count)
    let head = try #require(server.requests.first)
    let expected = "Basic " + Data("us:er:p@ss".utf8).base64EncodedString()
    #expect(head.headers["authorization"] == [expected])
    #expect(head.uri == "/tables.bundle?X-Amz-Signature=abc")
    #expect(head.headers["host"].allSatisfy { !$0.contains("@") })

    let away = try await other.start()
    server.answer { _ in .init(status: .found, headers: [("location", away)]) }
    #expect(try await source.fetch()?.count == bytes.count)
    #expect(server.requests.last?.headers["authorization"] == [expected])
    #expect(other.requests.map { $0.headers["authorization"] } == [[]])

    let answers: [ScriptedServer.Answer] = [
      .init(status: .forbidden), .init(isSilent: true), .init(claimedByteCount: 1 << 40),
      .init(body: [1], claimedByteCount: 9),
    ]
    for answer in answers {
      server.answer { _ in answer }
      let error = await #expect(throws: BundleError.self) { try await source.fetch() }
      let message = try #require(error).description
      #expect(message.contains("`\(plain)`"), "\(message)")
      for part in ["us%3A", "us:er", "p%40ss", "p@ss", "X-Amz", "abc"] {
        #expect(!message.contains(part), "\(message)")
      }
    }
    try await server.stop()
    try await other.stop()
    let gone = await #expect(throws: BundleError.self) { try await source.fetch() }
    #expect(try !#require(gone).description.contains("ss@"))
  }

  private func reason(_ source: BundleURL) async -> BundleError.Reason? {
    do {
      _ = try await source.fetch()
      return nil
    } catch {
      return error.reason
    }
  }

  private func with(
    _ server: ScriptedServer, byteCount: Int = 1 << 20, totalTimeout: Duration = .seconds(20),
    _ body: (BundleURL) async throws -> Void
  ) async throws {
    var limits = BundleURL.Limits()
    limits.byteCount = byteCount
    limits.totalTimeout = totalTimeout
    let source = BundleURL(try await server.start(), limits: limits)
    try await body(source)
    try await server.stop()
  }
}

@Suite struct PollScheduleTests {
  @Test func `polls are about an interval apart, and rarer while nobody answers`() {
    var schedule = PollSchedule(interval: .seconds(10))
    func isAbout(_ seconds: Int) -> Bool {
      let delays = (0..<100).map { _ in schedule.delay() }
      let wanted = Duration.seconds(seconds)
      return Set(delays).count > 1
        && delays.allSatisfy { (wanted * 0.79...wanted * 1.21).contains($0) }
    }
    #expect(isAbout(10))
    schedule.failed()
    #expect(isAbout(20))
    for _ in 0..<50 { schedule.failed() }
    #expect(isAbout(300))
    schedule.succeeded()
    #expect(isAbout(10))
  }

  @Test(.timeLimit(.minutes(1)))
  func `a success in between ends the long pause that failures made`() async throws {
    let polls = Polls(interval: .milliseconds(50))
    for _ in 0..<20 { polls.failed() }
    let pause = Task { await polls.pause() }
    try await Task.sleep(for: .milliseconds(200))
    // Of five minutes.
    polls.succeeded()
    #expect(await pause.value)
    #expect(await polls.pause(), "and those after it are short")

    for _ in 0..<20 { polls.failed() }
    let stopped = Task { await polls.pause() }
    try await Task.sleep(for: .milliseconds(50))
    stopped.cancel()
    #expect(await !stopped.value)
  }
}

private var insecure: BundlePolicy {
  var policy = BundlePolicy()
  policy.allowsUnsigned = true
  return policy
}

@Sendable private func tagged(
  _ bytes: [UInt8], _ tag: String, _ head: HTTPRequestHead
) -> ScriptedServer.Answer {
  head.headers.first(name: "if-none-match") == tag
    ? .init(status: .notModified, headers: [("etag", tag)])
    : .init(headers: [("etag", tag)], body: bytes)
}

extension BundleReloader.Outcome {
  fileprivate var isPublished: Bool {
    if case .published = self { true } else { false }
  }
}

private func bundle(_ verdict: String, serial: UInt64) throws -> [UInt8] {
  let source = """
    ---
    trigger: post-login
    hitPolicy: FIRST
    mode: enforce
    ---
    ## Rules

    | akamaiUserRisk.score | verdict |
    |----------------------|---------|
    | -                    | \(verdict) |
    """
  let table = try #require(TableReader.read(source, file: "t").table)
  let set = TableSet([table])
  let digests = ["t": ContentDigest(of: Array(source.utf8))]
  let chains = try set.chains.map {
    BundleDraft.Chain(try ProvenChain($0, of: set, sources: digests))
  }
  return try BundleDraft(serial: serial, created: 1, chains: chains).encoded()
}
