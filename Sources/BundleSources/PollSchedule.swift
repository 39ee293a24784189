/// When to ask again: at an even interval, each time a little earlier or later, so that a fleet does
/// not ask all at once; and more and more rarely while nobody answers, or what comes is damaged.
public struct PollSchedule: Sendable {
  /// LIMIT: a source that comes back is seen within this time.
  public static let delayMax = Duration.seconds(300)
  /// LIMIT: a fifth of the interval to either side.
  private static let jitter = 0.2

  private let interval: Duration
  private var failureCount = 0

  public init(interval: Duration) { self.interval = interval }

  var hasFailed: Bool { failureCount > 0 }

  public mutating func succeeded() { failureCount = 0 }

  public mutating func failed() { failureCount = min(failureCount + 1, 20) }

  /// How long to wait now: another time at each call.
  public func delay() -> Duration {
    let wanted = min(interval * (1 << failureCount), max(Self.delayMax, interval))
    return wanted * (1 + Double.random(in: -Self.jitter...Self.jitter))
  }
}
