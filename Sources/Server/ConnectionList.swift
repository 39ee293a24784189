/// The connections of one loop, in an order in which they can be looked after a few at a time.
///
/// INVARIANT (place): a connection that is in the list is at its `place`; that of others is `nil`.
struct ConnectionList {
  private(set) var all: [ConnectionHandler] = []
  /// The first that the round under way has not looked after.
  private var next = 0

  var count: Int { all.count }

  mutating func add(_ handler: ConnectionHandler) {
    handler.place = all.count
    all.append(handler)
  }

  /// Whether it was there. The last connection takes its place: where the round under way has passed
  /// that, it is looked after in the next one.
  mutating func remove(_ handler: ConnectionHandler) -> Bool {
    guard let place = handler.place else { return false }
    handler.place = nil
    let last = all.removeLast()
    if last !== handler {
      all[place] = last
      last.place = place
    }
    next = min(next, all.count)
    return true
  }

  mutating func beginRound() { next = 0 }

  /// The next connection of the round under way; `nil` when it is over.
  mutating func takeNext() -> ConnectionHandler? {
    guard next < all.count else { return nil }
    next += 1
    return all[next - 1]
  }
}
