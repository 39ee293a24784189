import Foundation
import HTTP2
import Logging
import Rules
import Server
import Synchronization
import Tables
import TestSupport
import Testing
import Wire

/// A running server with real tables, on a port that the system chose.
final class TestServer: Sendable {
  let server: PosternServer
  let store: TableStore
  private let isStopped = Mutex(false)

  private init(server: PosternServer, store: TableStore) {
    self.server = server
    self.store = store
  }

  /// Runs `body` against a server of one loop that serves `ops/tables`, unless told otherwise.
  static func run(
    tables: TableSet = TestTables.served, configure: (inout ServerConfiguration) -> Void = { _ in },
    logger: Logger = .quiet, _ body: (TestServer) async throws -> Void
  ) async throws {
    var configuration = ServerConfiguration()
    configuration.listen = [.tcp(host: "127.0.0.1", port: 0)]
    configuration.loops = 1
    configuration.drainSeconds = 1
    // Decisions take fifty times as long here as in a release: tests of overload set their own bound.
    configuration.running.latencyBoundMilliseconds = 0
    configure(&configuration)
    let store = TableStore()
    try TestTables.publish(tables, to: store)
    let server = try await PosternServer.start(configuration, store: store, logger: logger)
    let running = TestServer(server: server, store: store)
    do {
      try await body(running)
    } catch {
      await running.stop()
      throw error
    }
    await running.stop()
  }

  /// Stops the server, unless that has been done.
  func stop() async {
    let wasStopped = isStopped.withLock { stopped in
      defer { stopped = true }
      return stopped
    }
    if !wasStopped { await server.stop() }
  }

  var address: RawSocket.Address {
    switch server.addresses[0] {
    case .tcp(_, let port): .tcp(port: port)
    case .unix(let path): .unix(path: path)
    }
  }

  func connect(settings: [(id: UInt16, value: UInt32)] = []) throws -> RawClient {
    try RawClient(address, settings: settings)
  }

  /// All decisions counted so far.
  var decisionCount: UInt64 { server.metrics().decisions.reduce(0) { $0 + $1.count } }

  func refusalCount(_ code: ErrorCode) -> UInt64 {
    server.metrics().refusals.first { $0.name == "\(code)" }?.count ?? 0
  }

  /// How often an offence has been counted.
  func offenceCount(_ offence: HTTP2Offence) -> UInt64 {
    server.metrics().offences.first { $0.name == offence.name }?.count ?? 0
  }

  /// Waits until a condition holds, a minute at most.
  func eventually(_ condition: () throws -> Bool) async throws -> Bool {
    for _ in 0..<6000 {
      if try condition() { return true }
      try await Task.sleep(for: .milliseconds(10))
    }
    return false
  }

  /// Does something with each element, each at its own time from now on: a delay of one delays no other.
  static func paced<Element>(
    _ elements: some Sequence<Element>, every interval: Duration, _ body: (Element) throws -> Void
  ) async throws {
    var time = ContinuousClock.now
    for element in elements {
      time += interval
      try await Task.sleep(until: time, clock: .continuous)
      try body(element)
    }
  }
}

extension Logger {
  static var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
