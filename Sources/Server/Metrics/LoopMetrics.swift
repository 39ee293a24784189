import EdgeProof
import HTTP2
import Wire

/// What one loop counts. Written by the loop, read by the admin port.
public final class LoopMetrics: Sendable {
  /// Upper bounds of the service-time histogram as it is exported, in nanoseconds: two an octave, from
  /// half a microsecond to a second and a half. Each is the bound of one of its finer buckets too.
  public static let serviceTimeBounds: [UInt64] = (9...30).flatMap { [1 << $0, 3 << ($0 - 1)] }
  /// A number at compile time: a stored one would be asked for by a call for each decision.
  static var verdictCount: Int { Int(Verdict.revoke.rawValue) }

  let triggerCount: Int
  let decisions: Counters
  let flags: Counters
  let refusals = Counters(count: 64)
  /// By door: one counter a bucket, and one for the sum.
  let serviceTime = Counters(count: Door.allCases.count * serviceTimeStride)
  static let serviceTimeStride = ServiceTimeScale.bucketCount + 1
  /// By stage, in nanoseconds, of the batches that are timed.
  let stages = Counters(count: Stage.allCases.count)
  let activity = Counters(count: LoopActivity.allCases.count)
  let connections = Counters(count: 2)
  let offences = Counters(count: HTTP2Offence.allCases.count)
  /// By mode, `off` left out, and outcome.
  let proofs = Counters(count: EdgeProofMode.allCases.count * EdgeProofOutcome.count)
  let lookAlikes = Counters(count: 1)
  let forwardedHeaders = Counters(count: 1)
  let overload = Counters(count: OverloadEvent.count)
  /// What a decision takes, and the bytes held: as they were a moment ago.
  let load = Counters(count: 2)

  init(triggerCount: Int) {
    self.triggerCount = triggerCount
    decisions = Counters(count: triggerCount * Self.verdictCount * Self.verdictCount)
    flags = Counters(count: ReplyFlags.names.count)
  }

  /// Where decisions of a trigger with these verdicts are counted.
  @inline(__always)
  static func decisionIndex(trigger: Int, _ verdict: Verdict, wouldBe: Verdict) -> Int {
    let row = trigger &* verdictCount &+ Int(verdict.rawValue) &- 1
    return row &* verdictCount &+ Int(wouldBe.rawValue) &- 1
  }

  func countFlags(_ raised: ReplyFlags) {
    // Flags are named by bit.
    for bit in 0..<flags.count where raised.rawValue >> UInt16(bit) & 1 == 1 { flags.add(1, at: bit) }
  }

  func countRefusal(_ code: ErrorCode) { refusals.add(1, at: Int(code.rawValue)) }

  /// Counts requests that came by the door with this number, from the arrival of their last bytes until
  /// their replies were handed to the kernel, in nanoseconds.
  func countWritten(_ door: Int, _ count: UInt64, nanoseconds: UInt64) {
    let first = door * Self.serviceTimeStride
    serviceTime.add(count, at: first + ServiceTimeScale.bucket(of: nanoseconds))
    serviceTime.add(count &* nanoseconds, at: first + Self.serviceTimeStride - 1)
  }

  func count(_ activity: LoopActivity, _ amount: Int) {
    self.activity.add(UInt64(amount), at: activity.rawValue)
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
    return row * EdgeProofOutcome.count + Int(outcome.rawValue) - 1
  }

  /// A header whose name resembles one that is read, and is none.
  func countLookAlike() { lookAlikes.add(1, at: 0) }

  /// Connections ended for what their peers did, and requests ended for being slow.
  func countOffence(_ offence: HTTP2Offence, _ count: UInt64 = 1) {
    offences.add(count, at: Int(offence.rawValue))
  }

  func connectionOpened() { connections.add(1, at: 0) }
  func connectionClosed() { connections.add(1, at: 1) }
}
