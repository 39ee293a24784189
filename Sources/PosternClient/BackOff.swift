import NIOCore

/// How long to wait between attempts to connect: doubling, bounded, and different for each client,
/// so that a thousand of them do not come back at the same moment.
struct BackOff {
  let least: TimeAmount
  let most: TimeAmount
  private(set) var failureCount = 0

  init(least: TimeAmount, most: TimeAmount) {
    self.least = least
    self.most = most
  }

  /// Counts a failure. Returns the wait: between half of what doubling gives and all of it.
  mutating func fail(using random: inout some RandomNumberGenerator) -> TimeAmount {
    // LIMIT: 2^20 times any sensible first wait is beyond any sensible bound.
    let doublings = min(failureCount, 20)
    failureCount += 1
    let (doubled, overflows) = least.nanoseconds.multipliedReportingOverflow(by: 1 << doublings)
    let whole = overflows ? most.nanoseconds : min(doubled, most.nanoseconds)
    return .nanoseconds(Int64.random(in: whole / 2...whole, using: &random))
  }

  mutating func succeed() { failureCount = 0 }
}
