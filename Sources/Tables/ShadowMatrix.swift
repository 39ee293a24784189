import Wire

/// How often a candidate table and what it runs beside said what: verdict by verdict.
public struct ShadowMatrix: Equatable, Sendable {
  /// No rule, then the verdicts.
  /// A number at compile time: a stored one would be asked for by a call for each decision.
  public static var sideCount: Int { 1 + Int(Verdict.revoke.rawValue) }
  static var count: Int { sideCount * sideCount }

  /// Row by row of the live verdict, in each the candidate's.
  private let counts: [UInt64]
  /// The live table that it is a shadow of; `nil` for one of the whole chain.
  public let liveTable: String?

  init(_ counts: [UInt64], liveTable: String?) {
    precondition(counts.count == Self.count)
    self.counts = counts
    self.liveTable = liveTable
  }

  /// `nil` stands for no rule.
  public subscript(live live: Verdict?, shadow shadow: Verdict?) -> UInt64 {
    counts[Self.index(live, shadow)]
  }

  /// How many decisions it was compared in.
  public var total: UInt64 { counts.reduce(0, &+) }

  /// In how many of them it said what the live side said.
  public var equal: UInt64 {
    (0..<Self.sideCount).reduce(0) { $0 &+ counts[$1 * Self.sideCount + $1] }
  }

  @inline(__always)
  static func index(of outcome: ShadowOutcome) -> Int { index(outcome.live, outcome.shadow) }

  @inline(__always)
  private static func index(_ live: Verdict?, _ shadow: Verdict?) -> Int {
    side(live) &* sideCount &+ side(shadow)
  }

  @inline(__always)
  private static func side(_ verdict: Verdict?) -> Int { verdict.map { Int($0.rawValue) } ?? 0 }
}
