import Signals
import Wire

/// The table under `## Examples` as it stands in a source, and how a new row of it is written.
struct ExampleLayout {
  private(set) var header: [String] = []
  private(set) var rows: [[String]] = []
  private let format: TableFormat
  private static let byDefault = ["example", "verdict", "rule"]

  /// The layout of a source without examples is one with a column for each thing to say.
  init(source: String, format: TableFormat = .markdown) {
    self.format = format
    var log = DiagnosticLog(file: "")
    let grid =
      switch format {
      case .markdown:
        MarkdownDocument(source, log: &log).section("Examples", log: &log)?.grid(log: &log)
      case .csv: CSVSections(source, log: &log).examples.grid(log: &log)
      // Examples stand in elements there: proposed ones are shown as a table of their own.
      case .dmn: nil as Grid?
      }
    header = grid?.header.cells.map(\.text) ?? Self.byDefault
    if let grid { for row in grid.rows { rows.append(row.cells.map { cell($0.text) }) } }
  }

  /// A text as a cell of the source.
  private func cell(_ text: String) -> String { format == .markdown ? escapingPipes(text) : text }

  /// Adds a column for each signal that has something to say and none; `true` if there is one, or
  /// if there was no table.
  mutating func addColumns(for inputs: [Witness]) -> Bool {
    let names = header.map(Self.bare)
    var missing: [String] = []
    for input in inputs {
      for (signal, value) in zip(input.signals, input.values)
      where value != .absent && !names.contains(signal.name) && !missing.contains(signal.name) {
        missing.append(signal.name)
      }
    }
    // In the order of the signals, not of the inputs that need them.
    let order = inputs.first?.signals.map(\.name).filter(missing.contains) ?? []
    let place = names.firstIndex(of: "verdict") ?? header.count
    header.insert(contentsOf: order, at: place)
    for row in rows.indices {
      rows[row].insert(contentsOf: order.map { _ in "-" }, at: min(place, rows[row].count))
    }
    return !order.isEmpty || rows.isEmpty
  }

  func row(_ example: ProposedExample) -> [String] {
    let values = example.input.exampleCells
    return header.map(Self.bare).map { column in
      switch column {
      case "example": return cell(Self.plain(example.name))
      case "verdict": return example.rule?.verdict.name ?? "none"
      case "rule":
        return example.rule.map { $0.name.isEmpty ? String($0.number) : $0.name } ?? "-"
      case "source": return "proposed by `postern test --generate`"
      case "comment": return ""
      default:
        return cell(values[column] ?? example.outputs[column] ?? "-")
      }
    }
  }

  private static func bare(_ text: String) -> String { text.filter { $0 != "`" } }

  /// A name on one line that means nothing to Markdown.
  private static func plain(_ text: String) -> String {
    text.filter { $0 != "`" && !$0.isNewline }
  }
}
