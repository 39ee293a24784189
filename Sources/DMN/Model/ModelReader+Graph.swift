/// The requirements graph: every id is there and stands for one element, and nothing requires itself.
extension ModelReader {
  mutating func checkGraph(of model: DecisionModel) {
    let nodes = GraphNode.all(of: model)
    var byID: [String: GraphNode] = [:]
    var decisionNames: Set<String> = []
    for node in nodes {
      element = node.name
      if byID.updateValue(node, forKey: node.id) != nil {
        element = nil
        report(
          at: node.position, "a second element with id `\(node.id)`; give each an id of its own")
      }
      if node.kind == .decision, !decisionNames.insert(node.name).inserted {
        report(
          at: node.position, "a second decision named `\(node.name)`; give each a name of its own")
      }
    }
    for node in nodes {
      element = node.name
      for (id, kinds) in node.required {
        if let found = byID[id], kinds.contains(found.kind) { continue }
        report(
          at: node.position,
          "`\(node.name)` requires `\(id)`, which is no \(kinds[0].rawValue) of this file; correct the `href`"
        )
      }
    }
    reportCycles(nodes, byID)
    element = nil
  }

  private mutating func reportCycles(_ nodes: [GraphNode], _ byID: [String: GraphNode]) {
    var done: Set<String> = []
    for start in nodes where !done.contains(start.id) {
      // A path from `start`, each step with the requirements that are still to be followed.
      var path: [(node: GraphNode, next: Int)] = [(start, 0)]
      var onPath: Set<String> = [start.id]
      while let (node, next) = path.last {
        guard next < node.required.count else {
          path.removeLast()
          onPath.remove(node.id)
          done.insert(node.id)
          continue
        }
        path[path.count - 1].next += 1
        guard let required = byID[node.required[next].id] else { continue }
        if onPath.contains(required.id) {
          let first = path.firstIndex { $0.node.id == required.id } ?? 0
          let names = path[first...].map { "`\($0.node.name)`" } + ["`\(required.name)`"]
          element = required.name
          report(
            at: required.position,
            "requirements in a circle: \(names.joined(separator: " requires ")); remove one of them"
          )
        } else if !done.contains(required.id) {
          path.append((required, 0))
          onPath.insert(required.id)
        }
      }
    }
  }
}

/// An element of the requirements graph.
struct GraphNode {
  enum Kind: String {
    case input = "input data"
    case decision
    case knowledge = "knowledge model"
    case service = "decision service"
  }

  var id: String
  var name: String
  var kind: Kind
  var position: SourcePosition
  /// Ids with what they may be.
  var required: [(id: String, kinds: [Kind])] = []

  static func all(of model: DecisionModel) -> [GraphNode] {
    var nodes = model.inputs.map {
      GraphNode(id: $0.id, name: $0.name, kind: .input, position: $0.position)
    }
    nodes += model.decisions.map {
      GraphNode(
        id: $0.id, name: $0.name, kind: .decision, position: $0.position,
        required: required($0.requirements))
    }
    nodes += model.knowledgeModels.map {
      GraphNode(
        id: $0.id, name: $0.name, kind: .knowledge, position: $0.position,
        required: required($0.requirements))
    }
    nodes += model.services.map { service in
      GraphNode(
        id: service.id, name: service.name, kind: .service, position: service.position,
        required: (service.outputDecisions + service.encapsulatedDecisions).map {
          ($0, [.decision])
        })
    }
    return nodes
  }

  private static func required(_ requirements: Requirements) -> [(id: String, kinds: [Kind])] {
    requirements.inputs.map { ($0, [.input]) } + requirements.decisions.map { ($0, [.decision]) }
      + requirements.knowledge.map { ($0, [.knowledge, .service]) }
  }
}
