/// What a loop does so that load does not become delay, each counted.
enum OverloadEvent: Int, CaseIterable, Sendable {
  /// A request refused because it would have been answered too late.
  case shedLatency
  /// A request refused because half that time was gone and its tenant had had more than its share.
  case shedTenant
  /// A request refused because its connection or its loop holds too much memory.
  case shedMemory
  /// A connection whose requests had to let others go first.
  case turnEnded
  /// Accepting paused because descriptors were short.
  case acceptPaused

  static let count = allCases.count
}

/// What all loops have done against overload.
public struct OverloadSnapshot: Sendable {
  /// Requests refused with `overloaded`, by reason.
  public var shed: [(reason: String, count: UInt64)] = []
  /// Connections whose requests had to let others go first.
  public var turnsEnded: UInt64 = 0
  /// How often accepting paused because descriptors were short.
  public var acceptPauses: UInt64 = 0
  /// What a decision takes on the slowest loop, by the moving average that requests are admitted by.
  public var decisionNanoseconds: UInt64 = 0
  /// Bytes of requests and replies that are held now, on all loops.
  public var heldByteCount: UInt64 = 0
  /// Bytes of the process that are in memory now.
  public var residentByteCount: UInt64 = 0
  /// How often requests began to be refused because those were too many.
  public var residentShortages: UInt64 = 0

  init(_ loops: [LoopMetrics]) {
    func sum(_ event: OverloadEvent) -> UInt64 {
      loops.reduce(0) { $0 + $1.overload.value(at: event.rawValue) }
    }
    shed = [
      ("latency", sum(.shedLatency)), ("tenant", sum(.shedTenant)), ("memory", sum(.shedMemory)),
    ]
    turnsEnded = sum(.turnEnded)
    acceptPauses = sum(.acceptPaused)
    decisionNanoseconds = loops.map { $0.load.value(at: 0) }.max() ?? 0
    heldByteCount = loops.reduce(0) { $0 + $1.load.value(at: 1) }
  }
}
