import Foundation
import TestSupport

/// What an attack costs: its server's processor time against its own, the memory that it makes the server
/// hold while its connections are open, and how long the server lets it go on.
struct Cost {
  /// LIMIT: enough that what a server does of its own accord is little of it, and that is taken off.
  private static let strikeCount = 64

  /// LIMIT: so many handshakes come before their attacks that the last is made within the server's patience.
  private static let sealedCount = 4

  /// Seconds to the end, of the connection that was ended first, and of the last.
  var seconds: (first: Double, last: Double)
  /// The server's processor time to the attacker's.
  var processorRatio: Double
  /// The server's processor time to what it takes for the attack's twin, where it has one.
  var twinRatio: Double?
  /// Bytes that a connection has made the server hold at most.
  var byteCount: Int

  /// `idle` is the server's processor time when nobody asks for anything, as a part of all time.
  /// Handshakes of TLS are no part of it: their own limits bound them.
  init(of attack: Attack, on door: Door, of server: ServerProcess, idle: Double) throws {
    let (restByteCount, mappedByteCount) = (try server.residentByteCount(), try server.mappedByteCount())
    try server.forgetPeak()
    var spent = try Spent(server)
    let crowd = try Crowd(attack, on: door)
    if door.tls != nil {
      try server.settle()
      spent = try Spent(server)
    }
    try crowd.run(seconds: 10)
    if attack.isSlow { try spent.stop(server) }
    seconds = crowd.seconds
    // Pages of programs that are looked at for the first time are nobody's. Those that come after the most has
    // been held are taken off, too: too much, once in a server's life.
    let newlyMapped = max(0, try server.mappedByteCount() - mappedByteCount)
    byteCount = max(0, try server.peakByteCount() - restByteCount - newlyMapped) / crowd.count
    crowd.close()
    if !attack.isSlow {
      // One after the other, so that no attacker pays for looking at many connections.
      spent = Spent()
      let isSealed = door.tls != nil
      for _ in 0..<(isSealed ? Self.strikeCount / Self.sealedCount : 1) {
        let lines = isSealed ? try (0..<Self.sealedCount).map { _ in try door.connect() } : nil
        if isSealed { try server.settle() }
        var some = try Spent(server)
        for index in 0..<(lines?.count ?? Self.strikeCount) {
          seconds.last = max(seconds.last, try Strike(attack, on: door, over: lines?[index]).seconds)
        }
        if isSealed { try server.settle() }
        try some.stop(server)
        spent.add(some)
      }
    }
    processorRatio = spent.ratio(idle: idle)
    // Over TLS it would be the same, and an end of sending that is no cut takes more.
    if let bytes = attack.twin, door.tls == nil {
      var honest = try Spent(server)
      for _ in 0..<crowd.count {
        let line = try door.connect()
        try line.send(bytes)
        line.finishSending()
        while try !line.receive().isEmpty {}
        line.close()
      }
      try honest.stop(server)
      twinRatio = spent.servers(idle: idle) / honest.servers(idle: idle)
    }
  }

  /// Of the same attack: of each number the median, the worse of two.
  init(medianOf costs: [Cost]) {
    func median<T: Comparable>(_ value: (Cost) -> T) -> T { costs.map(value).sorted()[costs.count / 2] }
    seconds = (median(\.seconds.first), median(\.seconds.last))
    processorRatio = median(\.processorRatio)
    twinRatio = costs[0].twinRatio.map { _ in median { $0.twinRatio! } }
    byteCount = median(\.byteCount)
  }
}
