import Signals
import Wire

/// The table under `## Examples` as it stands in a source, and how a new row of it is written.
struct ExampleLayout {
  private(set) var header: [String] = []
  private(set) var rows: [[String]] = []
  private static let byDefault = ["example", "verdict", "rule"]

  /// The layout of a source without examples is one with a column for each thing to say.
  init(source: String) {
    var log = DiagnosticLog(file: "")
    let document = MarkdownDocument(source, log: &log)
    if let table = document.section("Examples", log: &log)?.grid(log: &log) {
      header = table.header.cells.map(\.text)
      rows = table.rows.map { $0.cells.map { escapingPipes($0.text) } }
    } else {
      header = Self.byDefault
    }
  }

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
    let outputs = example.rule?.outcome.outputs ?? [:]
    return header.map(Self.bare).map { column in
      switch column {
      case "example": return escapingPipes(Self.plain(example.name))
      case "verdict": return example.rule?.verdict.name ?? "none"
      case "rule":
        return example.rule.map { $0.name.isEmpty ? String($0.number) : $0.name } ?? "-"
      case "source": return "proposed by `postern test --generate`"
      case "comment": return ""
      default:
        if let value = values[column] { return escapingPipes(value) }
        return escapingPipes(Self.cell(ofOutput: outputs[column] ?? ""))
      }
    }
  }

  private static func bare(_ text: String) -> String { text.filter { $0 != "`" } }

  /// A name on one line that means nothing to Markdown.
  private static func plain(_ text: String) -> String {
    text.filter { $0 != "`" && !$0.isNewline }
  }

  /// A text as a cell that is read back as it.
  private static func cell(ofOutput text: String) -> String {
    if text.isEmpty { return "-" }
    let isPlain =
      text != "-" && !text.hasPrefix("\"") && !text.hasPrefix("`")
      && text.first?.isWhitespace == false && text.last?.isWhitespace == false
      && !text.contains { $0.isNewline || $0 == "\\" }
    return isPlain ? text : quoted(text)
  }
}
