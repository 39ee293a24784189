import EdgeProof
import HTTP2
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
  /// By door: one counter a bucket, one for what is above the last bound, one for the sum.
  let serviceTime: Counters
  static let serviceTimeStride = serviceTimeBounds.count + 2
  let connections = Counters(count: 2)
  let offences = Counters(count: HTTP2Offence.allCases.count)
  /// By mode, `off` left out, and outcome.
  let proofs = Counters(count: EdgeProofMode.allCases.count * EdgeProofOutcome.count)
  let lookAlikes = Counters(count: 1)
  let overload = Counters(count: OverloadEvent.count)
  /// What a decision takes, and the bytes held: as they were a moment ago.
  let load = Counters(count: 2)

  init(triggerCount: Int) {
    self.triggerCount = triggerCount
    decisions = Counters(count: triggerCount * Self.verdictCount * Self.verdictCount)
    flags = Counters(count: ReplyFlags.names.count)
    serviceTime = Counters(count: Door.allCases.count * Self.serviceTimeStride)
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

  /// Counts a request that was answered and not refused: from the arrival of its last bytes to its
  /// reply, in nanoseconds.
  func countRequest(_ door: Door, nanoseconds: UInt64) {
    requests.add(1, at: door.rawValue)
    let first = door.rawValue * Self.serviceTimeStride
    serviceTime.add(1, at: first + Self.bucket(of: nanoseconds))
    serviceTime.add(nanoseconds, at: first + Self.serviceTimeStride - 1)
  }

  /// The index of the first bound that is not below. Constants: an array would be counted.
  static func bucket(of nanoseconds: UInt64) -> Int {
    switch nanoseconds {
    case ...1_000: 0
    case ...2_000: 1
    case ...5_000: 2
    case ...10_000: 3
    case ...20_000: 4
    case ...50_000: 5
    case ...100_000: 6
    case ...200_000: 7
    case ...500_000: 8
    case ...1_000_000: 9
    case ...2_000_000: 10
    case ...5_000_000: 11
    case ...10_000_000: 12
    case ...100_000_000: 13
    case ...1_000_000_000: 14
    default: 15
    }
  }

  func countProof(_ provenance: Provenance) {
    proofs.add(1, at: Self.proofIndex(provenance.mode, provenance.outcome))
  }

  /// Where verifications with this outcome are counted.
  static func proofIndex(_ mode: EdgeProofMode, _ outcome: EdgeProofOutcome) -> Int {
    let row =
      switch mode {
      case .off: 0
      case .observe: 1
      case .require: 2
      }
    return row * EdgeProofOutcome.count + Int(outcome.rawValue)
  }

  /// A header whose name resembles one of the edge's, and is none.
  func countLookAlike() { lookAlikes.add(1, at: 0) }

  /// Connections ended for what their peers did, and requests ended for being slow.
  func countOffence(_ offence: HTTP2Offence, _ count: UInt64 = 1) {
    offences.add(count, at: Int(offence.rawValue))
  }

  func connectionOpened() { connections.add(1, at: 0) }
  func connectionClosed() { connections.add(1, at: 1) }
}
