/// What an element of the DMN standard, of any version that is read, may hold.
///
/// Elements that say nothing to a reader that evaluates (diagrams, knowledge sources, who owns a decision)
/// have no grammar: they are passed over with all that stands in them.
struct ElementGrammar {
  /// Beside `id` and `label`, which every element may have.
  let attributes: Set<String>
  /// Elements that may stand there once.
  let once: Set<String>
  /// Elements that may stand there any number of times.
  let many: Set<String>
  /// Whether expressions stand beside these; whoever reads them refuses what is none.
  let holdsExpressions: Bool

  private init(
    _ attributes: [String] = [], once: [String] = [], many: [String] = [], expressions: Bool = false
  ) {
    self.attributes = Set(attributes + ["id", "label"])
    self.once = Set(once)
    self.many = Set(many + ["description", "extensionElements"])
    holdsExpressions = expressions
  }

  /// Of an element that holds character data and nothing else.
  private init(characters: Void) {
    attributes = ["id", "label"]
    once = []
    many = []
    holdsExpressions = false
  }

  func isPart(_ name: String) -> Bool { once.contains(name) || many.contains(name) }

  /// The elements whose character data means something; elsewhere it is indentation.
  static let textElements: Set<String> = [
    "text", "description", "question", "allowedAnswers", "typeRef",
  ]

  private static let characters = ElementGrammar(characters: ())
  private static let reference = ElementGrammar(["href"])
  private static let variable = ElementGrammar(["name", "typeRef"])
  private static let text = ElementGrammar(["typeRef", "expressionLanguage"], once: ["text"])
  private static let child = ElementGrammar(["typeRef"], expressions: true)
  private static let function = ElementGrammar(
    ["typeRef", "kind"], many: ["formalParameter"], expressions: true)
  private static let type = ElementGrammar(
    ["name", "typeRef", "typeLanguage", "isCollection"],
    once: ["typeRef", "allowedValues", "typeConstraint", "functionItem"], many: ["itemComponent"])
  private static let quantified = ElementGrammar(
    ["typeRef", "iteratorVariable"], once: ["in", "satisfies"])

  /// By the element's name.
  static let all: [String: ElementGrammar] = [
    "definitions": ElementGrammar(
      ["name", "namespace", "expressionLanguage", "typeLanguage", "exporter", "exporterVersion"],
      many: [
        "import", "itemDefinition", "inputData", "decision", "businessKnowledgeModel",
        "decisionService", "knowledgeSource", "performanceIndicator", "organizationUnit",
        "businessContextElement", "elementCollection", "textAnnotation", "association", "group",
      ]),
    "itemDefinition": type, "itemComponent": type,
    "functionItem": ElementGrammar(["outputTypeRef"], many: ["parameters"]),
    "allowedValues": text, "typeConstraint": text,
    // Of the model, and the reference that a decision service has.
    "inputData": ElementGrammar(["name", "href"], once: ["variable"]),
    "decision": ElementGrammar(
      ["name"], once: ["question", "allowedAnswers", "variable"],
      many: [
        "informationRequirement", "knowledgeRequirement", "authorityRequirement",
        "supportedObjective", "impactedPerformanceIndicator", "decisionMaker", "decisionOwner",
        "usingProcess", "usingTask",
      ], expressions: true),
    "businessKnowledgeModel": ElementGrammar(
      ["name"], once: ["variable", "encapsulatedLogic"],
      many: ["knowledgeRequirement", "authorityRequirement"]),
    "decisionService": ElementGrammar(
      ["name"], once: ["variable"],
      many: ["outputDecision", "encapsulatedDecision", "inputDecision", "inputData"]),
    "informationRequirement": ElementGrammar(once: ["requiredInput", "requiredDecision"]),
    "knowledgeRequirement": ElementGrammar(once: ["requiredKnowledge"]),
    "requiredInput": reference, "requiredDecision": reference, "requiredKnowledge": reference,
    "outputDecision": reference, "encapsulatedDecision": reference, "inputDecision": reference,
    "variable": variable, "parameter": variable, "parameters": variable, "formalParameter": variable,
    "column": variable,
    "encapsulatedLogic": function, "functionDefinition": function,
    "literalExpression": ElementGrammar(
      ["typeRef", "expressionLanguage"], once: ["text", "importedValues"]),
    "context": ElementGrammar(["typeRef"], many: ["contextEntry"]),
    "contextEntry": ElementGrammar(once: ["variable"], expressions: true),
    "invocation": ElementGrammar(["typeRef"], many: ["binding"], expressions: true),
    "binding": ElementGrammar(once: ["parameter"], expressions: true),
    "list": child, "row": child,
    "relation": ElementGrammar(["typeRef"], many: ["column", "row"]),
    "conditional": ElementGrammar(["typeRef"], once: ["if", "then", "else"]),
    "filter": ElementGrammar(["typeRef"], once: ["in", "match"]),
    "for": ElementGrammar(["typeRef", "iteratorVariable"], once: ["in", "return"]),
    "some": quantified, "every": quantified,
    "if": child, "then": child, "else": child, "in": child, "match": child, "return": child,
    "satisfies": child,
    "decisionTable": ElementGrammar(
      ["typeRef", "hitPolicy", "aggregation", "preferredOrientation", "outputLabel"],
      many: ["input", "output", "annotation", "rule"]),
    "input": ElementGrammar(once: ["inputExpression", "inputValues"]),
    "output": ElementGrammar(["name", "typeRef"], once: ["outputValues", "defaultOutputEntry"]),
    "annotation": ElementGrammar(["name"]),
    "rule": ElementGrammar(many: ["inputEntry", "outputEntry", "annotationEntry"]),
    "inputExpression": text, "inputValues": text, "outputValues": text, "defaultOutputEntry": text,
    "inputEntry": text, "outputEntry": text, "annotationEntry": ElementGrammar(once: ["text"]),
    "text": characters, "description": characters, "question": characters,
    "allowedAnswers": characters, "typeRef": characters,
  ]
}
