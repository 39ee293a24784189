import HTTP2

/// How far a connection's bytes are read before others have their turn.
///
/// What brings requests is read to its end: the turn is theirs, and answering them has its own limit. What
/// brings none, streams that are reset at once or frames of no use, would make all others wait: what costs
/// is frames, not bytes.
struct ReadingPace {
  /// LIMIT: frames between two looks at the clock and at what they hold: of headers that are named and not
  /// sent, 4 KiB each.
  static let frameCountMax = 16
  /// LIMIT: the same where nobody waits.
  private static let loneFrameCountMax = 64
  /// LIMIT: the share of a turn that reading may take before it has to be worth it: 50 us of a
  /// millisecond, which others do not notice.
  private static let turnShare: UInt64 = 20
  /// LIMIT: what a request that is complete may take beyond that: several times what it does.
  private static let nanosecondsPerRequest: UInt64 = 4_000

  /// How many frames are to be read before `goesOn` is asked.
  let frameCount: Int
  private let start: UInt64
  private let allowance: UInt64

  /// A turn of `UInt64.max` is as long as it takes.
  init(since now: UInt64, turnNanoseconds: UInt64) {
    frameCount = turnNanoseconds < .max ? Self.frameCountMax : Self.loneFrameCountMax
    start = now
    allowance = turnNanoseconds / Self.turnShare
  }

  /// Whether the turn goes on with the frames that follow.
  func goesOn(_ session: ServerSession) -> Bool {
    // Of a crowd of connections that name long ones each would else hold those of all that it may open.
    if session.waitingHeadersAreLong { return false }
    let time = monotonicNanoseconds() &- start
    if time <= allowance { return true }
    return time <= allowance + UInt64(session.waitingRequestCount) * Self.nanosecondsPerRequest
  }
}
