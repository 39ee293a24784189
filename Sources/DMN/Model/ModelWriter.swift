/// Writes a model as DMN 1.5 XML. Equal models give equal text; reading it back gives an equal model.
///
/// What a reader does not keep is not written: diagrams, extensions of other tools, business context, and
/// expressions that are `unsupported`.
public struct ModelWriter {
  var xml = XMLText()

  public static func write(_ model: DecisionModel) -> String {
    var writer = ModelWriter()
    writer.definitions(model)
    return writer.xml.text
  }

  /// A text as XML's character data.
  public static func escaped(_ text: String) -> String { XMLText.escaped(text) }

  private mutating func definitions(_ model: DecisionModel) {
    let attributes: [XMLText.Attribute] = [
      ("xmlns", ModelReader.namespaces[4]),
      ("xmlns:postern", model.hasExtensions ? ModelExtension.namespace : nil),
      ("id", model.id), ("name", model.name), ("namespace", model.namespace),
    ]
    element("definitions", attributes) { writer in
      for item in model.itemDefinitions { writer.itemDefinition(item, as: "itemDefinition") }
      for input in model.inputs { writer.inputData(input) }
      for knowledge in model.knowledgeModels { writer.knowledgeModel(knowledge) }
      for decision in model.decisions { writer.decision(decision) }
      for service in model.services { writer.decisionService(service) }
    }
  }

  /// An element whose content this writer's own methods write.
  mutating func element(
    _ name: String, _ attributes: [XMLText.Attribute] = [], _ body: (inout ModelWriter) -> Void
  ) {
    xml.begin(name, attributes)
    body(&self)
    xml.end(name)
  }

  /// `<name><text>…</text></name>`, or nothing.
  mutating func textElement(
    _ name: String, _ text: SourceText?, _ attributes: [XMLText.Attribute] = []
  ) {
    guard let text else { return }
    element(name, attributes) { $0.xml.element("text", text: text.text) }
  }

  private mutating func optional(_ name: String, _ text: String?) {
    if let text { xml.element(name, text: text) }
  }

  private mutating func itemDefinition(_ item: ItemDefinition, as name: String) {
    let attributes: [XMLText.Attribute] = [
      ("id", item.id), ("name", item.name), ("isCollection", item.isCollection ? "true" : nil),
    ]
    element(name, attributes) { writer in
      writer.optional("typeRef", item.typeRef)
      writer.textElement("typeConstraint", item.typeConstraint)
      writer.textElement("allowedValues", item.allowedValues)
      for component in item.components { writer.itemDefinition(component, as: "itemComponent") }
      if let function = item.functionItem {
        writer.element("functionItem", [("outputTypeRef", function.outputTypeRef)]) { writer in
          for parameter in function.parameters { writer.parameter(parameter, as: "parameters") }
        }
      }
    }
  }

  mutating func parameter(_ parameter: Parameter, as name: String) {
    xml.element(name, [("name", parameter.name), ("typeRef", parameter.typeRef)])
  }

  private mutating func inputData(_ input: InputData) {
    element("inputData", [("id", input.id), ("name", input.name)]) { writer in
      writer.parameter(Parameter(name: input.variableName, typeRef: input.typeRef), as: "variable")
    }
  }

  private mutating func decision(_ decision: Decision) {
    element("decision", [("id", decision.id), ("name", decision.name)]) { writer in
      writer.optional("description", decision.description)
      writer.extensions(decision.extensions)
      writer.optional("question", decision.question)
      writer.optional("allowedAnswers", decision.allowedAnswers)
      writer.parameter(
        Parameter(name: decision.variableName, typeRef: decision.typeRef), as: "variable")
      writer.requirements(decision.requirements)
      if let expression = decision.expression { writer.expression(expression) }
    }
  }

  private mutating func requirements(_ requirements: Requirements) {
    for id in requirements.inputs { requirement("informationRequirement", "requiredInput", id) }
    for id in requirements.decisions {
      requirement("informationRequirement", "requiredDecision", id)
    }
    for id in requirements.knowledge {
      requirement("knowledgeRequirement", "requiredKnowledge", id)
    }
  }

  private mutating func requirement(_ name: String, _ kind: String, _ id: String) {
    element(name) { $0.reference(kind, id) }
  }

  private mutating func reference(_ name: String, _ id: String) {
    xml.element(name, [("href", "#\(id)")])
  }

  private mutating func knowledgeModel(_ model: KnowledgeModel) {
    element("businessKnowledgeModel", [("id", model.id), ("name", model.name)]) { writer in
      writer.parameter(Parameter(name: model.variableName, typeRef: model.typeRef), as: "variable")
      if let function = model.function {
        writer.element("encapsulatedLogic", [("typeRef", model.functionTypeRef)]) { writer in
          writer.functionParts(function)
        }
      }
      writer.requirements(model.requirements)
    }
  }

  private mutating func decisionService(_ service: DecisionService) {
    element("decisionService", [("id", service.id), ("name", service.name)]) { writer in
      writer.parameter(
        Parameter(name: service.variableName, typeRef: service.typeRef), as: "variable")
      for id in service.outputDecisions { writer.reference("outputDecision", id) }
      for id in service.encapsulatedDecisions { writer.reference("encapsulatedDecision", id) }
      for id in service.inputDecisions { writer.reference("inputDecision", id) }
      for id in service.inputData { writer.reference("inputData", id) }
    }
  }
}
