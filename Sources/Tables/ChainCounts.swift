import Synchronization
import Wire

/// What every loop has counted of one published chain: a row of counters for each loop, which that
/// loop alone writes and anybody may read.
///
/// | counter of a row | what |
/// |---|---|
/// | 0 | decisions by the chain |
/// | 1 + t | those that table t gave the verdict of |
/// | then, by table and rule | two: hits that were enforced, hits that were not; none of a shadow |
/// | then, by shadow | `ShadowMatrix.count`: live verdict by shadow verdict |
///
/// INVARIANT (counters-in-bounds): every index below `stride * loopCount` is initialised.
/// INVARIANT (starts-in-bounds): `starts` has a number for each table of the chain.
@safe
final class ChainCounts: Sendable {
  typealias Counter = Atomic<UInt64>

  // SAFETY: the pointers never change; the counters are atomic, the starts written in `init` only.
  nonisolated(unsafe) private let counters: UnsafeMutablePointer<Counter>
  /// By table: the index of the counters of its first rule, or of a shadow's matrix.
  nonisolated(unsafe) let starts: UnsafeMutablePointer<UInt32>
  private let stride: Int
  private let loopCount: Int

  /// How many counters a row of a chain has.
  static func counterCount(of chain: ChainView) -> Int {
    (0..<chain.tableCount).reduce(1 + chain.tableCount) { $0 + counterCount(ofTable: $1, chain) }
  }

  private static func counterCount(ofTable index: Int, _ chain: ChainView) -> Int {
    index < chain.liveTableCount ? 2 * Int(chain.table(index).ruleCount) : ShadowMatrix.count
  }

  init(_ compiled: CompiledChain, loopCount: Int) {
    let chain = compiled.view
    let tableCount = chain.tableCount
    unsafe starts = .allocate(capacity: max(tableCount, 1))
    var start = 1 + tableCount
    for index in 0..<tableCount {
      unsafe (starts + index).initialize(to: UInt32(start))
      start += Self.counterCount(ofTable: index, chain)
    }
    // LIMIT: whole pairs of cache lines for each loop, and one pair of distance to the next.
    stride = (start + 15) / 16 * 16 + 16
    self.loopCount = loopCount
    unsafe counters = .allocate(capacity: stride * loopCount)
    for index in 0..<(stride * loopCount) { unsafe (counters + index).initialize(to: Counter(0)) }
  }

  deinit {
    unsafe counters.deallocate()
    unsafe starts.deallocate()
  }

  /// A row's first counter.
  @inline(__always)
  @unsafe func row(ofLoop loop: Int) -> UnsafeMutablePointer<Counter> {
    precondition(loop < loopCount)
    // SAFETY: (counters-in-bounds) and the line above.
    return unsafe counters + loop &* stride
  }

  /// Where the counters of a table's first rule, or of a shadow's matrix, begin in a row.
  @inline(__always)
  func start(ofTable table: Int) -> Int {
    // SAFETY: (starts-in-bounds), and the caller names a table of the chain.
    unsafe Int(starts[table])
  }

  /// The sum over all loops of a row's counter.
  func sum(at index: Int) -> UInt64 {
    precondition(index < stride)
    // SAFETY: (counters-in-bounds).
    return (0..<loopCount).reduce(0) {
      unsafe $0 &+ counters[$1 * stride + index].load(ordering: .relaxed)
    }
  }
}
