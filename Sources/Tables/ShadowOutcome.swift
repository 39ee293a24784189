import Wire

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
