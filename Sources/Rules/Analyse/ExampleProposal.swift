import Signals
import Wire

/// Examples that a table lacks: for each rule, test of a cell and side of a boundary that no example
/// touches, an input that does, and what the table answers to it today.
///
/// None is an input that an earlier table of the chain stops: it would not get to the table.
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
  /// Of the file's cells, where it is one of comma-separated values.
  private let separator: Unicode.Scalar

  private enum CodingKeys: String, CodingKey { case file, table, header, rows, isWholeTable }

  /// `source` is the text of the table's file; `earlier` are the tables that run before it. Throws where
  /// a table cannot be compiled.
  public init(
    _ table: Table, behind earlier: [Table] = [], source: String, budget: Budget = Budget()
  ) throws {
    file = table.file
    self.table = table.name
    var finder = MissingExamples(table, behind: earlier, budget)
    let found = try finder.run()
    format = TableFormat(reading: table.file) ?? .markdown
    var log = DiagnosticLog(file: table.file)
    let source = TableReader.text(Array(source.utf8), log: &log) ?? ""
    separator = format == .csv ? Unicode.Scalar(CSVReader(source).separator) : ","
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
      case .csv: ([header] + rows).map { CSVWriter.line($0, separator: separator) }
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
  private let earlier: [Table]
  private let rules: RuleBoxes
  /// The earlier tables as far as they stop the chain.
  private let layers: [StopSearch.Layer]
  private var budget: Budget

  init(_ table: Table, behind earlier: [Table], _ budget: Budget) {
    items = CoverageItems(table)
    original = table
    self.earlier = earlier
    let stopping = table.shadow == nil ? earlier.filter(\.decidesAll).map(\.withDefaultLast) : []
    rules = RuleBoxes([items.table] + stopping + items.edgeTable)
    var layers: [StopSearch.Layer] = []
    for (index, table) in stopping.enumerated() {
      let reaches = table.rules.map { table.reach(of: $0) }
      let stops = zip(table.rules, reaches).map { $0.verdict.stopsChain && $1.isAll }
      let start = rules.starts[index + 1]
      var boxes = Array(rules.boxes[start..<(start + table.rules.count)])
      // What a rule of too many boxes matches is not known: nothing is sure to get past it.
      for rule in rules.unread where boxes.indices.contains(rule - start) && stops[rule - start] {
        boxes[rule - start] = [rules.space.all]
      }
      layers.append(
        StopSearch.Layer(table, boxes: boxes, stops: stops, shields: reaches.map(\.decides)))
    }
    self.layers = layers
    self.budget = budget
  }

  mutating func run() throws -> [ProposedExample] {
    let inputs = zip(
      try original.exampleValues(), try original.stoppedExamples(behind: earlier)
    ).filter { $1 == nil }.map(\.0)
    var touched = items.touched(by: inputs)
    var found: [ProposedExample] = []
    for index in items.all.indices where !touched[index] {
      guard let box = box(touching: items.all[index]) else { continue }
      let values = Array(rules.space.input(in: box).prefix(original.inputs.count))
      let nowTouched = items.touched(by: [values])
      // An example that does not do what it is for would be proposed again and again.
      guard nowTouched[index] else { continue }
      let hits = items.table.deciding(values).map { items.table.rules[$0] }
      found.append(
        ProposedExample(
          name: name(items.all[index]),
          input: Witness(signals: original.inputs, values: values),
          rule: hits.deciding, outputs: original.exampleOutputs(of: hits)))
      for (other, isTouched) in nowTouched.enumerated() where isTouched {
        touched[other] = true
      }
    }
    return found
  }

  /// Inputs that touch an item; `nil` where there are none, or none was found in time.
  private mutating func box(touching item: CoverageItems.Item) -> Box? {
    for rule in [item.rule] + item.others {
      // As in `Table.deciding`, the first one that matches is what decides, but where all do.
      let hidesOthers = items.table.hitPolicy.style != .all || items.table.rules[rule].number == 0
      let above = hidesOthers ? rules.boxes(of: 0..<rule) : []
      let cells = items.table.rules[rule].cells
      if let box = box(of: cells, touching: item, notBy: above) { return box }
      // A boundary is touched whichever rule decides.
      if item.kind == .boundary, let box = box(of: cells, touching: item, notBy: []) { return box }
    }
    // The rules with the boundary may match nothing there that gets here.
    guard item.kind == .boundary else { return nil }
    return box(of: original.inputs.map { _ in .any }, touching: item, notBy: [])
  }

  /// Inputs that cells match, with what the item wants in its column, but no box of a cover.
  private mutating func box(
    of cells: [UnaryTests], touching item: CoverageItems.Item, notBy cover: [Box]
  ) -> Box? {
    var cells = cells
    if let column = item.column { cells[column] = item.cell }
    var known = Space.KnownCells()
    guard let boxes = rules.space.boxes(Array(cells.enumerated()).map { ($0, $1) }, &known) else {
      return nil
    }
    for box in boxes.map(withOwnSignals) {
      if case .uncovered(let region) = StopSearch.uncovered(
        in: box, by: cover, past: layers[...], preferring: withOwnSignals(rules.space.values), &budget)
      {
        return region
      }
    }
    return nil
  }

  /// The inputs of a box that an example of the table can say: it names no signal of another table.
  private func withOwnSignals(_ box: Box) -> Box {
    var box = box
    for column in rules.space.signals.indices.dropFirst(original.inputs.count) {
      let axes = rules.space.axesOfColumn[column]
      let absent = rules.space.domains[column].stateClass(PlainSignal.states.firstIndex(of: .absent)!)
      for axis in axes { box[axis] = rules.space.all[axis] }
      box[axes.lowerBound] = ClassSet(absent..<(absent + 1))
    }
    return box
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
