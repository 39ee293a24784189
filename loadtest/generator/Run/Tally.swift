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
  /// Bytes of the messages that these answer, and of theirs, as they were sent.
  public private(set) var requestByteCount = 0
  public private(set) var replyByteCount = 0
  /// Requests of an open loop that could not be sent: among the latencies with their age at the end.
  public var unsent = 0
  public var missing = MissingReplies()
  /// Requests at once on the connection that was allowed the fewest; `nil` before there is one.
  public var streams: Int?
  public var versions: Set<UInt64> = []

  /// One more reply in the measured time.
  mutating func count(requestByteCount: Int, replyByteCount: Int) {
    replies += 1
    self.requestByteCount += requestByteCount
    self.replyByteCount += replyByteCount
  }

  mutating func record(_ nanoseconds: UInt64) { latencies.record(min(nanoseconds, Self.latencyMax)) }

  mutating func add(_ other: Tally) {
    latencies.add(other.latencies)
    replies += other.replies
    requestByteCount += other.requestByteCount
    replyByteCount += other.replyByteCount
    unsent += other.unsent
    missing.add(other.missing)
    streams = [streams, other.streams].compactMap { $0 }.min()
    versions.formUnion(other.versions)
  }
}

/// Replies that did not come, however long they were waited for.
public struct MissingReplies: Equatable, Sendable {
  public var count = 0
  public var connections = 0
  /// The age of the oldest request of them.
  public var oldestNanoseconds: UInt64 = 0

  /// Requests of one connection that were to be sent at these times.
  mutating func add(_ intended: [UInt64], _ now: UInt64) {
    guard let oldest = intended.min() else { return }
    add(
      MissingReplies(
        count: intended.count, connections: 1, oldestNanoseconds: now - min(now, oldest)))
  }

  mutating func add(_ other: MissingReplies) {
    count += other.count
    connections += other.connections
    oldestNanoseconds = max(oldestNanoseconds, other.oldestNanoseconds)
  }
}
