import Wire

/// What a chain of tables says of one vector of signals. The hits behind it are the evaluator's.
public struct Decision: BitwiseCopyable, Equatable, Sendable {
  /// What the caller is told to do.
  public internal(set) var verdict: Verdict
  /// What it would be told if every audit and advisory table were enforced.
  public internal(set) var wouldBe: Verdict
  /// The mode of the deciding table, or the strongest mode in the chain where none decided.
  public internal(set) var mode: Mode
  public var flags: ReplyFlags
  private var storedDecidingHit = UInt32.max

  /// A verdict that no rule gave.
  public init(_ verdict: Verdict, wouldBe: Verdict? = nil, mode: Mode, flags: ReplyFlags) {
    self.verdict = verdict
    self.wouldBe = wouldBe ?? verdict
    self.mode = mode
    self.flags = flags
  }

  /// Index of the hit that gave the verdict; `nil` when no enforced rule had one.
  public internal(set) var decidingHit: Int? {
    @inline(__always) get { storedDecidingHit == .max ? nil : Int(storedDecidingHit) }
    @inline(__always) set { storedDecidingHit = newValue.map(UInt32.init(truncatingIfNeeded:)) ?? .max }
  }
}
