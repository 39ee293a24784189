import Wire

/// Whether a request that waits for its turn is still decided, or refused at once with `overloaded`.
///
/// The queue of an event loop is what all its connections sent before its turn began. How long it is,
/// is measured and not guessed: what has waited so far is read from the clock, and what one more
/// message takes is the moving average of what decisions took. While neither is near the bound
/// nothing is looked at but one number.
///
/// What a loop accepts leaves it within the bound after its turn began. Refusing costs a fraction of
/// deciding, so a turn, and with it the wait of what comes during it, ends soon after the bound.
struct Admission: ~Copyable {
  /// Why a request was refused.
  enum Refusal: Equatable {
    /// It would have been answered later than the bound.
    case latency
    /// Half the bound is gone, and its tenant has had more than its share.
    case tenant
  }

  private let unlimited = UInt64.max
  /// LIMIT: `RunningSettings.latencyBoundMilliseconds`; `unlimited` for none.
  private var boundNanoseconds = UInt64.max
  /// A wait up to here is none: a quarter of the bound. Nobody is refused, and nobody's share counted.
  private(set) var easyNanoseconds = UInt64.max
  /// What a decision takes, in nanoseconds: a moving average over some sixteen messages.
  private(set) var decisionNanoseconds: UInt64 = 0
  private var shares = TenantShares()

  /// LIMIT: one sample may raise the average by so much at most: a page fault or a pause of the
  /// machine is no measure of a table.
  private static let sampleFactorMax: UInt64 = 4
  private static let sampleFloor: UInt64 = 1_000

  mutating func use(latencyBoundMilliseconds bound: Int) {
    boundNanoseconds = bound > 0 ? UInt64(bound) * 1_000_000 : unlimited
    easyNanoseconds = bound > 0 ? boundNanoseconds / 4 : unlimited
  }

  /// Takes in what deciding a message took.
  @inline(__always)
  mutating func measure(_ nanoseconds: UInt64, decisions: Int) {
    let sample = decisions == 1 ? nanoseconds : nanoseconds / UInt64(max(decisions, 1))
    let highest = decisionNanoseconds &* Self.sampleFactorMax &+ Self.sampleFloor
    let bounded = min(sample, highest)
    // A sixteenth of the difference, up or down.
    decisionNanoseconds =
      bounded >= decisionNanoseconds
      ? decisionNanoseconds &+ (bounded &- decisionNanoseconds) >> 4
      : decisionNanoseconds &- (decisionNanoseconds &- bounded) >> 4
  }

  /// Whether a message that has `waited` longer than is easy is refused.
  ///
  /// A message that alone takes longer than half the bound is not refused for that: it would never be
  /// answered. So at least the first half of a bound is always spent on deciding.
  ///
  /// `isOverShare` counts its decisions, and says whether they are too many for their tenants.
  mutating func refusal(
    decisions: Int, waited: UInt64, isOverShare: (inout TenantShares) -> Bool
  ) -> Refusal? {
    guard waited > easyNanoseconds else { return nil }
    let isOverShare = isOverShare(&shares)
    let half = boundNanoseconds / 2
    guard waited > half else { return nil }
    if isOverShare { return .tenant }
    let needed = min(UInt64(decisions) &* decisionNanoseconds, half)
    return waited &+ needed > boundNanoseconds ? .latency : nil
  }
}
