/// One output column of a table beside its verdict.
public struct OutputClause: Hashable, Sendable {
  public enum ValueType: String, CaseIterable, Sendable {
    case string
    case number
  }

  public var column: OutputColumn
  public var type: ValueType
  /// The only values that a rule may give, those of the highest priority first; empty where a rule
  /// may give any. Numbers as `numberText` writes them.
  public var values: [String]

  public init(_ column: OutputColumn, type: ValueType = .string, values: [String] = []) {
    self.column = column
    self.type = type
    self.values = values
  }
}
