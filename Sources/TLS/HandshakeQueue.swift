import NIOCore

/// The handshakes of one loop that are unfinished, or refused and not closed yet, oldest first. Lives on its
/// event loop.
///
/// Who opens connections and never finishes must not keep out those who do. Where it is full, the oldest
/// gives way, once it is older than an honest handshake takes; and the oldest of a source that has more than
/// its share gives way to other sources' at once.
public final class HandshakeQueue {
  /// LIMIT: an honest handshake over a good line is done within it; a herd of them, that all came at
  /// once, is not broken up by its own newcomers.
  static let grace = TimeAmount.milliseconds(250)

  private let countMax: Int
  /// How many one source may have of them while others want in.
  private let share: Int
  private var gates: [UInt64: (gate: HandshakeGate, source: HandshakeSource)] = [:]
  private var counts: [HandshakeSource: Int] = [:]
  private var nextNumber: UInt64 = 0
  /// INVARIANT (oldest-first): the smallest number of a gate; the next one where there is none.
  private var oldestNumber: UInt64 = 0

  init(countMax: Int, sourcePercent: Int) {
    self.countMax = countMax
    share = max(1, countMax * sourcePercent / 100)
  }

  /// Handshakes that may still come to their end. O(those that have not).
  public var unfinishedCount: Int { gates.values.count { !$0.gate.isRefused } }

  /// The gate's number for `leave`; `nil` where there is no room. O(1) where there is.
  func enter(_ gate: HandshakeGate, from source: HandshakeSource) -> UInt64? {
    if gates.count >= countMax {
      guard let oldest = mostDispensable(for: source) else { return nil }
      oldest.crowdOut()
    }
    let number = nextNumber
    nextNumber += 1
    gates[number] = (gate, source)
    counts[source, default: 0] += 1
    return number
  }

  private func mostDispensable(for newcomer: HandshakeSource) -> HandshakeGate? {
    if let oldest = gates[oldestNumber]?.gate,
      oldest.isRefused || .now() - oldest.started >= Self.grace
    {
      return oldest
    }
    guard let greedy = counts.first(where: { $0.value > share })?.key, greedy != newcomer else { return nil }
    return (oldestNumber..<nextNumber).lazy.compactMap { self.gates[$0] }.first { $0.source == greedy }?.gate
  }

  /// O(1) over all: each number is stepped over once.
  func leave(_ number: UInt64) {
    guard let source = gates.removeValue(forKey: number)?.source else { return }
    let count = counts[source]! - 1
    counts[source] = count > 0 ? count : nil
    while oldestNumber < nextNumber, gates[oldestNumber] == nil { oldestNumber += 1 }
  }
}
