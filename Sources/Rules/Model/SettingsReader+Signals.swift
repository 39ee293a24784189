import Signals

extension SettingsReader {
  /// The registry with the signals that the table declares.
  mutating func signals() -> SignalRegistry {
    var registry = SignalRegistry()
    guard let entry = frontMatter.entries.first(where: { $0.key.text == "signals" }) else {
      return registry
    }
    guard case .map(let declarations) = entry.value else {
      log.error(
        at: entry.key.location, "`signals` is lines of `name: type`, each indented by two spaces")
      return registry
    }
    for declaration in declarations { declare(declaration, in: &registry) }
    return registry
  }

  private mutating func declare(_ entry: FrontMatter.Entry, in registry: inout SignalRegistry) {
    let name = entry.key.text
    var types: [(name: String, type: SignalType, scale: SignalScale)] = []
    for type in SignalType.allCases where type != .enumeration { types.append((type.name, type, .plain)) }
    for scale in SignalScale.allCases where scale != .plain { types.append((scale.name, .number, scale)) }
    guard isName(name) else {
      log.error(
        at: entry.key.location,
        "`\(name)` is no signal's name; write letters, digits, `.`, `_` and `-`")
      return
    }
    guard case .scalar(let text) = entry.value,
      let declared = types.first(where: { $0.name == text.text })
    else {
      let list = types.map { "`\($0.name)`" }.joined(separator: ", ")
      var location = entry.key.location
      var hintText = ""
      if case .scalar(let text) = entry.value {
        location = text.location
        hintText = Self.typeHint(for: text.text, among: types.map(\.name))
      }
      log.error(at: location, "the type of `\(name)` is one of \(list)" + hintText)
      return
    }
    guard registry.declare(name, declared.type, declared.scale) else {
      // One that is declared twice has been reported as such.
      guard registry.customs[name] == nil else { return }
      log.error(
        at: entry.key.location,
        "`\(name)` is a signal of Postern's own, of type \(registry[name]?.typeName ?? "");"
          + " choose another name")
      return
    }
  }

  /// The type that a name is meant for: a column's `typeRef` has more spellings than a declaration.
  private static func typeHint(for name: String, among types: [String]) -> String {
    if suggestion(for: name, among: ["duration"]) != nil {
      return "; did you mean `\(SignalScale.seconds.name)` or `\(SignalScale.months.name)`?"
    }
    let spellings = ["dateTime", "dateAndTime", "dayTimeDuration", "yearMonthDuration"]
    guard let found = suggestion(for: name, among: types + spellings) else { return "" }
    return "; did you mean `\(SignalScale(typeRef: found)?.name ?? found)`?"
  }
}
