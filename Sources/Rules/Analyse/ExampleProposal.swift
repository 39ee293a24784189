import Signals

/// Examples that a table lacks: for each rule, test of a cell and side of a boundary that no example
/// touches, an input that does, and what the table answers to it today.
///
/// They are what the table says, not what it should say: to be read before they are pasted.
public struct ExampleProposal: Encodable, Sendable {
  public var file: String
  public var table: String
  /// The columns of the table under `## Examples`.
  public var header: [String]
  /// Cells as they stand in the source.
  public var rows: [[String]]
  /// Whether the rows are all of the table under `## Examples`, which needs more columns than it
  /// has, and not only new ones for its end.
  public var isWholeTable: Bool
  private let format: TableFormat

  private enum CodingKeys: String, CodingKey { case file, table, header, rows, isWholeTable }

  /// `source` is the text of the table's file. Throws where the table cannot be compiled.
  public init(_ table: Table, source: String, budget: Budget = Budget()) throws {
    file = table.file
    self.table = table.name
    var finder = MissingExamples(table, budget)
    let found = try finder.run()
    format = TableFormat(reading: table.file) ?? .markdown
    var layout = ExampleLayout(source: source, format: format)
    isWholeTable = layout.addColumns(for: found.map(\.input)) && !found.isEmpty
    header = layout.header
    rows = (isWholeTable ? layout.rows : []) + found.map(layout.row)
  }
}

extension ExampleProposal: CustomStringConvertible {
  /// What to do, and the lines to paste.
  public var description: String {
    if rows.isEmpty { return "\(file): no example is missing" }
    let lines =
      switch format {
      case .markdown, .dmn: alignedTable(header: header, rows: rows)
      case .csv: ([header] + rows).map { CSVWriter.line($0) }
      }
    if isWholeTable {
      return "\(file): the table under `## Examples`, with the examples that are missing:\n\n"
        + lines.joined(separator: "\n") + "\n"
    }
    let count = rows.count == 1 ? "1 example" : "\(rows.count) examples"
    return "\(file): \(count) for the end of the table under `## Examples`:\n\n"
      + lines.dropFirst(format == .csv ? 1 : 2).joined(separator: "\n") + "\n"
  }
}

/// One proposed example.
struct ProposedExample {
  let name: String
  let input: Witness
  /// The rule that gives the verdict; `nil`: no rule matches.
  let rule: Rule?
  /// By column, as cells.
  let outputs: [String: String]
}

/// Looks for inputs that touch what no example does.
struct MissingExamples {
  private let items: CoverageItems
  private let original: Table
  private let rules: RuleBoxes
  private var budget: Budget

  init(_ table: Table, _ budget: Budget) {
    items = CoverageItems(table)
    original = table
    rules = RuleBoxes([items.table])
    self.budget = budget
  }

  mutating func run() throws -> [ProposedExample] {
    let before = items.touched(by: try original.exampleValues())
    var touched = before
    var found: [ProposedExample] = []
    for index in items.all.indices where !touched[index] {
      guard let box = box(touching: items.all[index]) else { continue }
      let values = rules.space.input(in: box)
      let hits = items.table.deciding(values).map { items.table.rules[$0] }
      found.append(
        ProposedExample(
          name: name(items.all[index]),
          input: Witness(signals: rules.space.signals, values: values),
          rule: hits.deciding, outputs: original.exampleOutputs(of: hits)))
      for (other, isTouched) in items.touched(by: [values]).enumerated() where isTouched {
        touched[other] = true
      }
    }
    return found
  }

  /// Inputs that touch an item; `nil` where there are none, or none was found in time.
  private mutating func box(touching item: CoverageItems.Item) -> Box? {
    var cells = items.table.rules[item.rule].cells
    if let column = item.column { cells[column] = item.cell }
    var known: [Space.Part: [[(axis: Int, set: ClassSet)]]] = [:]
    guard let boxes = rules.space.boxes(Array(cells.enumerated()).map { ($0, $1) }, &known) else {
      return nil
    }
    let hidesOthers =
      items.table.hitPolicy.style == .ordered || items.table.rules[item.rule].number == 0
    let above = hidesOthers ? rules.boxes(of: 0..<item.rule) : []
    for box in boxes {
      let preferred = rules.space.values
      if case .uncovered(let region) = CoverSearch.uncovered(
        in: box, by: above, preferring: preferred, &budget)
      {
        return region
      }
    }
    // A boundary is touched whichever rule decides.
    return item.kind == .boundary ? boxes.first : nil
  }

  private func name(_ item: CoverageItems.Item) -> String {
    let rule = items.table.rules[item.rule]
    let label = rule.plainName
    guard let column = item.column else { return label }
    let cell = items.rulesText(item.cell, column)
    return item.kind == .boundary ? "\(label), boundary: \(cell)" : "\(label), \(cell)"
  }
}

extension CoverageItems {
  fileprivate func rulesText(_ cell: UnaryTests, _ column: Int) -> String {
    "\(table.inputs[column].name) \(space.domains[column].text(cell))"
  }
}
