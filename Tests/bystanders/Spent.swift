import Foundation
import TestSupport

/// Processor time that a server and its attackers have spent.
struct Spent {
  private let start = ContinuousClock.now
  private var own: UInt64 = 0
  private var servers: UInt64 = 0
  private var seconds = 0.0

  /// Nothing yet.
  init() {}

  init(_ server: ServerProcess) throws {
    own = CPUTime.now().own
    servers = try server.processorTime()
  }

  mutating func stop(_ server: ServerProcess) throws {
    own = CPUTime.now().own - own
    servers = try server.processorTime() - servers
    seconds = (ContinuousClock.now - start) / .seconds(1)
  }

  mutating func add(_ other: Spent) {
    own += other.own
    servers += other.servers
    seconds += other.seconds
  }

  func ratio(idle: Double) -> Double { servers(idle: idle) / Double(own) }

  /// The server's, in nanoseconds, without what it spends when nobody asks for anything.
  func servers(idle: Double) -> Double { max(0, Double(servers) - idle * seconds * 1e9) }
}
