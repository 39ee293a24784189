import Wire

/// Reads table sources: Markdown with front matter, `## Rules` and `## Examples`.
public enum TableReader {
  /// The end of a table file's name.
  public static let fileSuffix = ".table.md"
  /// LIMIT: 100,000 rules of 600 bytes.
  public static let sourceByteCountMax = 64 << 20

  /// The table of a source, `nil` where the diagnostics hold an error. All of a file's errors are
  /// reported at once.
  public static func read(
    _ bytes: [UInt8], file: String
  ) -> (table: Table?, diagnostics: [Diagnostic]) {
    var log = DiagnosticLog(file: file)
    let table = table(bytes, file: file, log: &log)
    let diagnostics = log.diagnostics.sorted()
    return (diagnostics.hasErrors ? nil : table, diagnostics)
  }

  public static func read(
    _ text: String, file: String
  ) -> (table: Table?, diagnostics: [Diagnostic]) {
    read(Array(text.utf8), file: file)
  }

  private static func table(
    _ bytes: [UInt8], file: String, log: inout DiagnosticLog
  ) -> Table? {
    guard bytes.count <= sourceByteCountMax else {
      log.error(
        at: SourceLocation(line: 1, column: 1),
        "\(bytes.count) bytes; \(sourceByteCountMax) is the most that a table may have")
      return nil
    }
    guard let text = text(bytes, log: &log) else { return nil }
    let document = MarkdownDocument(text, log: &log)
    var settings = TableSettings(name: defaultName(of: file))
    if let frontMatter = FrontMatter(document, log: &log) {
      settings = TableSettings(frontMatter, defaultName: settings.name, log: &log)
    }
    guard let section = rulesSection(of: document, log: &log),
      let source = section.table(log: &log)
    else { return nil }
    let rules = RulesReader(source, settings.registry, log: &log)
    var examples: [Example] = []
    if let section = document.section("Examples", log: &log), let source = section.table(log: &log)
    {
      examples =
        ExamplesReader(source, inputs: rules.inputs, settings.registry, log: &log).examples
    }
    checkRuleNames(of: examples, rules.rules, log: &log)
    guard let trigger = settings.trigger, let hitPolicy = settings.hitPolicy,
      let mode = settings.mode
    else { return nil }
    return Table(
      file: file, name: settings.name, title: document.title, tenant: settings.tenant,
      trigger: trigger, order: settings.order, hitPolicy: hitPolicy, mode: mode,
      onLate: settings.onLate, version: sourceDigest(bytes), inputs: rules.inputs,
      rules: rules.rules, examples: examples, location: section.location)
  }

  private static func text(_ bytes: [UInt8], log: inout DiagnosticLog) -> String? {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let content = bytes.starts(with: mark) ? bytes[mark.count...] : bytes[...]
    if let text = String(validating: content, as: UTF8.self) { return text }
    // The repaired text keeps what stands before the first bad byte.
    let repaired = String(decoding: content, as: UTF8.self)
    let line = repaired.prefix { $0 != "\u{FFFD}" }.count { $0.isNewline } + 1
    log.error(at: SourceLocation(line: line, column: 1), "not UTF-8; save the file as UTF-8")
    return nil
  }

  private static func rulesSection(
    of document: MarkdownDocument, log: inout DiagnosticLog
  ) -> MarkdownDocument.Section? {
    if let section = document.section("Rules", log: &log) { return section }
    let near = document.sections.first { suggestion(for: $0.name, among: ["Rules"]) != nil }
    log.error(
      at: near?.location ?? SourceLocation(line: 1, column: 1),
      near.map { "no heading `## Rules`; did you mean it by `## \($0.name)`?" }
        ?? "no heading `## Rules`; put it above the table of rules")
    return nil
  }

  private static func checkRuleNames(
    of examples: [Example], _ rules: [Rule], log: inout DiagnosticLog
  ) {
    let names = rules.map(\.name).filter { !$0.isEmpty }
    for example in examples {
      guard let rule = example.rule,
        !rules.contains(where: { $0.name == rule || String($0.number) == rule })
      else { continue }
      log.error(
        at: example.location,
        "no rule `\(rule)` in this table"
          + hint(for: rule, among: names, otherwise: "; write a rule's name, or its number"))
    }
  }

  private static func defaultName(of file: String) -> String {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    return name.hasSuffix(fileSuffix) ? String(name.dropLast(fileSuffix.count)) : name
  }
}
