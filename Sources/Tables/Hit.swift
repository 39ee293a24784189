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
