import Wire

/// What one loop counts. Written by the loop, read by the admin port.
public final class LoopMetrics: Sendable {
  /// Upper bounds of the service-time histogram, in nanoseconds: 1-2-5 steps from 1 µs to 1 s.
  public static let serviceTimeBounds: [UInt64] = [
    1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000,
    5_000_000, 10_000_000, 100_000_000, 1_000_000_000,
  ]
  static let verdictCount = Verdict.allCases.count

  let triggerCount: Int
  let decisions: Counters
  let flags: Counters
  let refusals = Counters(count: 64)
  let requests = Counters(count: Door.allCases.count)
  let serviceTime: [Counters]
  let connections = Counters(count: 2)

  init(triggerCount: Int) {
    self.triggerCount = triggerCount
    decisions = Counters(count: triggerCount * Self.verdictCount * Self.verdictCount)
    flags = Counters(count: ReplyFlags.names.count)
    serviceTime = Door.allCases.map { _ in Counters(count: Self.serviceTimeBounds.count + 2) }
  }

  /// Where decisions of a trigger with these verdicts are counted.
  @inline(__always)
  static func decisionIndex(trigger: Int, _ verdict: Verdict, wouldBe: Verdict) -> Int {
    (trigger * verdictCount + Int(verdict.rawValue) - 1) * verdictCount + Int(wouldBe.rawValue) - 1
  }

  func countFlags(_ raised: ReplyFlags) {
    for (index, entry) in ReplyFlags.names.enumerated() where raised.contains(entry.flag) {
      flags.add(1, at: index)
    }
  }

  func countRefusal(_ code: ErrorCode) { refusals.add(1, at: Int(code.rawValue)) }

  /// Counts an answered request: from the arrival of its last bytes to its reply, in nanoseconds.
  func countRequest(_ door: Door, nanoseconds: UInt64) {
    requests.add(1, at: door.rawValue)
    let bounds = Self.serviceTimeBounds
    var bucket = 0
    while bucket < bounds.count, nanoseconds > bounds[bucket] { bucket += 1 }
    let counters = serviceTime[door.rawValue]
    counters.add(1, at: bucket)
    counters.add(nanoseconds, at: bounds.count + 1)
  }

  func connectionOpened() { connections.add(1, at: 0) }
  func connectionClosed() { connections.add(1, at: 1) }
}
