import Synchronization

/// A row of counters that one loop writes and any thread reads, in memory of its own.
///
/// INVARIANT (counters-in-bounds): `values` has `count` initialised counters.
@safe
final class Counters: Sendable {
  // SAFETY: the pointer never changes; the counters behind it are atomic.
  nonisolated(unsafe) let values: UnsafeMutablePointer<Atomic<UInt64>>
  let count: Int

  init(count: Int) {
    self.count = count
    // LIMIT: two cache lines of distance to whatever the allocator puts beside us.
    unsafe values = .allocate(capacity: count + 32)
    for index in 0..<(count + 32) { unsafe (values + index).initialize(to: Atomic(0)) }
  }

  deinit { unsafe values.deallocate() }

  /// For the writing loop only: a plain load and store, not a locked instruction.
  @inline(__always)
  func add(_ amount: UInt64, at index: Int) {
    precondition(index >= 0 && index < count)
    // SAFETY: (counters-in-bounds) and the line above.
    let old = unsafe values[16 + index].load(ordering: .relaxed)
    unsafe values[16 + index].store(old &+ amount, ordering: .relaxed)
  }

  /// For a gauge, and for the writing loop only.
  func set(_ value: UInt64, at index: Int) {
    precondition(index >= 0 && index < count)
    // SAFETY: as above.
    unsafe values[16 + index].store(value, ordering: .relaxed)
  }

  func value(at index: Int) -> UInt64 {
    precondition(index >= 0 && index < count)
    // SAFETY: as above.
    return unsafe values[16 + index].load(ordering: .relaxed)
  }
}
