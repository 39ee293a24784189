import Signals
import Tables
import Wire

/// Reads the table under `## Rules`.
struct RulesReader {
  /// What a column is for.
  private enum Column {
    case name
    case input(Signal)
    case verdict
    case output(OutputColumn)
    case comment
    /// Reported already; its cells are passed over.
    case unreadable
  }

  private let columns: [Column]
  private(set) var inputs: [Signal] = []
  private(set) var rules: [Rule] = []

  init(_ table: MarkdownTable, _ registry: SignalRegistry, log: inout DiagnosticLog) {
    columns = Self.columns(of: table.header, registry, log: &log)
    for case .input(let signal) in columns { inputs.append(signal) }
    if inputs.count > TablePlan.columnCountMax {
      log.error(
        at: table.header.location,
        "\(inputs.count) input columns; \(TablePlan.columnCountMax) is the most")
    }
    if table.rows.count > TablePlan.ruleCountMax {
      log.error(
        at: table.header.location,
        "\(table.rows.count) rules; \(TablePlan.ruleCountMax) is the most")
    }
    if table.rows.isEmpty {
      log.error(at: table.header.location, "no rule in the table; write one row for each")
    }
    for (index, row) in table.rows.enumerated() {
      if let rule = rule(row, number: index + 1, log: &log) { rules.append(rule) }
    }
    checkNames(log: &log)
  }

  private static func columns(
    of header: MarkdownRow, _ registry: SignalRegistry, log: inout DiagnosticLog
  ) -> [Column] {
    var columns: [Column] = []
    var names: Set<String> = []
    var isPastVerdict = false
    for (index, cell) in header.cells.enumerated() {
      let cell = cell.withoutBackticks
      guard names.insert(cell.text).inserted else {
        log.error(at: cell.location, "a second column `\(cell.text)`; put its tests into the first")
        columns.append(.unreadable)
        continue
      }
      if index == 0, cell.text == "rule" {
        columns.append(.name)
      } else if cell.text == "verdict" {
        columns.append(.verdict)
        isPastVerdict = true
      } else if cell.text == "comment", index == header.cells.count - 1 {
        columns.append(.comment)
      } else if isPastVerdict {
        columns.append(output(cell, registry, log: &log))
      } else {
        columns.append(input(cell, registry, log: &log))
      }
    }
    if !isPastVerdict {
      log.error(at: header.location, "no column `verdict`; add it behind the inputs")
    }
    return columns
  }

  private static func input(
    _ cell: SourceText, _ registry: SignalRegistry, log: inout DiagnosticLog
  ) -> Column {
    if let signal = registry[cell.text] { return .input(signal) }
    if cell.isEmpty {
      log.error(at: cell.location, "a column without a name; write a signal's name or remove it")
    } else if cell.text == "comment" || cell.text == "rule" {
      let place = cell.text == "rule" ? "first" : "last"
      log.error(at: cell.location, "`\(cell.text)` is the \(place) column or none")
    } else if OutputColumn(cell.text) != nil {
      log.error(at: cell.location, "`\(cell.text)` is an output; move it behind `verdict`")
    } else {
      log.error(at: cell.location, unknownSignal(cell.text, registry, orElse: ["rule", "verdict"]))
    }
    return .unreadable
  }

  private static func output(
    _ cell: SourceText, _ registry: SignalRegistry, log: inout DiagnosticLog
  ) -> Column {
    if let output = OutputColumn(cell.text) { return .output(output) }
    if registry[cell.text] != nil {
      log.error(at: cell.location, "`\(cell.text)` is an input; move it before `verdict`")
    } else if cell.text == "comment" {
      log.error(at: cell.location, "`comment` is the last column or none")
    } else {
      log.error(at: cell.location, unknownOutput(cell.text))
    }
    return .unreadable
  }

  private func rule(_ row: MarkdownRow, number: Int, log: inout DiagnosticLog) -> Rule? {
    guard row.cells.count == columns.count else {
      log.error(at: row.location, wrongWidth(row, columns.count))
      return nil
    }
    var rule = Rule(number: number, cells: [], verdict: .allow, location: row.location)
    for (column, cell) in zip(columns, row.cells) {
      switch column {
      case .name: rule.name = ruleName(cell, log: &log)
      case .input(let signal): rule.cells.append(tests(cell, signal, log: &log))
      case .verdict: if let verdict = Verdict(cell, log: &log) { rule.verdict = verdict }
      case .output(let output):
        let value = cell.outputText(log: &log)
        if !value.isEmpty { rule.outputs.append(output.output(value)) }
      case .comment, .unreadable: break
      }
    }
    return rule
  }

  private func ruleName(_ cell: SourceText, log: inout DiagnosticLog) -> String {
    if cell.isBlank { return "" }
    let name = cell.withoutBackticks
    if !isName(name.text) {
      log.error(
        at: name.location,
        "`\(name.text)` is no rule's name; write 1 to \(Table.nameByteCountMax) letters,"
          + " digits, `.`, `_` and `-`")
    }
    return name.text
  }

  private func tests(
    _ cell: SourceText, _ signal: Signal, log: inout DiagnosticLog
  ) -> UnaryTests {
    let cell = cell.withoutBackticks
    do throws(CellError) {
      return try CellParser.parse(cell.text, for: signal)
    } catch {
      log.error(at: cell.location(at: error.offset), error.message)
      return .any
    }
  }

  /// Replies and examples name a rule, so two of a table cannot share a name.
  private func checkNames(log: inout DiagnosticLog) {
    var lines: [String: Int] = [:]
    for rule in rules where !rule.name.isEmpty {
      if let line = lines[rule.name] {
        log.error(
          at: rule.location,
          "a second rule `\(rule.name)` (the first is in line \(line)); give it another name")
      } else {
        lines[rule.name] = rule.location.line
      }
    }
  }
}

extension Verdict {
  /// The verdict of a rule's cell.
  fileprivate init?(_ cell: SourceText, log: inout DiagnosticLog) {
    let text = cell.outputText(log: &log)
    if let verdict = Verdict(name: text) {
      self = verdict
      return
    }
    log.error(
      at: cell.withoutBackticks.location, unknownVerdict(text, Verdict.allCases.map(\.name)))
    return nil
  }
}

func unknownVerdict(_ text: String, _ names: [String]) -> String {
  let list = names.map { "`\($0)`" }.joined(separator: ", ")
  if text.isEmpty { return "no verdict; write one of \(list)" }
  return "`\(text)` is no verdict; write one of \(list)" + hint(for: text, among: names)
}

func unknownSignal(_ name: String, _ registry: SignalRegistry, orElse others: [String]) -> String {
  let known = SignalRegistry.all.map(\.name) + registry.customs.keys.sorted() + others
  return "no signal `\(name)`"
    + hint(
      for: name, among: known,
      otherwise: "; declare one of your own under `signals:` in the front matter")
}

func unknownOutput(_ name: String) -> String {
  let names = OutputColumn.fixedNames + ["comment"]
  let list = (OutputColumn.fixedNames + ["claim.NAME", "metadata.NAME"]).map { "`\($0)`" }
  return "no output `\(name)`"
    + hint(for: name, among: names, otherwise: "; outputs are " + list.joined(separator: ", "))
}

func wrongWidth(_ row: MarkdownRow, _ count: Int) -> String {
  "\(row.cells.count) cells in a table of \(count) columns; write `\\|` for a pipe that belongs"
    + " to a cell, and `-` for a cell without a test"
}
