import NIOCore

/// The handshakes of one loop that are unfinished, or refused and not closed yet, oldest first. Lives on its
/// event loop.
///
/// Who opens connections and never finishes must not keep out those who do: where it is full, the
/// oldest gives way, once it is older than an honest handshake takes.
public final class HandshakeQueue {
  /// LIMIT: an honest handshake over a good line is done within it; a herd of them, that all came at
  /// once, is not broken up by its own newcomers.
  static let grace = TimeAmount.milliseconds(250)

  private let countMax: Int
  private var gates: [UInt64: HandshakeGate] = [:]
  private var nextNumber: UInt64 = 0
  /// INVARIANT (oldest-first): the smallest number of a gate; the next one where there is none.
  private var oldestNumber: UInt64 = 0

  init(countMax: Int) { self.countMax = countMax }

  /// The gate's number for `leave`; `nil` where there is no room.
  func enter(_ gate: HandshakeGate) -> UInt64? {
    if gates.count >= countMax {
      guard let oldest = gates[oldestNumber],
        oldest.isRefused || .now() - oldest.started >= Self.grace
      else { return nil }
      oldest.crowdOut()
    }
    let number = nextNumber
    nextNumber += 1
    gates[number] = gate
    return number
  }

  /// O(1) over all: each number is stepped over once.
  func leave(_ number: UInt64) {
    gates[number] = nil
    while oldestNumber < nextNumber, gates[oldestNumber] == nil { oldestNumber += 1 }
  }
}
