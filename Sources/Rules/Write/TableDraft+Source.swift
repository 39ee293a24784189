extension TableDraft {
  /// A source's own texts, in their order, with canonical cells.
  init?(_ source: TableSource, _ tableSettings: TableSettings) {
    guard let grid = source.rules else { return nil }
    rules = Array(GridFormatter.texts(of: grid, tableSettings, isRules: true))
    examples = source.examples.map { Array(GridFormatter.texts(of: $0, tableSettings, isRules: false)) }
    title = source.title
    for entry in source.settings?.entries ?? [] {
      switch entry.value {
      case .scalar(let text):
        if entry.key.text == "title" {
          title = text.text
        } else {
          settings.append((entry.key.text, .text(text.text)))
        }
      case .map(let lines):
        let texts = lines.compactMap { line -> (name: String, text: String)? in
          if case .scalar(let text) = line.value { (line.key.text, text.text) } else { nil }
        }
        settings.append((entry.key.text, .lines(texts)))
      }
    }
  }
}

/// Writes a table's source in another format.
public enum TableConverter {
  /// The bytes of a file that says the same as the source of another format; `nil` for a source
  /// that has an error, and then the diagnostics hold it.
  ///
  /// Comments among the settings and prose are left behind. The table keeps its name. `isWhole` as in
  /// `TableReader.read`.
  public static func convert(
    _ bytes: [UInt8], file: String, to target: String, isWhole: Bool = false
  ) -> (bytes: [UInt8]?, diagnostics: [Diagnostic]) {
    let (table, found) = TableReader.read(bytes, file: file, isWhole: isWhole)
    var log = DiagnosticLog(file: file)
    guard let table else { return (nil, found) }
    let diagnostics = found + (listsWarning(table, target: target).map { [$0] } ?? [])
    let format = TableFormat(reading: target) ?? .markdown
    if format == .dmn {
      do throws(UnwritableTable) {
        return (Array(try table.text(.dmn).utf8), diagnostics)
      } catch {
        return (nil, diagnostics + [Diagnostic(file: file, at: .start, error.message)])
      }
    }
    guard let (source, settings) = TableReader.parts(bytes, file: file, log: &log),
      var draft = TableDraft(source, settings)
    else { return (nil, diagnostics) }
    if TableReader.defaultName(of: target) != table.name {
      draft.settings.removeAll { $0.name == "name" }
      draft.settings.insert(("name", .text(table.name)), at: 0)
    }
    return (Array((format == .csv ? draft.csv() : draft.markdown()).utf8), diagnostics)
  }

  /// Lists are read from below the directory of the table's file.
  private static func listsWarning(_ table: Table, target: String) -> Diagnostic? {
    let directory = ListFiles(besideTable: target).directory
    if table.lists.isEmpty || directory == ListFiles(besideTable: table.file).directory { return nil }
    let paths = table.lists.map { "`\(directory)\($0.path)`" }.joined(separator: ", ")
    return Diagnostic(
      .warning, file: table.file, at: .start,
      "a table reads its lists from beside its file; copy them to \(paths)")
  }
}
