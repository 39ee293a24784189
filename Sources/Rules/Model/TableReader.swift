import Tables
import Wire

/// Reads table sources: settings, rules and examples, in the format that the file's name says.
public enum TableReader {
  /// LIMIT: 100,000 rules of 600 bytes.
  public static let sourceByteCountMax = 64 << 20

  /// The table of a source, `nil` where the diagnostics hold an error. All of a file's errors are
  /// reported at once. The lists that it names are read from below the directory of `file`. `isWhole` wants
  /// the last line to have an end: of what was read from a file, which may have been cut off.
  public static func read(
    _ bytes: [UInt8], file: String, isWhole: Bool = false
  ) -> (table: Table?, diagnostics: [Diagnostic]) {
    var files = ListFiles(besideTable: file)
    let read = read(bytes, file: file, lists: &files, isWhole: isWhole)
    return (read.table, read.diagnostics)
  }

  /// As `read(_:file:isWhole:)`, with the chain that the settings name, also of a table that is wrong.
  /// `lists` has then the stamps of the lists' files.
  static func read(
    _ bytes: [UInt8], file: String, lists files: inout ListFiles, isWhole: Bool = false
  ) -> (table: Table?, key: TableKey?, diagnostics: [Diagnostic]) {
    var log = DiagnosticLog(file: file)
    var lists = TableLists()
    var key: TableKey?
    if isWhole, TableFormat(reading: file) != .dmn { checkEnd(of: bytes, log: &log) }
    let table = table(bytes, file: file, &files, &lists, &key, log: &log)
    let diagnostics = log.sorted + lists.diagnostics
    return (diagnostics.hasErrors ? nil : table, key, diagnostics)
  }

  /// Reports a last line without an end. A file that is being written, or was cut off, may still say
  /// something: without its last rules, or with half a word that is another.
  static func checkEnd(of bytes: [UInt8], log: inout DiagnosticLog) {
    guard let last = bytes.last, last != 0x0A, last != 0x0D else { return }
    log.error(
      at: SourceLocation(line: 1 + bytes.count { $0 == 0x0A }, column: 1),
      "the last line has no end, so the file may have been cut off; end the line")
  }

  public static func read(
    _ text: String, file: String
  ) -> (table: Table?, diagnostics: [Diagnostic]) {
    read(Array(text.utf8), file: file)
  }

  /// A source cut into its parts, with its settings read; `nil` for one that is no text.
  static func parts(
    _ bytes: [UInt8], file: String, log: inout DiagnosticLog
  ) -> (source: TableSource, settings: TableSettings)? {
    guard let text = text(bytes, log: &log) else { return nil }
    let source = TableSource(text, format: TableFormat(reading: file) ?? .markdown, log: &log)
    let name = defaultName(of: file)
    let settings = source.settings.map { TableSettings($0, defaultName: name, log: &log) }
    return (source, settings ?? TableSettings(name: name, areUnread: true))
  }

  private static func table(
    _ bytes: [UInt8], file: String, _ files: inout ListFiles, _ lists: inout TableLists,
    _ key: inout TableKey?, log: inout DiagnosticLog
  ) -> Table? {
    guard bytes.count <= sourceByteCountMax else {
      log.error(at: .start, tooLarge(bytes.count))
      return nil
    }
    // DMN says so of itself, and may have been meant as a login table.
    if TableFormat(reading: file) != .dmn, ModelFile.isModel(bytes, file: file) {
      log.error(at: .start, ModelFile.refusal(asTable: file))
      return nil
    }
    guard let (source, settings) = parts(bytes, file: file, log: &log) else { return nil }
    key = settings.trigger.map { TableKey(tenant: settings.tenant, trigger: $0) }
    lists = TableLists(settings.lists, &files, log: &log)
    guard let grid = source.rules else { return nil }
    let rules = RulesReader(grid, settings, &lists, log: &log)
    lists.warnOfUnused(log: &log)
    // Errors of the settings would come again as those of all that they declare.
    let examples = (settings.areUnread ? nil : source.examples).map {
      ExamplesReader($0, inputs: rules.inputs, settings, log: &log).examples
    }
    checkRuleNames(of: examples ?? [], rules, log: &log)
    guard let trigger = settings.trigger, let hitPolicy = settings.hitPolicy,
      let mode = settings.mode
    else { return nil }
    var table = Table(
      file: file, name: settings.name, title: settings.title ?? source.title,
      tenant: settings.tenant, trigger: trigger, order: settings.order, hitPolicy: hitPolicy,
      mode: mode, canary: settings.canary, shadow: settings.shadow, onLate: settings.onLate,
      budgetNanoseconds: settings.budget?.nanoseconds, budgetLocation: settings.budget?.location,
      version: sourceDigest(lists.isEmpty ? bytes : lists.digest(ofTable: bytes).bytes),
      lists: settings.lists.map(\.declaration),
      inputs: rules.inputs, verdictValues: rules.verdictValues, outputs: rules.outputs,
      rules: rules.rules, defaultRule: rules.defaultRule, examples: examples ?? [],
      location: source.rulesLocation)
    table.outputLocations = rules.outputLocations
    return table
  }

  static func tooLarge(_ byteCount: Int) -> String {
    "\(byteCount) bytes; \(sourceByteCountMax) is the most that a table may have"
  }

  /// The text of a source, without a byte order mark; `nil` for what is not UTF-8, which is reported.
  static func text(_ bytes: [UInt8], log: inout DiagnosticLog) -> String? {
    let content = bytes.starts(with: byteOrderMark) ? bytes[byteOrderMark.count...] : bytes[...]
    if let text = String(validating: content, as: UTF8.self) { return text }
    // The repaired text keeps what stands before the first bad byte.
    let repaired = String(decoding: content, as: UTF8.self)
    let line = repaired.prefix { $0 != "\u{FFFD}" }.count { $0.isNewline } + 1
    log.error(at: SourceLocation(line: line, column: 1), "not UTF-8; save the file as UTF-8")
    return nil
  }

  private static func checkRuleNames(
    of examples: [Example], _ reader: RulesReader, log: inout DiagnosticLog
  ) {
    let rules = reader.rules + [reader.defaultRule].compactMap(\.self)
    let names = Set(rules.map(\.name).filter { !$0.isEmpty })
    for example in examples {
      guard let rule = example.rule, !names.contains(rule),
        !(Int(rule).map { 1...max(1, reader.rules.count) ~= $0 } ?? false)
      else { continue }
      log.error(
        at: example.location,
        "no rule `\(rule)` in this table"
          + hint(for: rule, among: names.sorted(), otherwise: "; write a rule's name, or its number"))
    }
  }

  static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// The name of a table whose settings give none.
  static func defaultName(of file: String) -> String {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    guard let format = TableFormat(file: name) else { return name }
    return String(name.dropLast(format.fileSuffix.count))
  }
}
