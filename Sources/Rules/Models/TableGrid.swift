import DMN

/// A DMN decision table as rows of cells, and back.
///
/// The corner has the hit policy's letters. Input columns are named by what they test, outputs `= NAME`,
/// annotations `// NAME`. Rows that begin with a word say something of the columns, those that begin
/// with a number are rules.
enum TableGrid {
  private static let rowWords = ["label", "type", "values", "default", "id"]
  private static let ruleID = "@id"
  private static let ruleDescription = "@description"

  typealias Written = (bullets: [(key: String, text: String?)], rows: [[String]])

  static func write(
    _ table: DecisionTable, at position: SourcePosition
  ) throws(UnwritableModel) -> Written {
    let hasIDs = table.rules.contains { $0.id != nil }
    let hasDescriptions = table.rules.contains { $0.description != nil }
    var header = [table.letters]
    for input in table.inputs {
      let text = try ModelCell.line(input.expression.text, isCode: true, at: input.position)
      if Column(text) != .input {
        throw UnwritableModel(position: input.position, message: "`\(text)` is no input of a cell")
      }
      header.append(text)
    }
    for output in table.outputs { header.append(try name("=", output.name ?? "", output.position)) }
    for name in table.annotations { header.append(try self.name("//", name, position)) }
    header += (hasIDs ? [ruleID] : []) + (hasDescriptions ? [ruleDescription] : [])
    if header.count > Grid.columnCountMax {
      throw UnwritableModel(
        position: position, message: "\(header.count) columns; \(Grid.columnCountMax) is the most")
    }
    var rows = [header]
    for word in rowWords {
      var cells = [word]
      for input in table.inputs {
        let text = [
          "label": input.label, "type": input.typeRef, "values": input.allowedValues?.text,
          "id": input.id,
        ][word]?.flatMap(\.self)
        cells.append(try ModelCell.line(text, isCode: word == "values", at: input.position))
      }
      for output in table.outputs {
        let text = [
          "label": output.label, "type": output.typeRef, "values": output.allowedValues?.text,
          "default": output.defaultEntry?.text, "id": output.id,
        ][word]?.flatMap(\.self)
        cells.append(
          try ModelCell.line(text, isCode: ["values", "default"].contains(word), at: output.position))
      }
      if cells.dropFirst().allSatisfy(\.isEmpty) { continue }
      rows.append(cells + [String](repeating: "", count: header.count - cells.count))
    }
    for (index, rule) in table.rules.enumerated() {
      rows.append(try row(rule, number: index + 1, hasIDs, hasDescriptions))
    }
    return (
      [
        (ModelWords.hitPolicy, table.policyName), (ModelWords.orientation, table.orientation),
        (ModelWords.outputLabel, table.outputLabel),
      ], rows
    )
  }

  private static func name(
    _ mark: String, _ name: String, _ position: SourcePosition
  ) throws(UnwritableModel) -> String {
    name.isEmpty ? mark : "\(mark) \(try ModelCell.line(name, at: position))"
  }

  private static func row(
    _ rule: DecisionTable.Rule, number: Int, _ hasIDs: Bool, _ hasDescriptions: Bool
  ) throws(UnwritableModel) -> [String] {
    if let first = rule.extensions.first {
      throw UnwritableModel(
        position: first.position, message: "`postern:\(first.name)` is for login tables; remove it")
    }
    if !rule.outputTypeRefs.isEmpty {
      throw UnwritableModel(
        position: rule.position,
        message: "an output entry with another type than its output; give the output the type")
    }
    var cells = [String(number)]
    for entry in rule.inputEntries + rule.outputEntries {
      cells.append(try ModelCell.line(entry.text, isCode: true, at: entry.position))
    }
    for annotation in rule.annotations {
      cells.append(try ModelCell.line(annotation, at: rule.position))
    }
    if hasIDs { cells.append(try ModelCell.line(rule.id, at: rule.position)) }
    if hasDescriptions { cells.append(try ModelCell.line(rule.description, at: rule.position)) }
    return cells
  }

  // MARK: Reading

  private enum Column {
    case input
    case output
    case annotation
    case ruleID
    case ruleDescription

    init(_ header: String) {
      switch header {
      case TableGrid.ruleID: self = .ruleID
      case TableGrid.ruleDescription: self = .ruleDescription
      case "=": self = .output
      case "//": self = .annotation
      case _ where header.hasPrefix("= "): self = .output
      case _ where header.hasPrefix("// "): self = .annotation
      default: self = .input
      }
    }
  }

  static func read(
    _ grid: Grid, policy: (DecisionTable.HitPolicy, DecisionTable.Aggregation?),
    log: inout DiagnosticLog
  ) -> DecisionTable {
    var table = DecisionTable(hitPolicy: policy.0, aggregation: policy.1)
    let columns = grid.header.cells.map { Column($0.text) }
    var inputs: [Int] = []
    var outputs: [Int] = []
    for (index, cell) in grid.header.cells.enumerated().dropFirst() {
      let place = SourcePosition(line: cell.location.line, column: cell.location.column)
      let name = String(cell.text.drop { $0 != " " }.dropFirst())
      switch columns[index] {
      case .input:
        var input = DecisionTable.InputClause(expression: ModelCell.text(of: cell))
        input.position = place
        table.inputs.append(input)
        inputs.append(index)
      case .output:
        var output = DecisionTable.OutputClause(name: name.isEmpty ? nil : name)
        output.position = place
        table.outputs.append(output)
        outputs.append(index)
      case .annotation: table.annotations.append(name)
      case .ruleID, .ruleDescription: break
      }
    }
    for row in grid.rows {
      if let message = grid.widthError(of: row) {
        log.error(at: row.location, message)
        continue
      }
      let word = row.cells[0].text
      if rowWords.contains(word) {
        for (clause, column) in inputs.enumerated() {
          set(word, ModelCell.text(of: row.cells[column]), of: &table.inputs[clause])
        }
        for (clause, column) in outputs.enumerated() {
          set(word, ModelCell.text(of: row.cells[column]), of: &table.outputs[clause])
        }
      } else if Int(word) != nil {
        table.rules.append(rule(row, columns))
      } else {
        log.error(
          at: row.cells[0].location,
          "`\(word)` begins no row; write a rule's number, or one of `\(rowWords.joined(separator: "`, `"))`")
      }
    }
    return table
  }

  private static func set(
    _ word: String, _ text: DMN.SourceText, of input: inout DecisionTable.InputClause
  ) {
    if text.text.isEmpty { return }
    switch word {
    case "label": input.label = text.text
    case "type": input.typeRef = text.text
    case "values": input.allowedValues = text
    case "id": input.id = text.text
    default: break
    }
  }

  private static func set(
    _ word: String, _ text: DMN.SourceText, of output: inout DecisionTable.OutputClause
  ) {
    if text.text.isEmpty { return }
    switch word {
    case "label": output.label = text.text
    case "type": output.typeRef = text.text
    case "values": output.allowedValues = text
    case "default": output.defaultEntry = text
    case "id": output.id = text.text
    default: break
    }
  }

  private static func rule(_ row: GridRow, _ columns: [Column]) -> DecisionTable.Rule {
    var rule = DecisionTable.Rule(inputEntries: [], outputEntries: [])
    rule.position = SourcePosition(line: row.location.line, column: row.location.column)
    for (column, cell) in zip(columns, row.cells).dropFirst() {
      let text = ModelCell.text(of: cell)
      switch column {
      case .input: rule.inputEntries.append(text)
      case .output: rule.outputEntries.append(text)
      case .annotation: rule.annotations.append(text.text)
      case .ruleID: rule.id = text.text.isEmpty ? nil : text.text
      case .ruleDescription: rule.description = text.text.isEmpty ? nil : text.text
      }
    }
    return rule
  }
}

extension DecisionTable {
  /// As DMN writes it into the table's corner.
  fileprivate var letters: String { HitPolicyName(policyName)?.letters ?? "" }
}

/// A hit policy with its aggregation by one of the names that login tables give them.
struct HitPolicyName {
  private let policy: Rules.HitPolicy

  init?(_ text: String) {
    guard let policy = Rules.HitPolicy(name: text) else { return nil }
    self.policy = policy
  }

  var letters: String { policy.letters }

  /// In DMN's two parts.
  var parts: (DecisionTable.HitPolicy, DecisionTable.Aggregation?) {
    let words = policy.rawValue.split(separator: " ").map(String.init)
    if let policy = DecisionTable.HitPolicy(rawValue: policy.rawValue) { return (policy, nil) }
    return (.collect, DecisionTable.Aggregation(rawValue: words.last ?? ""))
  }
}
