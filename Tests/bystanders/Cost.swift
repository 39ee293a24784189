import Foundation
import TestSupport

/// What an attack costs: its server's processor time against its own, the memory that it makes the server
/// hold while its connections are open, and how long the server lets it go on.
struct Cost {
  /// LIMIT: enough that what a server does of its own accord is little of it, and that is taken off.
  private static let strikeCount = 64

  /// Seconds to the end, of the connection that was ended first, and of the last.
  var seconds: (first: Double, last: Double)
  /// The server's processor time to the attacker's.
  var processorRatio: Double
  /// Bytes that a connection has made the server hold at most.
  var byteCount: Int

  /// `idle` is the server's processor time when nobody asks for anything, as a part of all time.
  init(of attack: Attack, on server: ServerProcess, idle: Double) throws {
    let address = server.address
    let restByteCount = try server.residentByteCount()
    try server.forgetPeak()
    var spent = try Spent(server)
    let crowd = try Crowd(attack, on: address)
    try crowd.run(seconds: 10)
    if attack.isSlow { try spent.stop(server) }
    seconds = crowd.seconds
    byteCount = max(0, try server.peakByteCount() - restByteCount) / attack.crowd
    crowd.close()
    if !attack.isSlow {
      // One after the other, so that no attacker pays for looking at many connections.
      spent = try Spent(server)
      for _ in 0..<Self.strikeCount {
        seconds.last = max(seconds.last, try Strike(attack, on: address).seconds)
      }
      try spent.stop(server)
    }
    processorRatio = spent.ratio(idle: idle)
  }

  private struct Spent {
    private let start = ContinuousClock.now
    private var own = CPUTime.now().own
    private var servers: UInt64
    private var seconds = 0.0

    init(_ server: ServerProcess) throws { servers = try server.processorTime() }

    mutating func stop(_ server: ServerProcess) throws {
      own = CPUTime.now().own - own
      servers = try server.processorTime() - servers
      seconds = (ContinuousClock.now - start) / .seconds(1)
    }

    func ratio(idle: Double) -> Double { max(0, Double(servers) - idle * seconds * 1e9) / Double(own) }
  }
}
