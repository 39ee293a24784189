import Signals
import Wire

/// Reads settings one by one, reporting what is wrong with each.
struct SettingsReader {
  let frontMatter: FrontMatter
  var log: DiagnosticLog

  /// The text of a setting, `nil` when it is not there or not one value.
  mutating func scalar(_ key: String, isRequired: Bool = false, example: String) -> SourceText? {
    guard let entry = frontMatter.entries.first(where: { $0.key.text == key }) else {
      if isRequired {
        log.error(
          at: frontMatter.location,
          frontMatter.isXML
            ? "no `\(key)`; add `\(key)=\"\(example)\"` to the decision's `postern:table`"
            : "no `\(key)` in the front matter; add `\(key): \(example)`")
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

  mutating func mode(isRequired: Bool) -> ModeText? {
    let example = Mode.allCases.map(\.name).joined(separator: "|")
    guard let text = scalar("mode", isRequired: isRequired, example: example) else { return nil }
    if let mode = ModeText(text.text) { return mode }
    log.error(at: text.location, unknownMode(text.text))
    return nil
  }

  mutating func budget() -> (nanoseconds: Int, location: SourceLocation)? {
    guard let text = scalar("budget", example: "1us") else { return nil }
    if let nanoseconds = durationNanoseconds(text.text) { return (nanoseconds, text.location) }
    log.error(
      at: text.location,
      "`\(text.text)` is no budget of a decision; write one up to"
        + " \(durationText(Table.budgetNanosecondsMax)), as in `budget: 1us` or `budget: 800ns`")
    return nil
  }

  /// Of `shadow: true` or `shadowOf: NAME`.
  mutating func shadow() -> Shadow? {
    let isShadow = choice("shadow", of: ["true", "false"], Bool.init)
    let name = name("shadowOf", mayBeEmpty: false)
    if isShadow == false, name != nil {
      log.error(
        at: frontMatter.location, "`shadowOf` makes a shadow; remove it or `shadow: false`")
    }
    if let name { return .ofTable(name) }
    return isShadow == true ? .ofChain : nil
  }
}
