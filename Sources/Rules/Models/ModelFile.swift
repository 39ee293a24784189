import DMN
import Foundation

/// Files of decision models: DMN's XML, and Markdown or comma-separated values that say the same.
public enum ModelFile {
  /// Whether a file is a decision model and no login table.
  public static func isModel(_ bytes: [UInt8], file: String) -> Bool {
    switch TableFormat(reading: file) {
    case .dmn:
      let reading = ModelReader.read(Data(bytes), file: file)
      return !(reading.model?.isLoginTable ?? false)
    case .markdown, nil:
      let text = String(decoding: bytes.prefix(headByteCount), as: UTF8.self)
      let lines = Array(SourceLine.lines(of: text))
      return lines.first?.text.trimmed == "---"
        && lines.dropFirst().prefix { $0.text.trimmed != "---" }.contains { $0.text.hasPrefix("model:") }
    case .csv:
      let text = String(decoding: bytes.prefix(headByteCount), as: UTF8.self)
      return text.hasPrefix("# ---") || text.hasPrefix("\u{FEFF}# ---")
    }
  }

  /// Whether a file says itself that no login is decided by it, so that it is no table that was spoilt.
  static func decidesNoLogin(_ bytes: [UInt8], file: String) -> Bool {
    switch TableFormat(reading: file) {
    case .dmn:
      // What could be read of a file with errors may not be all that there is.
      let reading = ModelReader.read(Data(bytes), file: file)
      return !reading.hasErrors && reading.model?.decidesNoLogin ?? false
    case .markdown, nil: return isModel(bytes, file: file)
    case .csv:
      return isModel(bytes, file: file)
        && String(decoding: bytes.prefix(headByteCount), as: UTF8.self).contains("\n# model:")
    }
  }

  /// Why it is no table, and what to do.
  static func refusal(asTable file: String) -> String {
    "a decision model, by which no login is decided: `postern check`, `eval`, `diff` and `convert` take it"
      + (TableFormat(file: file).map {
        "; to leave it out of the tables here, give it a name that does not end in \($0.fileSuffix), or"
          + " another folder"
      } ?? "; a login table has the output `verdict`, and in DMN the extension `postern:table`")
  }

  /// LIMIT: a model's settings are its first lines.
  private static let headByteCount = 4096

  /// Reads a model in the format that the file's name says. All that is wrong with it is in the reading.
  /// `isWhole` wants the last line of Markdown or CSV to have an end: of what was read from a file.
  public static func read(_ bytes: [UInt8], file: String, isWhole: Bool = false) -> ModelReading {
    let format = TableFormat(reading: file) ?? .markdown
    if format == .dmn { return ModelReader.read(Data(bytes), file: file) }
    var log = DiagnosticLog(file: file)
    if isWhole { TableReader.checkEnd(of: bytes, log: &log) }
    guard !hasTooManyLines(bytes, log: &log), let text = TableReader.text(bytes, log: &log) else {
      return ModelReader.reading(nil, file: file, problems: log.sorted.map(DMNProblem.init))
    }
    let reader: ModelTextReader
    if format == .csv {
      let (lines, grid) = csv(text, log: &log)
      reader = ModelTextReader(lines, file: file, grid: grid, log: log)
    } else {
      reader = ModelTextReader(Array(SourceLine.lines(of: text)), file: file, log: log)
    }
    return ModelReader.reading(
      reader.model, file: file, problems: reader.diagnostics.map(DMNProblem.init))
  }

  /// LIMIT: five for each rule of the largest table; all of them are kept while a model is read.
  private static let lineCountMax = 500_000

  private static func hasTooManyLines(_ bytes: [UInt8], log: inout DiagnosticLog) -> Bool {
    let count = max(bytes.count { $0 == 0x0A }, bytes.count { $0 == 0x0D })
    guard count > lineCountMax else { return false }
    log.error(at: .start, "\(count) lines; \(lineCountMax) is the most that a model may have; split it")
    return true
  }

  /// The lines of text, which are comments, and the table behind them.
  private static func csv(
    _ text: String, log: inout DiagnosticLog
  ) -> (lines: [SourceLine], grid: Grid?) {
    var reader = CSVReader(text)
    var lines: [SourceLine] = []
    var section = CSVSections.Section(of: reader)
    while true {
      let place = reader.place
      guard let record = reader.next(keeping: section.keptCountMax, log: &log) else { break }
      if record.isComment {
        // Blanks in place of the mark keep the columns.
        let cell = record.cells[0]
        let line = "  " + cell.text.dropFirst(cell.text.hasPrefix("# ") ? 2 : 1)
        lines.append(SourceLine(number: record.location.line, text: line[...]))
      } else if !record.isBlank {
        section.append(record, at: place)
      }
    }
    return (lines, section.grid(log: &log))
  }

  /// The text of a model in the format that the file's name says; reading it gives an equal model.
  public static func text(
    of model: DecisionModel, for file: String
  ) throws(UnwritableModel) -> String {
    let text = try written(model, for: file)
    // XML has no control characters, and each format some text that it would change.
    let again = read(Array(text.utf8), file: file).model
    guard again == model else {
      let lost = model.decisions.first { !(again?.decisions.contains($0) ?? false) }
      throw UnwritableModel(
        position: lost?.position ?? SourcePosition(),
        message: "`\(lost?.name ?? model.name)` has a character or a text that the format cannot hold")
    }
    return text
  }

  private static func written(
    _ model: DecisionModel, for file: String
  ) throws(UnwritableModel) -> String {
    switch TableFormat(reading: file) ?? .markdown {
    case .dmn: return ModelWriter.write(model)
    case .markdown:
      return try ModelTextWriter(model).lines.joined(separator: "\n") + "\n"
    case .csv:
      try refuseMoreThanOneTable(model)
      let writer = try ModelTextWriter(model, keepsGrid: true)
      let comments = writer.lines.map { CSVWriter.cell($0.isEmpty ? "#" : "# \($0)") }
      let rows = (writer.grid ?? []).map { CSVWriter.line($0) }
      return (comments + rows).joined(separator: "\n") + "\n"
    }
  }

  private static func refuseMoreThanOneTable(_ model: DecisionModel) throws(UnwritableModel) {
    let others =
      model.decisions.dropFirst().map { ($0.name, $0.position) }
      + model.knowledgeModels.map { ($0.name, $0.position) }
      + model.services.map { ($0.name, $0.position) }
    if let (name, position) = others.first {
      throw UnwritableModel(
        position: position,
        message: "`\(name)`: a CSV file holds one decision table; convert to Markdown")
    }
    if model.decisions.first?.table == nil {
      throw UnwritableModel(
        position: model.decisions.first?.position ?? SourcePosition(),
        message: "no decision table; a CSV file holds one: convert to Markdown")
    }
  }
}

extension DMNProblem {
  fileprivate init(_ diagnostic: Diagnostic) {
    self.init(
      file: diagnostic.file, at: SourcePosition(diagnostic.location),
      severity: diagnostic.severity == .error ? .error : .warning, diagnostic.message)
  }
}
