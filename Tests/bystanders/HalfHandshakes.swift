import TestSupport

/// Clients that begin a handshake of TLS with bytes which they have ready, and leave when it is answered: the
/// server has signed something for them then.
struct HalfHandshakes: Sendable {
  static let name = "half handshakes"
  /// LIMIT: in so many rounds of so many, behind each of which the server has time for what is left to do.
  private static let counts = (rounds: 8, each: 32)

  private let address: RawSocket.Address
  private let hello: [UInt8]

  init(on door: Door) throws {
    address = door.address
    hello = try Seal(door.tls ?? Door.makeContext()).takeSealed()
  }

  func strike() throws {
    let socket = try RawSocket(address)
    try socket.send(hello)
    guard try !socket.receive().isEmpty else { throw Seal.NoHandshake() }
    socket.close()
  }

  /// The server's processor time to the attacker's. Of those rounds' the median.
  func cost(to server: ServerProcess, idle: Double) throws -> Double {
    try (0..<Self.counts.rounds).map { _ in
      var spent = try Spent(server)
      for _ in 0..<Self.counts.each { try strike() }
      try server.settle()
      try spent.stop(server)
      return spent.ratio(idle: idle)
    }.sorted()[Self.counts.rounds / 2]
  }
}
