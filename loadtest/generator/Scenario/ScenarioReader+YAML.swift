import Yams

/// Parts of a YAML document; what they are not is reported.
extension ScenarioReader {
  /// The values of a mapping by key; unknown keys are reported. `nil` when it is none.
  mutating func fields(of node: Node, _ known: [String]) -> [String: Node]? {
    guard let mapping = node.mapping else { return nil }
    var fields: [String: Node] = [:]
    for (key, value) in mapping {
      let name = key.string ?? "?"
      if known.contains(name) {
        fields[name] = value
      } else {
        refuse(key, "unknown key `\(name)`; the keys are \(known.joined(separator: ", "))")
      }
    }
    return fields
  }

  mutating func readText(_ node: Node?, or other: String?) -> String? {
    guard let node else { return other }
    guard let scalar = node.scalar else { return refuse(node, "this must be one text") }
    return scalar.string
  }

  mutating func readBoolean(_ node: Node?, _ name: String) -> Bool {
    guard let node else { return false }
    return node.bool ?? refuse(node, "`\(name)` is true or false") ?? false
  }

  /// Each entry of a mapping as one text; an entry with a list of values comes once for each.
  mutating func readPairs(_ node: Node?, _ name: String, separator: String) -> [String] {
    guard let node else { return [] }
    guard let mapping = node.mapping else {
      refuse(node, "`\(name)` is a mapping of names to values")
      return []
    }
    var pairs: [String] = []
    for (key, value) in mapping {
      let values = separator == ": " ? value.sequence.map(Array.init) ?? [value] : [value]
      for value in values {
        let text = value.scalar?.string ?? value.sequence?.compactMap(\.string).joined(separator: ",")
        if let text {
          pairs.append((key.string ?? "") + separator + text)
        } else {
          refuse(value, "this must be one text or a list of texts")
        }
      }
    }
    return pairs
  }

  /// The key of a mapping that an element of `pairs` came from.
  func entry(_ index: Int, of node: Node?) -> Node? {
    let keys = node?.mapping?.flatMap { key, value in
      [Node](repeating: key, count: max(1, value.sequence?.count ?? 1))
    }
    return keys.flatMap { index < $0.count ? $0[index] : $0.last }
  }

  static func line(of error: any Error, file: String) -> String {
    if case .scanner(_, let problem, let mark, _)? = error as? YamlError {
      return "\(file):\(mark.line):\(mark.column): error: no YAML: \(problem)"
    }
    if case .parser(_, let problem, let mark, _)? = error as? YamlError {
      return "\(file):\(mark.line):\(mark.column): error: no YAML: \(problem)"
    }
    return "\(file):1:1: error: no YAML: \("\(error)".split(separator: "\n").joined(separator: " "))"
  }
}
