/// The streams on which the peer may still send HEADERS or DATA, as the peer must see it: opened by
/// it, and neither ended nor reset by it.
///
/// What we have reset stays until the peer ends it too: frames may have been under way. So whatever
/// comes on another stream is wrong, and no race makes it right.
struct UnfinishedRequests {
  struct Entry {
    var stream: UInt32
    /// When its header came, or when we have reset it, by the session's clock.
    var since: UInt64
  }

  /// LIMIT: several times what may be open at once; a peer that was refused streams need not end
  /// them, and they must not add up over a connection's life.
  private static let countMax = 1024

  /// In the order of their opening, which is that of their numbers. Those before `first` are gone: the
  /// request that came first is the one that ends first, as a rule.
  private var places: [Entry] = []
  private var first = 0
  /// Of streams up to this one nothing is known any more.
  private var forgottenStream: UInt32 = 0

  var entries: ArraySlice<Entry> { places[first...] }
  var isEmpty: Bool { first == places.count }

  /// Adds a stream above all before it. Amortised O(1).
  mutating func insert(_ stream: UInt32, at now: UInt64) {
    if places.count - first == Self.countMax {
      forgottenStream = places[first].stream
      first += 1
    }
    // Half of the places at least are gone then: as many were added since they were moved last.
    if places.count == places.capacity, first > 0, 2 * first >= places.count { closeRanks() }
    places.append(Entry(stream: stream, since: now))
  }

  /// Whether a frame of a request may come on a stream that is not new; where it `ends` the request,
  /// none after it. O(log count), and O(count) to end one that is neither the first nor the last.
  mutating func allows(_ stream: UInt32, ends: Bool) -> Bool {
    guard let place = place(of: stream) else { return stream <= forgottenStream }
    if ends { remove(at: place) }
    return true
  }

  /// Counts the time of a stream that we have reset `now` from then on: its peer is yet to hear of it.
  mutating func restart(_ stream: UInt32, at now: UInt64) {
    if let place = place(of: stream) { places[place].since = now }
  }

  mutating func remove(_ stream: UInt32) {
    if let place = place(of: stream) { remove(at: place) }
  }

  /// Gives memory back, where nothing is unfinished.
  mutating func rest() {
    guard isEmpty else { return }
    first = 0
    places.removeAll(keepingCapacity: places.capacity <= ServerCore.restingCapacity)
  }

  private mutating func remove(at place: Int) {
    if place == places.count &- 1 {
      places.removeLast()
    } else if place == first {
      first += 1
    } else {
      places.remove(at: place)
    }
  }

  private mutating func closeRanks() {
    places.removeSubrange(..<first)
    first = 0
  }

  private func place(of stream: UInt32) -> Int? {
    var low = first
    var high = places.count
    while low < high {
      let middle = (low &+ high) / 2
      if places[middle].stream < stream { low = middle &+ 1 } else { high = middle }
    }
    return low < places.count && places[low].stream == stream ? low : nil
  }
}
