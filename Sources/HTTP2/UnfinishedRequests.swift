/// The streams on which the peer may still send HEADERS or DATA, as the peer must see it: opened by
/// it, and neither ended nor reset by it.
///
/// What we have reset stays until the peer ends it too: frames may have been under way. So whatever
/// comes on another stream is wrong, and no race makes it right.
struct UnfinishedRequests {
  struct Entry {
    var stream: UInt32
    /// When its header came, by the session's clock.
    var since: UInt64
  }

  /// LIMIT: several times what may be open at once; a peer that was refused streams need not end
  /// them, and they must not add up over a connection's life.
  private static let countMax = 1024

  /// In the order of their opening.
  private(set) var entries: [Entry] = []
  /// Of streams up to this one nothing is known any more.
  private var forgottenStream: UInt32 = 0

  mutating func insert(_ stream: UInt32, at now: UInt64) {
    if entries.count == Self.countMax { forgottenStream = entries.removeFirst().stream }
    entries.append(Entry(stream: stream, since: now))
  }

  /// Whether frames of a request may come on a stream that is not new.
  func allows(_ stream: UInt32) -> Bool { index(of: stream) != nil || stream <= forgottenStream }

  mutating func remove(_ stream: UInt32) {
    if let index = index(of: stream) { entries.remove(at: index) }
  }

  /// Gives memory back, where nothing is unfinished.
  mutating func rest() {
    if entries.isEmpty, entries.capacity > ServerCore.restingCapacity { entries = [] }
  }

  /// From the end: the request that came last is the one that goes on, as a rule.
  private func index(of stream: UInt32) -> Int? {
    // Not by `lastIndex`: without optimization it allocates.
    var index = entries.count
    while index > 0 {
      index -= 1
      if entries[index].stream == stream { return index }
    }
    return nil
  }
}
