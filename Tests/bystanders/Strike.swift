import TestSupport

/// One attack over one connection, to the server's end of it.
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

  /// Over a line that is open already, where it is given.
  init(_ attack: Attack, on door: Door, over line: Line? = nil) throws {
    let start = ContinuousClock.now
    let line = try line ?? door.connect()
    // The end may come in the middle.
    try? line.send(attack.bytes)
    line.finishSending()
    var received: [[UInt8]] = []
    while case let bytes = try line.receive(), !bytes.isEmpty { received.append(bytes) }
    seconds = (ContinuousClock.now - start) / .seconds(1)
    var ending = Ending()
    for bytes in received { ending.read(bytes) }
    guard attack.end.allows(ending) else { throw WrongEnd(attack: attack, ending: ending) }
  }
}
