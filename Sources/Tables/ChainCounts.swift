import Synchronization
import Wire

/// What every loop has counted of one published chain: a row of counters for each loop, which that
/// loop alone writes and anybody may read.
///
/// | counter of a row | what |
/// |---|---|
/// | 0 | decisions by the chain |
/// | 1 + t | those that table t gave the verdict of |
/// | then, by table and rule | two: hits that were enforced, hits that were not |
///
/// INVARIANT (counters-in-bounds): every index below `stride * loopCount` is initialised.
@safe
final class ChainCounts: Sendable {
  typealias Counter = Atomic<UInt64>

  // SAFETY: the pointers never change; the counters are atomic, the starts written in `init` only.
  nonisolated(unsafe) private let counters: UnsafeMutablePointer<Counter>
  /// By table: the index of the counters of its first rule.
  nonisolated(unsafe) private let ruleStarts: UnsafeMutablePointer<UInt32>
  private let stride: Int
  private let loopCount: Int

  /// How many counters a row of a chain has.
  static func counterCount(of chain: ChainView) -> Int {
    (0..<chain.tableCount).reduce(1 + chain.tableCount) { $0 + 2 * Int(chain.table($1).ruleCount) }
  }

  init(_ compiled: CompiledChain, loopCount: Int) {
    let chain = compiled.view
    let tableCount = chain.tableCount
    unsafe ruleStarts = .allocate(capacity: max(tableCount, 1))
    var start = 1 + tableCount
    for index in 0..<tableCount {
      unsafe (ruleStarts + index).initialize(to: UInt32(start))
      start += 2 * Int(chain.table(index).ruleCount)
    }
    // LIMIT: whole pairs of cache lines for each loop, and one pair of distance to the next.
    stride = (start + 15) / 16 * 16 + 16
    self.loopCount = loopCount
    unsafe counters = .allocate(capacity: stride * loopCount)
    for index in 0..<(stride * loopCount) { unsafe (counters + index).initialize(to: Counter(0)) }
  }

  deinit {
    unsafe counters.deallocate()
    unsafe ruleStarts.deallocate()
  }

  /// A row's first counter.
  @inline(__always)
  @unsafe func row(ofLoop loop: Int) -> UnsafeMutablePointer<Counter> {
    precondition(loop < loopCount)
    return unsafe counters + loop &* stride
  }

  /// Where the counters of a rule are in a row.
  @inline(__always)
  func index(table: Int, rule: Int) -> Int {
    // SAFETY: a hit names a table and a rule of the chain.
    unsafe Int(ruleStarts[table]) &+ 2 &* rule
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

/// The counters that the decisions of one message will raise once it is answered.
///
/// To be committed, or emptied, in the read section in which they were added.
@safe
public struct CountTally: ~Copyable {
  @safe
  private struct Raised: BitwiseCopyable {
    let counter: UnsafeMutablePointer<ChainCounts.Counter>
  }

  private var raised: [Raised] = []

  public init() {}

  public mutating func removeAll() { raised.removeAll(keepingCapacity: true) }

  /// Adds what a decision by a chain counts. O(hits), no allocation once it has grown.
  public mutating func append(_ decision: Decision, by chain: borrowing PublishedChain) {
    // SAFETY: the publication, and with it its counters, lives until the read section ends.
    let counts = unsafe chain.publication._withUnsafeGuaranteedRef { unsafe $0.unsafeCounts() }
    unsafe counts._withUnsafeGuaranteedRef { counts in
      let row = unsafe counts.row(ofLoop: chain.loop)
      // SAFETY: (counters-in-bounds): hits name tables and rules of the chain.
      unsafe raised.append(Raised(counter: row))
      for position in 0..<decision.hitCount {
        let hit = decision.hit(at: position)
        let table = chain.view.table(Int(hit.table))
        let isEnforced = table.mode == UInt32(Mode.enforce.rawValue)
        let index = counts.index(table: Int(hit.table), rule: Int(hit.rule))
        unsafe raised.append(Raised(counter: row + (index &+ (isEnforced ? 0 : 1))))
        if decision.decidingHit == position {
          unsafe raised.append(Raised(counter: row + (1 &+ Int(hit.table))))
        }
      }
    }
  }

  /// Raises the counters. A plain load and store each: only this loop writes them.
  public func commit() {
    for index in raised.indices {
      let counter = unsafe raised[index].counter
      // SAFETY: still in the read section that they were added in.
      unsafe counter.pointee.store(
        counter.pointee.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    }
  }
}
