/// How often something may happen: `capacity` times at once, and as often again in each `window`.
///
/// Costs a subtraction as long as there are tokens; time is looked at when there are none.
struct TokenBucket {
  private let capacity: Int
  private let nanosecondsPerToken: UInt64
  private var tokens: Int
  /// Up to when tokens have been given for the time that passed.
  private var filledAt: UInt64

  /// - Parameters:
  ///   - capacity: at least 1.
  ///   - window: how long an empty bucket takes to fill, in nanoseconds.
  ///   - now: a clock that only moves forward, in nanoseconds.
  init(capacity: Int, window: UInt64, at now: UInt64) {
    precondition(capacity > 0)
    self.capacity = capacity
    nanosecondsPerToken = max(1, window / UInt64(capacity))
    tokens = capacity
    filledAt = now
  }

  /// Takes one token; `false` when there is none.
  @inline(__always)
  mutating func take(at now: UInt64) -> Bool {
    if tokens == 0 { fill(at: now) }
    guard tokens > 0 else { return false }
    tokens -= 1
    return true
  }

  /// Gives tokens back for work that was worth it, never above the capacity.
  @inline(__always)
  mutating func earn(_ count: Int) { tokens = min(tokens + count, capacity) }

  private mutating func fill(at now: UInt64) {
    let earned = (max(now, filledAt) - filledAt) / nanosecondsPerToken
    if earned >= UInt64(capacity) {
      tokens = capacity
      filledAt = now
    } else {
      tokens = Int(earned)
      filledAt += earned * nanosecondsPerToken
    }
  }
}
