import Wire

/// One row of a table's examples: an input and what the table must answer to it.
public struct Example: Equatable, Sendable {
  /// Empty where it has none.
  public var name: String
  /// Counted from 1.
  public var number: Int
  public var input: DecisionInput
  /// `nil`: no rule matches.
  public var verdict: Verdict?
  /// The name of the rule that must match, or its number; `nil` where the example does not say.
  public var rule: String?
  /// What the outputs must be; an empty value means that there is none. Where the table's outputs are
  /// lists, one entry for each element, in order, empty for null.
  public var outputs: [DecisionReply.Output]
  /// Where the input comes from; empty where the example does not say.
  public var source: String
  /// For people; has no part in the test.
  public var comment: String
  public var location: SourceLocation

  public init(
    name: String = "", number: Int, input: DecisionInput, verdict: Verdict?, rule: String? = nil,
    outputs: [DecisionReply.Output] = [], source: String = "", comment: String = "",
    location: SourceLocation = SourceLocation(line: 1, column: 1)
  ) {
    self.name = name
    self.number = number
    self.input = input
    self.verdict = verdict
    self.rule = rule
    self.outputs = outputs
    self.source = source
    self.comment = comment
    self.location = location
  }
}
