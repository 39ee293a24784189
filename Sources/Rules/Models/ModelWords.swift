/// The words that the Markdown form of a decision model is made of.
enum ModelWords {
  static let types = "## Types"
  static let inputs = "## Inputs"
  static let decision = "## Decision: "
  static let knowledge = "## Knowledge model: "
  static let service = "## Service: "

  static let id = "id"
  static let variable = "variable"
  static let type = "type"
  static let description = "description"
  static let question = "question"
  static let allowedAnswers = "allowed answers"
  static let requiresInput = "requires input"
  static let requiresDecision = "requires decision"
  static let requiresKnowledge = "requires knowledge"
  static let outputDecision = "output decision"
  static let encapsulatedDecision = "encapsulated decision"
  static let inputDecision = "input decision"
  static let inputData = "input data"

  static let resultType = "result type"
  static let expressionID = "expression id"
  static let form = "form"
  static let iterator = "iterator"
  static let hitPolicy = "hit policy"
  static let orientation = "orientation"
  static let outputLabel = "output label"

  static let head: Set<String> = [id, variable, type]
  static let requirements: Set<String> = [requiresInput, requiresDecision, requiresKnowledge]
  static let expression: Set<String> = [
    resultType, expressionID, form, iterator, hitPolicy, orientation, outputLabel,
  ]
}
