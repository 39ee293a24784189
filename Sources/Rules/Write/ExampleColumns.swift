import Signals
import Wire

/// The columns that a table's examples need, and their rows.
struct ExampleColumns {
  private let table: Table
  private var headers: [Field] = []
  private var signals: [Signal] = []
  private var outputs: [OutputColumn] = []

  init(_ table: Table) {
    self.table = table
    let inputs = table.examples.map(\.input)
    let fields = Set(inputs.flatMap { $0.headers.map(\.field) + $0.headerStates.keys })
    headers = fields.sorted { $0.rawValue < $1.rawValue }
    let named = Set(inputs.flatMap { $0.signals.map(\.signal) })
    signals = table.inputs.filter(named.contains)
    for output in table.examples.flatMap(\.outputs) {
      let column = OutputColumn(output)
      if !outputs.contains(column) { outputs.append(column) }
    }
  }

  func grid(of examples: [Example]) throws(UnwritableTable) -> [[String]] {
    var grid = [
      ["example"] + headers.map(\.name) + signals.map(\.name) + ["verdict", "rule"]
        + outputs.map(\.text) + ["source", "comment"]
    ]
    for example in examples { grid.append(try row(of: example)) }
    return grid
  }

  private func row(of example: Example) throws(UnwritableTable) -> [String] {
    var cells = [example.name.isEmpty ? "-" : example.name]
    for field in headers { cells.append(try header(field, of: example)) }
    for signal in signals {
      let entry = example.input.signals.first { $0.signal == signal }
      cells.append(entry.map { $0.value.text(for: signal) } ?? "-")
    }
    cells += [example.verdict?.name ?? "none", example.rule ?? "-"]
    for column in outputs { cells.append(output(column, of: example)) }
    return cells + [example.source, example.comment]
  }

  private func header(
    _ field: Field, of example: Example
  ) throws(UnwritableTable) -> String {
    let values = example.input.headers.filter { $0.field == field }.map(\.value)
    guard values.count < 2, !(values.first?.contains("`") ?? false) else {
      throw UnwritableTable(message: "example \(example.number): no cell says its `\(field.name)`")
    }
    if let value = values.first { return "`\(value)`" }
    return example.input.headerStates[field]?.state.name ?? "-"
  }

  private func output(_ column: OutputColumn, of example: Example) -> String {
    let values = example.outputs.filter { OutputColumn($0) == column }.map(\.value)
    if values == [""] || values.isEmpty { return "-" }
    guard table.hitPolicy.isMultiHit else { return TableDraft.outputCell(values[0]) }
    return values.map { $0.isEmpty ? Table.null : quoted($0) }.joined(separator: ", ")
  }
}
