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
    /// The sum of them all.
    public var nanoseconds: UInt64
    /// By part of all requests, 1 for all of them: the time that as many kept to, at most a sixteenth
    /// above it. Empty where there was no request.
    public var quantiles: [(part: Double, nanoseconds: UInt64)]

    static let parts = [0.5, 0.9, 0.99, 0.999, 1]
  }

  /// What a loop has moved.
  public struct Loop: Sendable {
    public var activities: [(activity: LoopActivity, count: UInt64)]
  }

  /// Those that have happened.
  public var decisions: [Decisions] = []
  public var flags: [(name: String, count: UInt64)] = []
  public var refusals: [(name: String, count: UInt64)] = []
  public var serviceTimes: [ServiceTime] = []
  /// In the order of the loops.
  public var loops: [Loop] = []
  /// The time that each stage took in the batches that were timed.
  public var stages: [(stage: Stage, nanoseconds: UInt64)] = []
  /// Verifications, by what the tenant asks and what came of them.
  public var edgeProofs: [(mode: String, outcome: String, count: UInt64)] = []
  /// Headers whose names resemble one that is read, and are none.
  public var lookAlikeHeaders: UInt64 = 0
  /// `x-forwarded-*` headers of peers that are not among those who may send them.
  public var ignoredForwardedHeaders: UInt64 = 0
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
    serviceTimes = Door.allCases.map { ServiceTime($0, loops) }
    self.loops = loops.map { loop in
      Loop(activities: LoopActivity.allCases.map { ($0, loop.activity.value(at: $0.rawValue)) })
    }
    for stage in Stage.allCases {
      stages.append((stage, sum { $0.stages.value(at: stage.rawValue) }))
    }
    for mode in [EdgeProofMode.observe, .require] {
      for outcome in EdgeProofOutcome.allCases {
        let count = sum { $0.proofs.value(at: LoopMetrics.proofIndex(mode, outcome)) }
        if count > 0 { edgeProofs.append((mode.rawValue, outcome.name, count)) }
      }
    }
    lookAlikeHeaders = sum { $0.lookAlikes.value(at: 0) }
    ignoredForwardedHeaders = sum { $0.forwardedHeaders.value(at: 0) }
    for offence in HTTP2Offence.allCases {
      offences.append((offence.name, sum { $0.offences.value(at: Int(offence.rawValue)) }))
    }
    connectionsOpened = sum { $0.connections.value(at: 0) }
    connectionsOpen = connectionsOpened &- sum { $0.connections.value(at: 1) }
  }
}
