import Signals
import Wire

/// A decision table as its source says it: read and typed, not compiled.
public struct Table: Equatable, Sendable {
  /// LIMIT: a table's and a rule's name travel in reply headers and metrics labels.
  public static let nameByteCountMax = Limits.nameByteCount

  /// The place in a chain of a table that does not say its own.
  public static let orderDefault = 100
  /// The verdict for late requests of a table that does not say its own.
  public static let onLateDefault = Verdict.mfa
  /// LIMIT: a table that may take longer than a second needs no budget.
  public static let budgetNanosecondsMax = 1_000_000_000

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
  /// Whom the table is enforced for; `nil`: all.
  public var canary: Canary?
  /// Set for a candidate that runs beside live tables.
  public var shadow: Shadow?
  /// The verdict when a request's budget runs out before its turn.
  public var onLate: Verdict
  /// The longest that a decision by this table may take, in the worst case.
  public var budgetNanoseconds: Int?
  /// Where the source says so.
  public var budgetLocation: SourceLocation?
  /// Digest of the source and of the lists that it names; never 0.
  public var version: UInt64
  /// The lists that cells may name, in the order of the source.
  public var lists: [ListDeclaration]
  /// The signals of the input columns, no two the same.
  public var inputs: [Signal]
  /// By input, the only values that it may have; `nil` for any. Of a decision model's table alone, and
  /// then only for its analysis; empty otherwise.
  var allowedInputs: [UnaryTests?] = []
  /// By input, what its numbers mean; of a decision model's table alone, as above.
  var inputScales: [NumberScale] = []
  /// What it makes of the rules that match; of a decision model's table alone, as above.
  var answering: ModelAnswering?
  /// The only verdicts that a rule may give, those of the highest priority first; empty where a
  /// rule may give any.
  public var verdictValues: [Verdict]
  /// The output columns, in the order of the source.
  public var outputs: [OutputClause]
  /// Where the source names each of them; empty for a table without a source.
  public var outputLocations: [SourceLocation] = []
  public var rules: [Rule]
  /// What applies when no rule matches, as a rule of number 0 that matches everything.
  public var defaultRule: Rule?
  public var examples: [Example]
  /// Of the `## Rules` heading, or the first line where there is none.
  public var location: SourceLocation

  public init(
    file: String, name: String, title: String = "", tenant: String = "", trigger: String,
    order: Int = Table.orderDefault, hitPolicy: HitPolicy, mode: Mode, canary: Canary? = nil,
    shadow: Shadow? = nil, onLate: Verdict = Table.onLateDefault, budgetNanoseconds: Int? = nil,
    budgetLocation: SourceLocation? = nil,
    version: UInt64, lists: [ListDeclaration] = [], inputs: [Signal],
    verdictValues: [Verdict] = [], outputs: [OutputClause] = [],
    rules: [Rule], defaultRule: Rule? = nil, examples: [Example] = [],
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
    self.canary = canary
    self.shadow = shadow
    self.onLate = onLate
    self.budgetNanoseconds = budgetNanoseconds
    self.budgetLocation = budgetLocation
    self.version = version
    self.lists = lists
    self.inputs = inputs
    self.verdictValues = verdictValues
    self.outputs = outputs
    self.rules = rules
    self.defaultRule = defaultRule
    self.examples = examples
    self.location = location
  }

  /// Whether it is a decision model's table as an analysis takes it: no trigger runs it.
  var isOfModel: Bool { trigger.isEmpty }

  /// How messages call an output: of a model, by the model's name for it.
  func outputName(_ text: String) -> String {
    isOfModel ? OutputColumn(text)?.name ?? text : text
  }

  /// A deployment's own signals among the inputs.
  var customInputs: [Signal] { inputs.filter { $0.source == .custom } }
}
