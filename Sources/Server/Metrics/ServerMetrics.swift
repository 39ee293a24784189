import EdgeProof
import HTTP2
import Wire

/// The sum over all loops at one moment, ready to print.
public struct MetricsSnapshot: Sendable {
  public struct Decisions: Sendable {
    public var trigger: String
    public var verdict: Verdict
    public var wouldBe: Verdict
    public var count: UInt64
  }

  public struct ServiceTime: Sendable {
    public var door: String
    /// Requests at or under each of `LoopMetrics.serviceTimeBounds`, then all of them.
    public var cumulative: [UInt64]
    public var nanoseconds: UInt64
  }

  /// Those that have happened.
  public var decisions: [Decisions] = []
  public var flags: [(name: String, count: UInt64)] = []
  public var refusals: [(name: String, count: UInt64)] = []
  public var serviceTimes: [ServiceTime] = []
  /// Verifications, by what the tenant asks and what came of them.
  public var edgeProofs: [(mode: String, outcome: String, count: UInt64)] = []
  /// Headers that resemble one of the edge's, and are none.
  public var lookAlikeHeaders: UInt64 = 0
  /// Accepted signatures that were forgotten before their window ended.
  public var replaysForgotten: UInt64 = 0
  /// How often settings of edge proof were taken up, the first ones included, and refused.
  public var edgeProofLoads: UInt64 = 0
  public var edgeProofLoadsRefused: UInt64 = 0
  /// Connections ended for what their peers did, and requests ended for being slow, by kind.
  public var offences: [(name: String, count: UInt64)] = []
  public var doors = DoorMetrics()
  public var overload: OverloadSnapshot
  public var connectionsOpened: UInt64 = 0
  public var connectionsOpen: UInt64 = 0

  init(_ loops: [LoopMetrics], triggers: [String]) {
    overload = OverloadSnapshot(loops)
    func sum(_ value: (LoopMetrics) -> UInt64) -> UInt64 { loops.reduce(0) { $0 + value($1) } }
    for (trigger, name) in triggers.enumerated() {
      for verdict in Verdict.allCases {
        for wouldBe in Verdict.allCases {
          let index = LoopMetrics.decisionIndex(trigger: trigger, verdict, wouldBe: wouldBe)
          let count = sum { $0.decisions.value(at: index) }
          guard count > 0 else { continue }
          decisions.append(
            Decisions(trigger: name, verdict: verdict, wouldBe: wouldBe, count: count))
        }
      }
    }
    for (index, entry) in ReplyFlags.names.enumerated() {
      flags.append((entry.name, sum { $0.flags.value(at: index) }))
    }
    for code in ErrorCode.allCases {
      let count = sum { $0.refusals.value(at: Int(code.rawValue)) }
      if count > 0 { refusals.append(("\(code)", count)) }
    }
    for door in Door.allCases {
      let first = door.rawValue * LoopMetrics.serviceTimeStride
      var cumulative: [UInt64] = []
      var total: UInt64 = 0
      for bucket in 0...LoopMetrics.serviceTimeBounds.count {
        total += sum { $0.serviceTime.value(at: first + bucket) }
        cumulative.append(total)
      }
      let nanoseconds = sum {
        $0.serviceTime.value(at: first + LoopMetrics.serviceTimeStride - 1)
      }
      serviceTimes.append(
        ServiceTime(door: door.name, cumulative: cumulative, nanoseconds: nanoseconds))
    }
    for mode in [EdgeProofMode.observe, .require] {
      for outcome in EdgeProofOutcome.allCases {
        let count = sum { $0.proofs.value(at: LoopMetrics.proofIndex(mode, outcome)) }
        if count > 0 { edgeProofs.append((mode.rawValue, outcome.name, count)) }
      }
    }
    lookAlikeHeaders = sum { $0.lookAlikes.value(at: 0) }
    for offence in HTTP2Offence.allCases {
      offences.append((offence.name, sum { $0.offences.value(at: Int(offence.rawValue)) }))
    }
    connectionsOpened = sum { $0.connections.value(at: 0) }
    connectionsOpen = connectionsOpened &- sum { $0.connections.value(at: 1) }
  }
}
