/// What a caller can ask a model for: a decision, a decision service or a knowledge model.
public struct Invocable: Sendable {
  public var id: String
  public var name: String
  public var position: SourcePosition

  public init(_ decision: Decision) {
    self.init(id: decision.id, name: decision.name, position: decision.position)
  }

  init(id: String, name: String, position: SourcePosition) {
    self.id = id
    self.name = name
    self.position = position
  }
}

extension DecisionModel {
  /// All that a caller can ask for, decisions first.
  public var invocables: [Invocable] {
    decisions.map { Invocable($0) }
      + services.map { Invocable(id: $0.id, name: $0.name, position: $0.position) }
      + knowledgeModels.map { Invocable(id: $0.id, name: $0.name, position: $0.position) }
  }

  /// By its name or, where no name fits, its id. Blanks in a name count as one.
  public func invocable(named name: String) -> Invocable? {
    let normalized = ModelReader.normalized(name)
    let all = invocables
    return all.first { $0.name == normalized } ?? all.first { $0.id == name }
  }
}
