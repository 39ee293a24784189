/// A table as texts, on its way to a file of any format.
struct TableDraft {
  enum Value {
    case text(String)
    case lines([(name: String, text: String)])
  }

  var title = ""
  var settings: [(name: String, value: Value)] = []
  /// The header and the rows.
  var rules: [[String]]
  var examples: [[String]]?

  /// The text of a Markdown file.
  func markdown() -> String {
    var lines = ["---"] + settingLines().flatMap(\.self) + ["---", ""]
    if !title.isEmpty { lines += ["# \(title)", ""] }
    lines += ["## Rules", ""] + MarkdownTableWriter.lines(of: rules)
    if let examples { lines += ["", "## Examples", ""] + MarkdownTableWriter.lines(of: examples) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The text of a file of comma-separated values.
  func csv() -> String {
    var draft = self
    if !title.isEmpty { draft.settings.insert(("title", .text(title)), at: 0) }
    var lines = draft.settingLines().flatMap(\.self).map { CSVWriter.cell("# \($0)") }
    lines += rules.map { CSVWriter.line($0) }
    if let examples { lines += ["## Examples"] + examples.map { CSVWriter.line($0) } }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Each setting as YAML.
  private func settingLines() -> [[String]] {
    settings.map { name, value in
      switch value {
      case .text(let text): ["\(name): \(yamlScalar(text))"]
      case .lines(let lines):
        ["\(name):"] + lines.map { "  \(yamlScalar($0.name)): \(yamlScalar($0.text))" }
      }
    }
  }
}

/// A text as YAML reads it back, with quotes where it needs them.
func yamlScalar(_ text: String) -> String {
  let isPlain =
    text.first.map { $0.isASCII && ($0.isLetter || $0.isNumber) } ?? false
    && text.allSatisfy { !$0.isNewline && $0 != "\t" } && !text.contains(": ")
    && !text.contains(" #") && text.last != ":" && text.last != " "
  if isPlain { return text }
  if text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0 != "\u{85}" && $0 != "\u{2028}" }) {
    return "'" + text.replacing("'", with: "''") + "'"
  }
  return quoted(text)
}
