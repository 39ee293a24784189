import Histogram

/// What one thread has counted; those of several are added up.
public struct Tally: Sendable {
  /// LIMIT: an hour; what takes longer counts as an hour.
  private static let latencyMax: UInt64 = 3_600_000_000_000

  /// Latencies in nanoseconds, three digits of each.
  public private(set) var latencies = Histogram<UInt64>(
    lowestDiscernibleValue: 1, highestTrackableValue: latencyMax)
  /// Replies that came in the measured time, whenever they were asked for.
  public var replies = 0
  /// Requests that had no reply at the very end, and are among the latencies with their age then.
  public var unanswered = 0
  /// Of these, requests that could not even be sent.
  public var unsent = 0
  public var versions: Set<UInt64> = []

  mutating func record(_ nanoseconds: UInt64) { latencies.record(min(nanoseconds, Self.latencyMax)) }

  mutating func add(_ other: Tally) {
    latencies.add(other.latencies)
    replies += other.replies
    unanswered += other.unanswered
    unsent += other.unsent
    versions.formUnion(other.versions)
  }
}
