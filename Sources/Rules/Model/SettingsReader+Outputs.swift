extension SettingsReader {
  /// Of `outputs:`, `values:` and `default:`.
  mutating func outputs() -> OutputSettings {
    var outputs = OutputSettings()
    let types = OutputClause.ValueType.allCases.map(\.rawValue)
    for (column, text) in map("outputs", example: "claim.points: number") {
      if let type = OutputClause.ValueType(rawValue: text.text) {
        outputs.types.append((column, type))
      } else {
        log.error(
          at: text.location,
          "the type of `\(column.text)` is one of `\(types.joined(separator: "`, `"))`"
            + hint(for: text.text, among: types))
      }
    }
    for (column, text) in map("values", example: "verdict: deny, mfa, allow") {
      outputs.values.append(.init(column: column, texts: list(text)))
    }
    outputs.defaults = map("default", example: "verdict: review").map { ($0.key, $0.value) }
    if let entry = frontMatter.entries.first(where: { $0.key.text == "default" }),
      case .map = entry.value
    {
      outputs.defaultLocation = entry.key.location
    }
    return outputs
  }

  /// The lines of a setting that is a map of single values; anything else is reported.
  private mutating func map(
    _ key: String, example: String
  ) -> [(key: SourceText, value: SourceText)] {
    guard let entry = frontMatter.entries.first(where: { $0.key.text == key }) else { return [] }
    guard case .map(let lines) = entry.value else {
      log.error(
        at: entry.key.location,
        "`\(key)` is lines like `\(example)`, each indented by two spaces")
      return []
    }
    return lines.compactMap { line in
      if case .scalar(let text) = line.value { return (line.key, text) }
      log.error(at: line.key.location, "`\(line.key.text)` is one value, as in `\(example)`")
      return nil
    }
  }

  /// The texts between commas.
  private mutating func list(_ text: SourceText) -> [SourceText] {
    do throws(CellError) {
      return try CellParser.texts(text)
    } catch {
      log.error(at: text.location(at: error.offset), error.message)
      return []
    }
  }
}
