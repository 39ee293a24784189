import Foundation
import Logging
import PosternClient
import Server
import Synchronization
import TestSupport
import Testing
import TLS

/// A server whose door speaks TLS, its certificates, and clients of it.
struct TestTLS {
  let certificates: TestCertificates
  let server: TestServer
  let log: TestLog

  /// Runs `body` against a server that asks for client certificates, unless told otherwise.
  static func run(
    _ certificates: TestCertificates? = nil, tls change: (inout TLSSettings) -> Void = { _ in },
    configure: (inout ServerConfiguration) -> Void = { _ in }, _ body: (TestTLS) async throws -> Void
  ) async throws {
    let certificates = try certificates ?? TestCertificates()
    var settings = TLSSettings(
      certificate: certificates.certificate("server"), key: certificates.key("server"))
    settings.clientCA = certificates.ca
    change(&settings)
    let log = TestLog()
    try await TestServer.run(
      configure: {
        $0.tls = settings
        configure(&$0)
      }, logger: log.logger
    ) { try await body(TestTLS(certificates: certificates, server: $0, log: log)) }
  }

  var port: Int {
    guard case .tcp(_, let port) = server.server.addresses[0] else { return 0 }
    return port
  }

  /// A client with the certificate of that name, by the CA of `other` where it is given.
  func client(
    _ name: String? = "client", by other: TestCertificates? = nil,
    trusting root: TestCertificates? = nil, host: String = "127.0.0.1"
  ) -> PosternClient {
    var configuration = PosternClient.Configuration(
      endpoint: .tls(host: host, port: port), onFailure: .deny)
    configuration.deadline = .seconds(20)
    let owner = other ?? certificates
    configuration.tls = TLSFiles(
      ca: (root ?? certificates).ca, certificate: name.map(owner.certificate), key: name.map(owner.key))
    return PosternClient(configuration)
  }

  /// Asks once over a connection of its own.
  func ask(_ client: PosternClient) async throws -> DecisionReply {
    defer { Task { await client.close() } }
    return try await client.decideOrThrow(LoginRequest(trigger: "post-login"))
  }

  func expectAnswer(
    _ client: PosternClient, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let reply = try await ask(client)
    #expect(reply.verdict == .allow, sourceLocation: sourceLocation)
  }

  /// Why a client that asks gets no answer; empty where it gets one.
  func refusal(of client: PosternClient) async -> String {
    do {
      _ = try await ask(client)
      return ""
    } catch {
      return "\(error)"
    }
  }

  func count(_ reason: TLSRefusal) -> UInt64 {
    server.server.metrics().doors.refusals.first { $0.reason == reason.rawValue }?.count ?? 0
  }

  /// Refusals with this reason come to this number, and none has another.
  func expectRefused(
    _ reason: TLSRefusal, times count: UInt64 = 1, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let arrived = try await server.eventually { self.count(reason) >= count }
    #expect(arrived, sourceLocation: sourceLocation)
    for (name, counted) in server.server.metrics().doors.refusals {
      #expect(
        counted == (name == reason.rawValue ? count : 0), "\(name)", sourceLocation: sourceLocation)
    }
  }

  /// One line of the log has the text. It comes just after what is counted.
  func expectLoggedOnce(
    _ text: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let arrived = try await server.eventually { !self.log.complaints(text).isEmpty }
    #expect(arrived && log.complaints(text).count == 1, "\(log.lines)", sourceLocation: sourceLocation)
  }
}

/// What a server has logged.
final class TestLog: Sendable {
  struct Line: Sendable {
    var level: Logger.Level
    var text: String
  }

  private let kept = Mutex<[Line]>([])

  var lines: [Line] { kept.withLock { $0 } }
  var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

  /// The lines from warnings up that have the text.
  func complaints(_ text: String) -> [String] {
    lines.filter { $0.level >= .warning && $0.text.contains(text) }.map(\.text)
  }

  private struct Handler: LogHandler {
    let log: TestLog
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let (level, message) = (event.level, event.message)
      let all = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
      log.kept.withLock { $0.append(Line(level: level, text: "\(message) \(all)")) }
    }
  }
}

/// Raised once, by one task for others.
final class Flag: Sendable {
  private let value = Atomic(false)
  var isRaised: Bool { value.load(ordering: .acquiring) }
  func raise() { value.store(true, ordering: .releasing) }
}
