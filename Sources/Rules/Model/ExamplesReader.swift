import Signals
import Wire

/// Reads the table under `## Examples`.
struct ExamplesReader {
  /// What a column is for.
  private enum Column {
    case name
    case header(Field)
    case input(Signal)
    case verdict
    case rule
    case output(OutputColumn)
    case source
    case comment
    /// Reported already; its cells are passed over.
    case unreadable
  }

  private static let none = "none"

  private let columns: [Column]
  private let hitPolicy: HitPolicy
  private(set) var examples: [Example] = []

  /// `inputs` are the table's; an example about any other signal would say nothing of the table.
  init(
    _ grid: Grid, inputs: [Signal], _ settings: TableSettings, log: inout DiagnosticLog
  ) {
    columns = Self.columns(of: grid.header, inputs, settings.registry, log: &log)
    hitPolicy = settings.hitPolicy ?? .first
    for (index, row) in grid.rows.enumerated() {
      if let message = grid.widthError(of: row) {
        log.error(at: row.location, message)
      } else {
        examples.append(example(row, number: index + 1, log: &log))
      }
    }
  }

  private static func columns(
    of header: GridRow, _ inputs: [Signal], _ registry: SignalRegistry,
    log: inout DiagnosticLog
  ) -> [Column] {
    var columns: [Column] = []
    var names: Set<String> = []
    var isPastVerdict = false
    for (index, cell) in header.cells.enumerated() {
      let cell = cell.withoutBackticks
      guard names.insert(cell.text.lowercased()).inserted else {
        log.error(at: cell.location, "a second column `\(cell.text)`; remove one")
        columns.append(.unreadable)
        continue
      }
      if index == 0, cell.text == "example" {
        columns.append(.name)
      } else if cell.text == "verdict" {
        columns.append(.verdict)
        isPastVerdict = true
      } else if isPastVerdict {
        columns.append(expectation(cell, log: &log))
      } else {
        columns.append(input(cell, inputs, registry, log: &log))
      }
    }
    if !isPastVerdict {
      log.error(at: header.location, "no column `verdict`; add it behind the inputs")
    }
    return columns
  }

  private static func input(
    _ cell: SourceText, _ inputs: [Signal], _ registry: SignalRegistry, log: inout DiagnosticLog
  ) -> Column {
    let headers = Field.signalHeaders
    if let field = headers.first(where: { $0.name == cell.text.lowercased() }) {
      return .header(field)
    }
    if let signal = registry[cell.text] {
      if inputs.contains(signal) { return .input(signal) }
      log.error(
        at: cell.location,
        "`\(cell.text)` is no input of this table; remove it or add it to the rules")
    } else {
      let others = headers.map { $0.name } + ["example", "verdict"]
      log.error(at: cell.location, unknownSignal(cell.text, registry, orElse: others))
    }
    return .unreadable
  }

  private static func expectation(_ cell: SourceText, log: inout DiagnosticLog) -> Column {
    switch cell.text {
    case "rule": return .rule
    case "source": return .source
    case "comment": return .comment
    default:
      if let output = OutputColumn(cell.text) { return .output(output) }
      log.error(at: cell.location, unknownOutput(cell.text))
      return .unreadable
    }
  }

  private func example(_ row: GridRow, number: Int, log: inout DiagnosticLog) -> Example {
    var example = Example(
      number: number, input: DecisionInput(), verdict: nil, location: row.location)
    for (column, cell) in zip(columns, row.cells) {
      switch column {
      case .name: example.name = cell.isBlank ? "" : cell.withoutBackticks.text
      case .header(let field): addHeader(field, cell, to: &example.input)
      case .input(let signal): addSignal(signal, cell, to: &example.input, log: &log)
      case .verdict: example.verdict = verdict(cell, log: &log)
      case .rule: example.rule = cell.isBlank ? nil : cell.withoutBackticks.text
      case .output(let column):
        example.outputs += outputs(cell, column, log: &log).map(column.output)
      case .source: example.source = cell.isBlank ? "" : cell.text
      case .comment: example.comment = cell.isBlank ? "" : cell.text
      case .unreadable: break
      }
    }
    return example
  }

  private func verdict(_ cell: SourceText, log: inout DiagnosticLog) -> Verdict? {
    let text = cell.outputText(log: &log)
    if text == Self.none { return nil }
    if let verdict = Verdict(name: text) { return verdict }
    log.error(
      at: cell.withoutBackticks.location,
      unknownVerdict(text, Verdict.allCases.map(\.name) + [Self.none]))
    return nil
  }

  /// The values that a cell expects of an output: several where all rules that match are hits, and
  /// an empty one where it expects none, which a list calls `null`.
  private func outputs(
    _ cell: SourceText, _ column: OutputColumn, log: inout DiagnosticLog
  ) -> [String] {
    guard hitPolicy.isMultiHit, !cell.isBlank else { return [cell.outputText(log: &log)] }
    let cell = cell.withoutBackticks
    do throws(CellError) {
      return try CellParser.pieces(cell.text).map { offset, text in
        text == Table.null && cell.text.dropFirst(offset).first != "\"" ? "" : text
      }
    } catch {
      log.error(at: cell.location(at: error.offset), error.message)
      return []
    }
  }

  /// A header's cell is its raw value; in backticks, whatever it says.
  private func addHeader(_ field: Field, _ cell: SourceText, to input: inout DecisionInput) {
    let raw = cell.withoutBackticks
    if raw == cell {
      if cell.isBlank || cell.text == SignalState.absent.name { return }
      if let state = SignalState.allCases.first(where: { $0.name == cell.text }),
        let signal = PlainSignal(state)
      {
        input.headerStates[field] = signal
        return
      }
    }
    input.headers.append(DecisionInput.Header(field: field, value: raw.text))
  }

  private func addSignal(
    _ signal: Signal, _ cell: SourceText, to input: inout DecisionInput, log: inout DiagnosticLog
  ) {
    if cell.isBlank { return }
    let cell = cell.withoutBackticks
    do throws(CellError) {
      let value = try CellParser.value(cell.text, of: signal)
      input.signals.append(DecisionInput.Entry(signal: signal, value: value))
    } catch {
      log.error(at: cell.location(at: error.offset), error.message)
    }
  }
}
