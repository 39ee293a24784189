import Synchronization
import Wire

/// A chain as it is served under one key: with the tables of it that are killed, and what it counts.
///
/// All three go in one exchange of one pointer, so no loop sees the switches of one chain with the
/// tables of another.
///
/// SAFETY, for all of it: `chain`, which we keep, owns `base`; the one reference in `counts` is ours, once it
/// is there, and `deinit` gives it back.
@safe
final class Publication: Sendable {
  let chain: CompiledChain
  // SAFETY: the image of `chain`, which is never written.
  nonisolated(unsafe) let base: UnsafeRawPointer
  /// Bit t: table t takes no part. Bit 63: the whole trigger, as if nothing were published.
  let killed: Atomic<UInt64>
  /// Owns one reference. Made when the first decision is counted, and stays.
  private let counts: Atomic<Unmanaged<ChainCounts>?>
  private let loopCount: Int

  static let wholeTrigger: UInt64 = 1 << 63

  /// LIMIT: what a loop may set to zero at its first decision; a larger chain's counters are made by
  /// who publishes it.
  private static let lazyCounterCountMax = 8192

  init(_ chain: CompiledChain, killed: UInt64, loopCount: Int) {
    self.chain = chain
    unsafe base = chain.unsafeBase
    self.killed = Atomic(killed)
    self.loopCount = loopCount
    unsafe counts = Atomic(nil)
    let view = chain.view
    if ChainCounts.counterCount(of: view) * loopCount > Self.lazyCounterCountMax {
      _ = unsafe makeCounts()
    }
  }

  deinit { unsafe counts.load(ordering: .relaxed)?.release() }

  /// What has been counted; `nil` where nothing was decided.
  var existingCounts: ChainCounts? {
    // SAFETY: our own reference keeps it alive.
    unsafe counts.load(ordering: .acquiring)?.takeUnretainedValue()
  }

  /// The counters. O(1), without reference counting, once they are made. Lives as long as we do.
  @inline(__always)
  @unsafe func unsafeCounts() -> Unmanaged<ChainCounts> {
    if let counts = unsafe counts.load(ordering: .acquiring) { return unsafe counts }
    return unsafe makeCounts()
  }

  @inline(never)
  private func makeCounts() -> Unmanaged<ChainCounts> {
    let new = unsafe Unmanaged.passRetained(ChainCounts(chain, loopCount: loopCount))
    // SAFETY: who comes first leaves the +1 here; who comes second takes its own back.
    let (exchanged, original) = unsafe counts.compareExchange(
      expected: nil, desired: new, ordering: .acquiringAndReleasing)
    if exchanged { return unsafe new }
    unsafe new.release()
    return unsafe original!
  }
}
