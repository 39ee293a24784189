/// A decision table as the file writes it: every cell is text, with its place.
public struct DecisionTable: Sendable, Equatable {
  public var hitPolicy: HitPolicy
  /// Only with COLLECT; nil collects a plain list.
  public var aggregation: Aggregation?
  public var orientation: String?
  public var outputLabel: String?
  public var inputs: [InputClause] = []
  public var outputs: [OutputClause] = []
  /// The names of the annotation columns.
  public var annotations: [String] = []
  public var rules: [Rule] = []

  public init(hitPolicy: HitPolicy = .unique, aggregation: Aggregation? = nil) {
    self.hitPolicy = hitPolicy
    self.aggregation = aggregation
  }

  /// The raw values are DMN's own.
  public enum HitPolicy: String, Sendable, CaseIterable {
    case unique = "UNIQUE"
    case any = "ANY"
    case priority = "PRIORITY"
    case first = "FIRST"
    case ruleOrder = "RULE ORDER"
    case outputOrder = "OUTPUT ORDER"
    case collect = "COLLECT"
  }

  /// The raw values are DMN's own.
  public enum Aggregation: String, Sendable, CaseIterable {
    case sum = "SUM"
    case min = "MIN"
    case max = "MAX"
    case count = "COUNT"
  }

  /// A column that is tested.
  public struct InputClause: Sendable, Equatable {
    public var id: String?
    public var label: String?
    /// FEEL; its value is what the cells test.
    public var expression: SourceText
    public var typeRef: String?
    /// Unary tests that the value has to pass (`inputValues`).
    public var allowedValues: SourceText?
    public var position = SourcePosition()

    public init(expression: SourceText, typeRef: String? = nil) {
      self.expression = expression
      self.typeRef = typeRef
    }
  }

  /// A column that is concluded.
  public struct OutputClause: Sendable, Equatable {
    public var id: String?
    /// Needed where there are several outputs: the key of the result.
    public var name: String?
    public var label: String?
    public var typeRef: String?
    /// The values the column may take, highest priority first (`outputValues`).
    public var allowedValues: SourceText?
    /// FEEL; the value when no rule matches.
    public var defaultEntry: SourceText?
    public var position = SourcePosition()

    public init(name: String? = nil, typeRef: String? = nil) {
      self.name = name
      self.typeRef = typeRef
    }
  }

  /// A row. `inputEntries` and `outputEntries` have one entry per clause, in clause order.
  public struct Rule: Sendable, Equatable {
    public var id: String?
    public var description: String?
    /// Unary tests.
    public var inputEntries: [SourceText]
    /// FEEL expressions.
    public var outputEntries: [SourceText]
    /// Types of output entries that are others than those of their outputs; empty where there are none.
    public var outputTypeRefs: [String?] = []
    public var annotations: [String]
    public var extensions: [ModelExtension] = []
    public var position = SourcePosition()

    public init(inputEntries: [SourceText], outputEntries: [SourceText], annotations: [String] = [])
    {
      self.inputEntries = inputEntries
      self.outputEntries = outputEntries
      self.annotations = annotations
    }
  }
}
