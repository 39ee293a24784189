import Wire

/// One row of a table.
public struct Rule: Equatable, Sendable {
  /// The name of a table's default rule.
  public static let defaultName = "default"

  /// Empty where it has none.
  public var name: String
  /// Counted from 1; 0 for the default rule.
  public var number: Int
  /// One for each input of the table.
  public var cells: [UnaryTests]
  public var verdict: Verdict
  /// In the order of the table's columns, without those that the rule says nothing of.
  public var outputs: [DecisionReply.Output]
  /// How far its verdict counts, where that is less than the table's; `nil`: as the table's. A rule
  /// that is `off` is as if it were not there; one that is not enforced is counted, and the search
  /// for the verdict goes on behind it.
  public var mode: Mode?
  /// Whom it is enforced for; `nil`: all that the table is.
  public var canary: Canary?
  /// For people; has no part in decisions.
  public var comment: String
  public var location: SourceLocation

  public init(
    name: String = "", number: Int, cells: [UnaryTests], verdict: Verdict,
    outputs: [DecisionReply.Output] = [], mode: Mode? = nil, canary: Canary? = nil,
    comment: String = "", location: SourceLocation = SourceLocation(line: 1, column: 1)
  ) {
    self.name = name
    self.number = number
    self.cells = cells
    self.verdict = verdict
    self.outputs = outputs
    self.mode = mode
    self.canary = canary
    self.comment = comment
    self.location = location
  }

  /// As diagnostics call it: "rule `name` (line 12)".
  var label: String {
    "rule \(name.isEmpty ? String(number) : "`\(name)`") (line \(location.line))"
  }
}
