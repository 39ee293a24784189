/// The share of users or sessions that a table or a rule is enforced for; for the rest it is
/// audited.
///
/// Who is in it is a matter of a stable hash of the key: one user sees one behaviour, and who is in
/// at 5 % is still in at 10 %.
public struct Canary: Hashable, Sendable {
  public enum Key: String, CaseIterable, Sendable {
    case user = "user.id"
    case session = "session.id"
  }

  /// LIMIT: a hundredth of a percent is the smallest share.
  public static let basisPointsMax = 10_000

  /// Hundredths of a percent, 1 to 10,000.
  public var basisPoints: Int
  public var key: Key

  public init(basisPoints: Int, key: Key = .user) {
    self.basisPoints = basisPoints
    self.key = key
  }
}

/// What a candidate table runs beside, on all traffic, without a say in the verdict.
public enum Shadow: Hashable, Sendable {
  /// LIMIT: candidates of a chain; they share one pass with the live tables.
  public static let countMax = 8

  /// The whole chain.
  case ofChain
  /// The live table of that name, whose verdicts it is compared with.
  case ofTable(String)
}
