import TestSupport

/// One attack over one connection, from connect to the server's end of it.
struct Strike {
  /// A connection that the server did not end as it should.
  struct WrongEnd: Error, CustomStringConvertible {
    let attack: Attack
    let ending: Ending
    var description: String {
      "\(attack.name): it should end by \(attack.end), and came a GOAWAY "
        + "\(ending.goAwayCode.map { "of code \($0)" } ?? "of none"), a reset "
        + "\(ending.resetCode.map { "of code \($0)" } ?? "of none")"
    }
  }

  let seconds: Double
  /// Nanoseconds of the attacker's processor time.
  let cost: UInt64

  init(_ attack: Attack, on address: RawSocket.Address) throws {
    let start = ContinuousClock.now
    let costBefore = CPUTime.now().own
    let socket = try RawSocket(address)
    // The end may come in the middle.
    try? socket.send(attack.bytes)
    socket.finishSending()
    var received: [[UInt8]] = []
    while case let bytes = try socket.receive(), !bytes.isEmpty { received.append(bytes) }
    cost = CPUTime.now().own - costBefore
    seconds = (ContinuousClock.now - start) / .seconds(1)
    var ending = Ending()
    for bytes in received { ending.read(bytes) }
    guard attack.end.allows(ending) else { throw WrongEnd(attack: attack, ending: ending) }
  }
}
