/// The names that an expression sees.
struct Sight {
  /// Those of several words, for the parser.
  private(set) var known: KnownNames
  /// The types that all of them are declared with, by canonical name; nil for any.
  private var typeRefs: [String: String?] = [:]
  /// How grave a name is that nothing has: a warning where the caller alone may know it, nil where it may be
  /// a component's.
  private(set) var undeclared: DMNProblem.Severity?

  init(_ known: KnownNames, undeclared: DMNProblem.Severity? = nil) {
    self.known = known
    self.undeclared = undeclared
  }

  mutating func insert(_ name: String, typeRef: String? = nil) {
    known.insert(name)
    typeRefs[KnownNames.canonical(name)] = .some(typeRef)
  }

  /// The components of a list's elements, whatever those are.
  mutating func addMembers(_ names: KnownNames) {
    known.formUnion(names)
    undeclared = nil
  }

  func sees(_ name: String) -> Bool { typeRefs[name] != nil || Builtins.functions[name] != nil }

  /// Whether a name is that of a function of the standard's, and of nothing of the model.
  func isBuiltin(_ name: String) -> Bool { typeRefs[name] == nil && Builtins.functions[name] != nil }

  func typeRef(of name: String) -> String? { typeRefs[name] ?? nil }
}
