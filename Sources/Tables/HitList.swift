import Wire

/// A rule that a table's evaluation hit.
public struct Hit: BitwiseCopyable, Equatable, Sendable {
  /// Index of the table in its chain.
  public var table: UInt32
  /// Index of the rule in the table's bits.
  public var rule: UInt32
  /// Whether it has a say in the verdict: table, rule and canaries enforce it.
  public var isEnforced: Bool

  public init(table: UInt32, rule: UInt32, isEnforced: Bool = true) {
    self.table = table
    self.rule = rule
    self.isEnforced = isEnforced
  }
}

/// The hits of one decision, in the order of the chain and, in a table, of its bits.
///
/// INVARIANT (hits-in-bounds): `base` has `capacity` initialised hits, and `count` is not above.
@safe
public struct HitList: ~Copyable {
  private var base: UnsafeMutablePointer<Hit>
  private var capacity = 64
  public private(set) var count = 0

  init() {
    unsafe base = .allocate(capacity: capacity)
    unsafe base.initialize(repeating: Hit(table: 0, rule: 0), count: capacity)
  }

  deinit { unsafe base.deallocate() }

  public var isEmpty: Bool { count == 0 }

  /// Traps out of bounds. O(1).
  public subscript(index: Int) -> Hit {
    precondition(index >= 0 && index < count)
    // SAFETY: (hits-in-bounds) and the line above.
    return unsafe base[index]
  }

  @inline(__always)
  mutating func removeAll() { count = 0 }

  /// Allocates only when no decision before had as many hits.
  @inline(__always)
  mutating func append(_ hit: Hit) {
    if count == capacity { grow() }
    // SAFETY: (hits-in-bounds), and `grow` has seen to the capacity.
    unsafe base[count] = hit
    count &+= 1
  }

  @inline(never)
  private mutating func grow() {
    let grown = UnsafeMutablePointer<Hit>.allocate(capacity: 2 * capacity)
    // SAFETY: both hold `capacity` hits; the rest is initialised behind them.
    unsafe grown.initialize(from: base, count: capacity)
    unsafe (grown + capacity).initialize(repeating: Hit(table: 0, rule: 0), count: capacity)
    unsafe base.deallocate()
    unsafe base = grown
    capacity *= 2
  }
}

/// What a candidate table says beside what is served.
public struct ShadowOutcome: BitwiseCopyable, Equatable, Sendable {
  /// Index of the candidate in its chain.
  public var table: UInt32
  /// Of the chain, or of the table that it is a shadow of; `nil` where no rule of that matches.
  public var live: Verdict?
  /// Of the candidate, as if it were enforced; `nil` where none of its rules matches.
  public var shadow: Verdict?

  public init(table: UInt32, live: Verdict?, shadow: Verdict?) {
    self.table = table
    self.live = live
    self.shadow = shadow
  }
}
