/// What one table had to do with a decision, for a request that asked (proto-spec 5.4).
public struct DecisionPart: Equatable, Sendable {
  /// How far the table's verdict counted.
  public enum Standing: String, CaseIterable, Sendable {
    /// The reply's verdict, rule and version are this table's.
    case decided
    /// It counted, and another table's was as strong and earlier, or stronger.
    case enforced
    /// It did not count: the table, the rule or a canary is not enforced for this login.
    case watched
  }

  public var table: String
  public var standing: Standing
  /// What the table said by itself.
  public var verdict: Verdict
  /// The rule that said it, counted from 1 in the table; 0 for the table's default rule.
  public var rule: UInt32
  /// Empty where the rule has no name.
  public var ruleName: String
  /// Digest of the table's source.
  public var tableVersion: UInt64

  public init(
    table: String, standing: Standing, verdict: Verdict, rule: UInt32, ruleName: String = "",
    tableVersion: UInt64
  ) {
    self.table = table
    self.standing = standing
    self.verdict = verdict
    self.rule = rule
    self.ruleName = ruleName
    self.tableVersion = tableVersion
  }

  /// Reads an output; `nil` for what is no part, or one that a later server writes in other words.
  public init?(_ output: DecisionReply.Output) {
    let words = output.value.split(
      separator: " ", maxSplits: 5, omittingEmptySubsequences: false)
    guard output.kind == .part, words.count >= 5, let standing = Standing(rawValue: String(words[1])),
      let verdict = Verdict(name: words[2]), let rule = UInt32(words[3]), words[4].utf8.count == 16,
      let version = UInt64(words[4], radix: 16)
    else { return nil }
    self.init(
      table: String(words[0]), standing: standing, verdict: verdict, rule: rule,
      ruleName: words.count > 5 ? String(words[5]) : "", tableVersion: version)
  }
}

extension DecisionReply {
  /// The part of each table that had one, in the order of the chain; empty where it was not asked for.
  public var parts: [DecisionPart] { outputs.compactMap(DecisionPart.init) }
}

extension ByteWriter {
  /// Appends one part as an output: names of at most 4,096 bytes each, the table's without spaces.
  /// Without allocation.
  public mutating func appendPart(
    table: Span<UInt8>, _ standing: DecisionPart.Standing, _ verdict: Verdict, rule: UInt32,
    ruleName: Span<UInt8>, version: UInt64
  ) {
    let start = count
    append(OutputKind.part.rawValue)
    append(UInt8(0))
    append(UInt16(0))
    let valueStart = count
    append(table)
    append(UInt8(ascii: " "))
    append(standing.rawValue)
    append(UInt8(ascii: " "))
    append(verdict.name)
    append(UInt8(ascii: " "))
    append(decimal: UInt64(rule))
    append(UInt8(ascii: " "))
    append(hexadecimal: version)
    if ruleName.count > 0 {
      append(UInt8(ascii: " "))
      append(ruleName)
    }
    store(UInt16(count - valueStart), at: start + 2)
  }
}
