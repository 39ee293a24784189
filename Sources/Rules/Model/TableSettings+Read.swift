import Signals
import Wire

extension TableSettings {
  private static let keys = [
    "name", "trigger", "tenant", "order", "hitPolicy", "mode", "onLate", "signals",
  ]

  /// Reads a front matter; what is wrong with it is reported.
  init(_ frontMatter: FrontMatter, defaultName: String, log: inout DiagnosticLog) {
    for entry in frontMatter.entries where !Self.keys.contains(entry.key.text) {
      let known = "; the settings are `" + Self.keys.joined(separator: "`, `") + "`"
      log.error(
        at: entry.key.location,
        "no setting `\(entry.key.text)`"
          + hint(for: entry.key.text, among: Self.keys, otherwise: known))
    }
    var reader = SettingsReader(frontMatter: frontMatter, log: log)
    let givenName = reader.name("name", mayBeEmpty: false)
    name = givenName ?? defaultName
    trigger = reader.name("trigger", mayBeEmpty: false, isRequired: true)
    tenant = reader.name("tenant", mayBeEmpty: true) ?? ""
    order = reader.order() ?? Table.orderDefault
    let policies = HitPolicy.allCases.map(\.rawValue)
    hitPolicy = reader.choice("hitPolicy", of: policies, isRequired: true, HitPolicy.init(name:))
    mode = reader.choice("mode", of: Mode.allCases.map(\.name), isRequired: true) { Mode(name: $0) }
    onLate =
      reader.choice("onLate", of: Verdict.allCases.map(\.name)) { Verdict(name: $0) }
      ?? Table.onLateDefault
    registry = reader.signals()
    log = reader.log
    if !isName(name) {
      log.error(
        at: frontMatter.location,
        "`\(name)`, from the file's name, is no name; set `name:` to letters, digits, `.`, `_` and"
          + " `-`"
      )
    }
  }
}

/// Whether a text can name a table, a rule, a trigger or a tenant on the wire.
func isName(_ text: String) -> Bool {
  !text.isEmpty && text.utf8.count <= Table.nameByteCountMax && text.utf8.allSatisfy(isNameByte)
}

/// Reads settings one by one, reporting what is wrong with each.
private struct SettingsReader {
  let frontMatter: FrontMatter
  var log: DiagnosticLog

  /// The text of a setting, `nil` when it is not there or not one value.
  mutating func scalar(_ key: String, isRequired: Bool = false, example: String) -> SourceText? {
    guard let entry = frontMatter.entries.first(where: { $0.key.text == key }) else {
      if isRequired {
        log.error(
          at: frontMatter.location, "no `\(key)` in the front matter; add `\(key): \(example)`")
      }
      return nil
    }
    guard case .scalar(let text) = entry.value else {
      log.error(at: entry.key.location, "`\(key)` is one value, as in `\(key): \(example)`")
      return nil
    }
    return text
  }

  mutating func name(_ key: String, mayBeEmpty: Bool, isRequired: Bool = false) -> String? {
    let example = key == "trigger" ? "post-login" : "example"
    guard let text = scalar(key, isRequired: isRequired, example: example) else { return nil }
    guard isName(text.text) || (mayBeEmpty && text.isEmpty) else {
      log.error(
        at: text.location,
        "`\(text.text)` is no name; write 1 to \(Table.nameByteCountMax) letters, digits, `.`,"
          + " `_` and `-`"
      )
      return nil
    }
    return text.text
  }

  mutating func order() -> Int? {
    guard let text = scalar("order", example: "100") else { return nil }
    guard let order = Int(text.text) else {
      log.error(
        at: text.location, "`\(text.text)` is no whole number; write one, as in `order: 100`")
      return nil
    }
    return order
  }

  mutating func choice<Choice>(
    _ key: String, of names: [String], isRequired: Bool = false, _ make: (String) -> Choice?
  ) -> Choice? {
    guard let text = scalar(key, isRequired: isRequired, example: names.joined(separator: "|"))
    else { return nil }
    guard let choice = make(text.text) else {
      let list = names.map { "`\($0)`" }.joined(separator: ", ")
      log.error(
        at: text.location,
        "`\(key)` is one of \(list); `\(text.text)` is not" + hint(for: text.text, among: names))
      return nil
    }
    return choice
  }

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
    let types = SignalType.allCases.filter { $0 != .enumeration }
    guard isName(name) else {
      log.error(
        at: entry.key.location,
        "`\(name)` is no signal's name; write letters, digits, `.`, `_` and `-`")
      return
    }
    guard case .scalar(let text) = entry.value,
      let type = types.first(where: { $0.name == text.text })
    else {
      let list = types.map { "`\($0.name)`" }.joined(separator: ", ")
      var location = entry.key.location
      var hintText = ""
      if case .scalar(let text) = entry.value {
        location = text.location
        hintText = hint(for: text.text, among: types.map(\.name))
      }
      log.error(at: location, "the type of `\(name)` is one of \(list)" + hintText)
      return
    }
    guard registry.declare(name, type) else {
      log.error(
        at: entry.key.location,
        "`\(name)` is a signal of Postern's own, of type \(registry[name]?.type.name ?? "");"
          + " choose another name")
      return
    }
  }
}
