/// A DMN model: the decisions of one file and what they need. A plain value.
public struct DecisionModel: Sendable, Equatable {
  public var id: String?
  public var name: String
  /// The model's own namespace (`namespace` of `definitions`).
  public var namespace: String
  public var itemDefinitions: [ItemDefinition] = []
  public var inputs: [InputData] = []
  public var decisions: [Decision] = []
  public var knowledgeModels: [KnowledgeModel] = []
  public var services: [DecisionService] = []

  public init(id: String? = nil, name: String, namespace: String) {
    self.id = id
    self.name = name
    self.namespace = namespace
  }
}

/// A named type: of another one with constraints, a structure, or a list of either.
public struct ItemDefinition: Sendable, Equatable {
  public var id: String?
  public var name: String
  /// What it is based on: a FEEL type or another item definition. nil where there are components.
  public var typeRef: String?
  public var isCollection = false
  /// Unary tests that a value (of a collection: each element) has to pass.
  public var allowedValues: SourceText?
  /// As `allowedValues`, but of the whole value, also of a collection (DMN 1.5).
  public var typeConstraint: SourceText?
  public var components: [ItemDefinition] = []
  public var functionItem: FunctionItem?
  public var position = SourcePosition()

  public init(name: String, typeRef: String? = nil) {
    self.name = name
    self.typeRef = typeRef
  }
}

/// The signature of a function type.
public struct FunctionItem: Sendable, Equatable {
  public var outputTypeRef: String?
  public var parameters: [Parameter] = []

  public init() {}
}

/// Something a caller gives.
public struct InputData: Sendable, Equatable {
  public var id: String
  public var name: String
  /// The name expressions use; usually `name`.
  public var variableName: String
  public var typeRef: String?
  public var position = SourcePosition()

  public init(id: String, name: String, typeRef: String? = nil) {
    self.id = id
    self.name = name
    self.variableName = name
    self.typeRef = typeRef
  }
}

/// What decides: an expression and what it requires.
public struct Decision: Sendable, Equatable {
  public var id: String
  public var name: String
  /// The name other decisions use; usually `name`.
  public var variableName: String
  public var typeRef: String?
  public var description: String?
  public var question: String?
  public var allowedAnswers: String?
  public var requirements = Requirements()
  public var expression: BoxedExpression?
  public var extensions: [ModelExtension] = []
  public var position = SourcePosition()

  public init(id: String, name: String, typeRef: String? = nil) {
    self.id = id
    self.name = name
    self.variableName = name
    self.typeRef = typeRef
  }

  /// The table, where the decision is one.
  public var table: DecisionTable? {
    if case .table(let table) = expression?.kind { table } else { nil }
  }
}

/// Ids of what a decision or a knowledge model requires, in file order.
public struct Requirements: Sendable, Equatable {
  public var inputs: [String] = []
  public var decisions: [String] = []
  public var knowledge: [String] = []

  public init() {}
}

/// A named function that decisions share.
public struct KnowledgeModel: Sendable, Equatable {
  public var id: String
  public var name: String
  public var variableName: String
  public var typeRef: String?
  public var requirements = Requirements()
  public var function: FunctionDefinition?
  /// The type of the function expression, beside that of the variable.
  public var functionTypeRef: String?
  public var position = SourcePosition()

  public init(id: String, name: String) {
    self.id = id
    self.name = name
    self.variableName = name
  }
}

/// Decisions that can be called as a function of other decisions and inputs. All are ids.
public struct DecisionService: Sendable, Equatable {
  public var id: String
  public var name: String
  public var variableName: String
  public var typeRef: String?
  public var outputDecisions: [String] = []
  public var encapsulatedDecisions: [String] = []
  public var inputDecisions: [String] = []
  public var inputData: [String] = []
  public var position = SourcePosition()

  public init(id: String, name: String) {
    self.id = id
    self.name = name
    self.variableName = name
  }
}
