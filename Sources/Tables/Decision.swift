import Signals
import Wire

/// The rule that a table's evaluation hit.
public struct Hit: BitwiseCopyable, Equatable, Sendable {
  /// Index of the table in its chain.
  public var table: UInt32
  /// Index of the rule in the table's bits.
  public var rule: UInt32

  public init(table: UInt32, rule: UInt32) {
    self.table = table
    self.rule = rule
  }
}

/// What a chain of tables says of one vector of signals.
public struct Decision: BitwiseCopyable, Sendable {
  /// What the caller is told to do.
  public internal(set) var verdict: Verdict
  /// What it would be told if every audit and advisory table were enforced.
  public internal(set) var wouldBe: Verdict
  /// The mode of the deciding table, or the strongest mode in the chain where none decided.
  public internal(set) var mode: Mode
  public internal(set) var flags: ReplyFlags
  private var storedHitCount: UInt8 = 0
  private var storedDecidingHit: UInt8 = Self.none
  /// `table` in the low 4 bits, `rule` above: a decision is copied, so it is small. Only the first
  /// `hitCount` mean something.
  private var hits = InlineArray<16, UInt32>(repeating: 0)

  private static let none = UInt8.max

  /// A verdict that no rule gave.
  public init(_ verdict: Verdict, mode: Mode, flags: ReplyFlags) {
    self.verdict = verdict
    wouldBe = verdict
    self.mode = mode
    self.flags = flags
  }

  /// How many tables had a hit.
  public var hitCount: Int { Int(storedHitCount) }

  /// Index of the hit that gave the verdict; `nil` when no enforcing table had one.
  public var decidingHit: Int? {
    storedDecidingHit == Self.none ? nil : Int(storedDecidingHit)
  }

  /// The hit of the `index`-th table that had one, in the order of the chain.
  public func hit(at index: Int) -> Hit {
    precondition(index < hitCount)
    return Hit(table: hits[index] & 15, rule: hits[index] >> 4)
  }

  @inline(__always)
  mutating func removeHits() {
    storedHitCount = 0
    storedDecidingHit = Self.none
  }

  /// Adds the next table's hit; `decides` when it is the one that gives the verdict so far.
  @inline(__always)
  mutating func append(_ hit: Hit, decides: Bool) {
    hits[Int(storedHitCount)] = hit.rule << 4 | hit.table
    if decides { storedDecidingHit = storedHitCount }
    storedHitCount += 1
  }
}
