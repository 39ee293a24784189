extension SettingsReader {
  /// The lists that the table names, with the places of their paths.
  mutating func lists() -> [TableSettings.List] {
    guard let entry = frontMatter.entries.first(where: { $0.key.text == "lists" }) else { return [] }
    guard case .map(let lines) = entry.value else {
      log.error(
        at: entry.key.location,
        "`lists` is lines of `name: file`, each indented by two spaces, as in"
          + " `  blocked: lists/blocked.txt`")
      return []
    }
    guard lines.count <= ListDeclaration.countMax else {
      log.error(
        at: entry.key.location,
        "\(lines.count) lists; \(ListDeclaration.countMax) is the most of one table")
      return []
    }
    var names: Set<String> = []
    return lines.compactMap { line in
      let name = line.key.text
      guard isName(name) else {
        log.error(
          at: line.key.location,
          "`\(name)` is no list's name; write letters, digits, `.`, `_` and `-`")
        return nil
      }
      guard names.insert(name).inserted else {
        log.error(at: line.key.location, "a second list `\(name)`; give each a name of its own")
        return nil
      }
      guard case .scalar(let path) = line.value else {
        log.error(at: line.key.location, "`\(name)` is one file, as in `\(name): lists/\(name).txt`")
        return nil
      }
      if let refusal = ListDeclaration.refusal(ofPath: path.text) {
        log.error(at: path.location, refusal)
        return .init(declaration: .init(name: name, path: ""), location: path.location)
      }
      return .init(declaration: .init(name: name, path: path.text), location: path.location)
    }
  }
}
