/// Decisions, knowledge models and services.
extension ModelReader {
  mutating func decision(_ node: XMLNode) -> Decision {
    let name = name(of: node)
    var decision = Decision(id: node.attribute("id") ?? name, name: name)
    decision.position = node.position
    decision.description = node.text(ofChild: "description")
    decision.question = node.text(ofChild: "question")
    decision.allowedAnswers = node.text(ofChild: "allowedAnswers")
    let variable = node.child("variable")
    decision.variableName = variable?.attribute("name").map(Self.normalized) ?? name
    decision.typeRef = typeRef(variable?.attributes["typeRef"])
    decision.requirements = requirements(node)
    decision.extensions = node.extensions
    if operands(node).isEmpty {
      report(
        at: node.position, "the decision `\(name)` has no expression; it is null",
        severity: .warning)
    } else {
      decision.expression = only(node)
    }
    return decision
  }

  private mutating func requirements(_ node: XMLNode) -> Requirements {
    var requirements = Requirements()
    for requirement in node.children("informationRequirement") {
      let input = requirement.child("requiredInput")
      let decision = requirement.child("requiredDecision")
      if let input { requirements.inputs += reference(input) }
      if let decision { requirements.decisions += reference(decision) }
      if input == nil, decision == nil {
        report(
          at: requirement.position,
          "`informationRequirement` requires nothing; write `requiredInput` or `requiredDecision`")
      }
    }
    for requirement in node.children("knowledgeRequirement") {
      guard let knowledge = requirement.child("requiredKnowledge") else {
        report(
          at: requirement.position,
          "`knowledgeRequirement` requires nothing; write `requiredKnowledge`")
        continue
      }
      requirements.knowledge += reference(knowledge)
    }
    return requirements
  }

  /// The id that an `href` leads to; empty, with a problem, where it leads out of the file. What stands
  /// before the `#` may be the model's namespace or the file's name.
  private mutating func reference(_ node: XMLNode) -> [String] {
    guard let href = node.attributes["href"], !href.isEmpty else {
      report(at: node.position, "`\(node.name)` has no `href`; write `href=\"#id\"`")
      return []
    }
    guard let hash = href.lastIndex(of: "#") else { return [href] }
    let document = href[..<hash]
    if !document.isEmpty, document != namespace, document != file.split(separator: "/").last {
      report(
        at: node.position,
        "`\(href)` leads to another file, which is not read; write `href=\"#id\"` of an element of this one"
      )
      return []
    }
    return [String(href[href.index(after: hash)...])]
  }

  mutating func knowledgeModel(_ node: XMLNode) -> KnowledgeModel {
    let name = name(of: node)
    var model = KnowledgeModel(id: node.attribute("id") ?? name, name: name)
    model.position = node.position
    let variable = node.child("variable")
    model.variableName = variable?.attribute("name").map(Self.normalized) ?? name
    model.typeRef = typeRef(variable?.attributes["typeRef"])
    model.requirements = requirements(node)
    if let logic = node.child("encapsulatedLogic") {
      model.function = function(logic)
      model.functionTypeRef = typeRef(logic.attributes["typeRef"])
    } else {
      report(at: node.position, "knowledge model `\(name)` has no `encapsulatedLogic`; write one")
    }
    return model
  }

  mutating func decisionService(_ node: XMLNode) -> DecisionService {
    let name = name(of: node)
    var service = DecisionService(id: node.attribute("id") ?? name, name: name)
    service.position = node.position
    let variable = node.child("variable")
    service.variableName = variable?.attribute("name").map(Self.normalized) ?? name
    service.typeRef = typeRef(variable?.attributes["typeRef"])
    for child in node.children {
      switch child.name {
      case "outputDecision": service.outputDecisions += reference(child)
      case "encapsulatedDecision": service.encapsulatedDecisions += reference(child)
      case "inputDecision": service.inputDecisions += reference(child)
      case "inputData": service.inputData += reference(child)
      default: break
      }
    }
    return service
  }
}
