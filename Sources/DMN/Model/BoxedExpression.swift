/// An expression of the DMN standard: FEEL text, or one of the boxed forms.
public struct BoxedExpression: Sendable, Equatable {
  public var id: String?
  /// The type the result is made to fit; nil where any will do.
  public var typeRef: String?
  public var kind: Kind
  public var position: SourcePosition

  public init(
    _ kind: Kind, typeRef: String? = nil, id: String? = nil,
    at position: SourcePosition = SourcePosition()
  ) {
    self.id = id
    self.typeRef = typeRef
    self.kind = kind
    self.position = position
  }

  public indirect enum Kind: Sendable, Equatable {
    case literal(SourceText)
    case table(DecisionTable)
    case context([ContextEntry])
    case invocation(called: BoxedExpression, bindings: [Binding])
    case function(FunctionDefinition)
    case list([BoxedExpression])
    case relation(columns: [Parameter], rows: [[BoxedExpression]])
    case conditional(condition: BoxedExpression, then: BoxedExpression, otherwise: BoxedExpression)
    case filter(list: BoxedExpression, match: BoxedExpression)
    case iteration(Iteration)
    /// An element that cannot be evaluated; the reader has a problem for it.
    case unsupported(element: String)
  }
}

/// A line of a boxed context. The one without a name is the context's result.
public struct ContextEntry: Sendable, Equatable {
  public var name: String?
  public var typeRef: String?
  public var expression: BoxedExpression

  public init(name: String?, typeRef: String? = nil, expression: BoxedExpression) {
    self.name = name
    self.typeRef = typeRef
    self.expression = expression
  }
}

/// A parameter of an invocation and what it is given.
public struct Binding: Sendable, Equatable {
  public var parameter: Parameter
  public var expression: BoxedExpression

  public init(parameter: Parameter, expression: BoxedExpression) {
    self.parameter = parameter
    self.expression = expression
  }
}

/// A name with a type: a formal parameter, a column of a relation.
public struct Parameter: Sendable, Equatable {
  public var name: String
  public var typeRef: String?

  public init(name: String, typeRef: String? = nil) {
    self.name = name
    self.typeRef = typeRef
  }
}

/// A function: parameters and a body. Only functions of kind FEEL are evaluated.
public struct FunctionDefinition: Sendable, Equatable {
  public var parameters: [Parameter]
  public var body: BoxedExpression

  public init(parameters: [Parameter], body: BoxedExpression) {
    self.parameters = parameters
    self.body = body
  }
}

/// `for`, `some` and `every` as boxed expressions.
public struct Iteration: Sendable, Equatable {
  public enum Form: String, Sendable { case `for`, some, every }

  public var form: Form
  public var variable: String
  public var domain: BoxedExpression
  /// What is returned for each element, or has to hold of it.
  public var body: BoxedExpression

  public init(form: Form, variable: String, domain: BoxedExpression, body: BoxedExpression) {
    self.form = form
    self.variable = variable
    self.domain = domain
    self.body = body
  }
}
