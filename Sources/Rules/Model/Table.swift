import Signals
import Wire

/// A decision table as its source says it: read and typed, not compiled.
public struct Table: Sendable {
  /// LIMIT: a table's and a rule's name travel in reply headers and metrics labels.
  public static let nameByteCountMax = Limits.nameByteCount

  /// The place in a chain of a table that does not say its own.
  public static let orderDefault = 100
  /// The verdict for late requests of a table that does not say its own.
  public static let onLateDefault = Verdict.mfa

  /// The source's path, as diagnostics name it.
  public var file: String
  public var name: String
  /// The first heading; empty where there is none.
  public var title: String
  public var tenant: String
  public var trigger: String
  /// Place in the chain of its trigger, lowest first.
  public var order: Int
  public var hitPolicy: HitPolicy
  public var mode: Mode
  /// The verdict when a request's budget runs out before its turn.
  public var onLate: Verdict
  /// Digest of the source; never 0.
  public var version: UInt64
  /// The signals of the input columns, no two the same.
  public var inputs: [Signal]
  public var rules: [Rule]
  public var examples: [Example]
  /// Of the `## Rules` heading, or the first line where there is none.
  public var location: SourceLocation

  public init(
    file: String, name: String, title: String = "", tenant: String = "", trigger: String,
    order: Int = Table.orderDefault, hitPolicy: HitPolicy, mode: Mode,
    onLate: Verdict = Table.onLateDefault, version: UInt64, inputs: [Signal],
    rules: [Rule], examples: [Example] = [],
    location: SourceLocation = SourceLocation(line: 1, column: 1)
  ) {
    self.file = file
    self.name = name
    self.title = title
    self.tenant = tenant
    self.trigger = trigger
    self.order = order
    self.hitPolicy = hitPolicy
    self.mode = mode
    self.onLate = onLate
    self.version = version
    self.inputs = inputs
    self.rules = rules
    self.examples = examples
    self.location = location
  }

  /// A deployment's own signals among the inputs.
  var customInputs: [Signal] { inputs.filter { $0.source == .custom } }
}

/// One row of a table.
public struct Rule: Sendable {
  /// Empty where it has none.
  public var name: String
  /// Counted from 1.
  public var number: Int
  /// One for each input of the table.
  public var cells: [UnaryTests]
  public var verdict: Verdict
  public var outputs: [DecisionReply.Output]
  public var location: SourceLocation

  public init(
    name: String = "", number: Int, cells: [UnaryTests], verdict: Verdict,
    outputs: [DecisionReply.Output] = [],
    location: SourceLocation = SourceLocation(line: 1, column: 1)
  ) {
    self.name = name
    self.number = number
    self.cells = cells
    self.verdict = verdict
    self.outputs = outputs
    self.location = location
  }

  /// As diagnostics call it: "rule `name` (line 12)".
  var label: String {
    "rule \(name.isEmpty ? String(number) : "`\(name)`") (line \(location.line))"
  }
}
