/// One output column of a table beside its verdict.
public struct OutputClause: Hashable, Sendable {
  public enum ValueType: String, CaseIterable, Sendable {
    case string
    case number
    case boolean
  }

  public var column: OutputColumn
  public var type: ValueType
  /// The only values that a rule may give, those of the highest priority first; empty where a rule
  /// may give any. Numbers as `decimalText` writes them.
  public var values: [String]

  public init(_ column: OutputColumn, type: ValueType = .string, values: [String] = []) {
    self.column = column
    self.type = type
    self.values = values
  }
}

extension OutputClause.ValueType {
  /// A value in the one spelling that its type has for it; `nil` for what is no value of the type.
  func canonical(_ text: String) -> String? {
    switch self {
    case .string: text
    case .number: decimalText(text)
    case .boolean: ["true", "false"].contains(text) ? text : nil
    }
  }
}
