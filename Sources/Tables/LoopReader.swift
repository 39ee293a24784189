import Synchronization

/// One event loop's announcement that it is reading published tables.
///
/// It has cache lines of its own, so that an announcement disturbs no other loop.
public final class LoopReader: Sendable {
  @usableFromInline static var quiescent: UInt64 { 0 }

  // LIMIT: 128 bytes on each side: two lines, since processors fetch them in pairs.
  private let before = InlineArray<16, UInt64>(repeating: 0)
  /// The epoch in which the running read section began; `quiescent` outside of one.
  @usableFromInline let epoch = Atomic<UInt64>(LoopReader.quiescent)
  /// Which of the store's readers it is: the row of the counters that it writes.
  @usableFromInline let index: Int
  private let after = InlineArray<16, UInt64>(repeating: 0)

  init(index: Int) { self.index = index }
}
