/// What the standard does not have where it stands: reported, and taken out of the tree, so that nothing
/// that is left is dropped without a word.
extension ModelReader {
  /// Holds an element and all inside against its grammar; a part of the model's faults are held against
  /// that part, and those of none against the file.
  mutating func prune(_ node: inout XMLNode) {
    guard let grammar = ElementGrammar.all[node.name] else { return }
    checkAttributes(of: node, grammar)
    checkText(of: node, grammar)
    let isRoot = node.name == "definitions"
    var strays: Set<Int> = []
    var seen: [String] = []
    for index in node.children.indices {
      let name = node.children[index].name
      let place = node.children[index].position
      guard grammar.isPart(name) || grammar.holdsExpressions && !XMLNode.isForeign(name) else {
        reportStray(name, in: node.name, at: place, grammar)
        strays.insert(index)
        continue
      }
      if isRoot { element = node.children[index].attributes["name"].map(Self.normalized) }
      if name == "extensionElements" {
        pruneExtensions(&node.children[index], of: node.name)
      } else {
        prune(&node.children[index])
      }
      if isRoot { element = nil }
      guard grammar.once.contains(name) else { continue }
      if seen.contains(name) { report(at: place, "a second `\(name)` of `\(node.name)`; remove one") }
      seen.append(name)
    }
    node.remove(strays)
  }

  private mutating func checkAttributes(of node: XMLNode, _ grammar: ElementGrammar) {
    for name in node.attributes.keys.filter({ !grammar.attributes.contains($0) }).sorted() {
      let local = name[(name.firstIndex(of: ":").map { name.index(after: $0) } ?? name.startIndex)...]
      let known = grammar.attributes.first { $0.lowercased() == local.lowercased() }
      report(
        at: node.position,
        "no attribute `\(name)` of `\(node.name)`; "
          + (known.map { "write `\($0)`" } ?? "correct the name or remove it"))
    }
    if let value = node.attributes["isCollection"], !["true", "false", "1", "0"].contains(value) {
      report(at: node.position, "`isCollection` is `\(value)`; write `true` or `false`")
    }
  }

  private mutating func checkText(of node: XMLNode, _ grammar: ElementGrammar) {
    if node.text.isEmpty || ElementGrammar.textElements.contains(node.name) { return }
    let mend = grammar.once.contains("text") ? "write it in `<text>…</text>`" : "remove it"
    report(at: node.position, "text between the parts of `\(node.name)`; \(mend)")
  }

  private mutating func reportStray(
    _ name: String, in outer: String, at position: SourcePosition, _ grammar: ElementGrammar
  ) {
    let known = grammar.once.union(grammar.many)
    if let (namespace, local) = XMLNode.foreign(name) {
      // The standard has no place for it, but what it is called does not make it a part of the model.
      let isOther = outer == "definitions" && !namespace.isEmpty && !DMNNamespace.isDMN(namespace)
      report(
        at: position,
        "no element `\(local)` of namespace `\(namespace)` in `\(outer)`; "
          + (known.contains(local)
            ? "write it in the namespace of `definitions`" : "remove it"),
        severity: isOther && !known.contains(local) ? .warning : .error)
    } else if name.hasPrefix(ModelExtension.prefix) {
      report(at: position, "`\(name)` stands in `\(outer)`; \(Self.extensionPlace)")
    } else {
      let near = known.first { $0.lowercased() == name.lowercased() }
      report(
        at: position,
        "no element `\(name)` in `\(outer)`; "
          + (near.map { "write `\($0)`" } ?? "correct the name or remove it"))
    }
  }

  private static let extensionPlace =
    "Postern's elements are read in the `extensionElements` of a decision or a rule: move it there"

  /// Holds `extensionElements` to what is read there; what belongs to other tools is in no tree.
  private mutating func pruneExtensions(_ node: inout XMLNode, of outer: String) {
    let areRead = outer == "decision" || outer == "rule"
    var strays: Set<Int> = []
    for index in node.children.indices {
      let name = node.children[index].name
      if !name.hasPrefix(ModelExtension.prefix) {
        reportInExtension(name, "extensionElements", at: node.children[index].position)
      } else if !areRead {
        report(
          at: node.children[index].position,
          "`\(name)` stands in the `extensionElements` of `\(outer)`; \(Self.extensionPlace)")
      } else {
        pruneExtension(&node.children[index])
        continue
      }
      strays.insert(index)
    }
    node.remove(strays)
  }

  private mutating func pruneExtension(_ node: inout XMLNode) {
    var strays: Set<Int> = []
    for index in node.children.indices {
      if node.children[index].name.hasPrefix(ModelExtension.prefix) {
        pruneExtension(&node.children[index])
      } else {
        reportInExtension(node.children[index].name, node.name, at: node.children[index].position)
        strays.insert(index)
      }
    }
    node.remove(strays)
  }

  private mutating func reportInExtension(
    _ name: String, _ outer: String, at position: SourcePosition
  ) {
    let (namespace, local) = XMLNode.foreign(name) ?? ("", name)
    let what = namespace.isEmpty ? "`\(local)`" : "`\(local)` of namespace `\(namespace)`"
    report(
      at: position,
      "no element \(what) in `\(outer)`; move it out, or write it in Postern's namespace")
  }
}

extension XMLNode {
  /// Whether a name is of another namespace than the file's own of DMN.
  static func isForeign(_ name: String) -> Bool {
    name.hasPrefix("{") || name.hasPrefix(ModelExtension.prefix)
  }

  /// The parts of a name `{namespace}local`, which stands for what is of neither DMN nor Postern.
  static func foreign(_ name: String) -> (namespace: String, local: String)? {
    guard name.hasPrefix("{"), let end = name.lastIndex(of: "}") else { return nil }
    return (String(name[..<end].dropFirst()), String(name[name.index(after: end)...]))
  }

  mutating func remove(_ indices: Set<Int>) {
    if indices.isEmpty { return }
    children = children.indices.filter { !indices.contains($0) }.map { children[$0] }
  }
}
