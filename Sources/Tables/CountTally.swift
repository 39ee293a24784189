import Synchronization
import Wire

/// The counters that the decisions of one message will raise once it is answered.
///
/// To be committed, or emptied, in the read section in which they were added.
@safe
public struct CountTally: ~Copyable {
  @safe
  struct Raised: BitwiseCopyable {
    let counter: UnsafeMutablePointer<ChainCounts.Counter>
  }

  private var raised = ScratchList<Raised>(capacity: 1024)

  public init() {}

  public mutating func removeAll() { raised.removeAll() }

  /// Adds what the decision that `evaluator` made last counts. O(hits), no allocation once it has
  /// grown.
  public mutating func append(
    _ decision: Decision, of evaluator: inout Evaluator, by chain: borrowing PublishedChain
  ) {
    // SAFETY: the publication, and with it its counters, lives until the read section ends.
    let counts = unsafe chain.publication._withUnsafeGuaranteedRef { unsafe $0.unsafeCounts() }
    let (row, starts) = unsafe counts._withUnsafeGuaranteedRef {
      unsafe ($0.row(ofLoop: chain.loop), $0.starts)
    }
    let hitCount = evaluator.hits.count
    raised.append(upTo: 2 &+ hitCount &+ evaluator.shadowCount) { raised in
      // SAFETY: (starts-in-bounds) and (counters-in-bounds): hits name tables and rules of the chain, shadows
      // its shadows.
      unsafe raised.append(Raised(counter: row))
      if let deciding = decision.decidingHit {
        unsafe raised.append(Raised(counter: row + (1 &+ Int(evaluator.hits[deciding].table))))
      }
      for position in 0..<hitCount {
        let hit = evaluator.hits[position]
        let index = unsafe Int(starts[Int(hit.table)]) &+ 2 &* Int(hit.rule) &+ (hit.isEnforced ? 0 : 1)
        unsafe raised.append(Raised(counter: row + index))
      }
      for position in 0..<evaluator.shadowCount {
        let outcome = evaluator.shadow(at: position)
        let index = unsafe Int(starts[Int(outcome.table)]) &+ ShadowMatrix.index(of: outcome)
        unsafe raised.append(Raised(counter: row + index))
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
