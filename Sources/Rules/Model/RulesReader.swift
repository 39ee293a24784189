import Signals
import Tables
import Wire

/// Reads the table of rules.
struct RulesReader {
  /// What a column is for.
  private enum Column {
    case name
    /// By index in `inputs`.
    case input(Int)
    case verdict
    case mode
    /// By index in `outputs`.
    case output(Int)
    case comment
    /// Reported already; its cells are passed over.
    case unreadable
  }

  /// Then a signal or a list that is not known may be one that they declare.
  private let areSettingsUnread: Bool
  private var columns: [Column] = []
  private(set) var inputs: [Signal] = []
  private(set) var verdictValues: [Verdict] = []
  private(set) var outputs: [OutputClause] = []
  /// Where the header names each of them.
  private(set) var outputLocations: [SourceLocation] = []
  /// LIMIT: hundreds of values; more are read and reviewed in a file of their own.
  private static let cellByteCountMax = 8192

  private(set) var rules: [Rule] = []
  private(set) var defaultRule: Rule?
  /// Of rules that say a mode above the table's: how many, and the first one's cell.
  private var higherModes: (count: Int, text: String, location: SourceLocation)?
  /// By input: what cells have been read as. Most cells of a column say one of a few things.
  private var knownCells: [[ExactText: UnaryTests]] = []

  init(
    _ grid: Grid, _ settings: TableSettings, _ lists: inout TableLists, log: inout DiagnosticLog
  ) {
    areSettingsUnread = settings.areUnread
    readHeader(grid.header, settings.registry, log: &log)
    knownCells = inputs.map { _ in [:] }
    if inputs.count > TablePlan.columnCountMax {
      log.error(
        at: grid.header.location,
        "\(inputs.count) input columns; \(TablePlan.columnCountMax) is the most")
    }
    if grid.rows.isEmpty {
      log.error(at: grid.header.location, "no rule in the table; write one row for each")
    }
    let clauses = ClauseReader(outputs.map(\.column), settings, at: grid.header, log: &log)
    verdictValues = clauses.verdictValues
    outputs = clauses.outputs
    rules.reserveCapacity(grid.rows.count)
    for (index, row) in grid.rows.enumerated() {
      if let message = grid.widthError(of: row) {
        log.error(at: row.location, message)
      } else {
        rules.append(rule(row, number: index + 1, settings, &lists, log: &log))
      }
    }
    knownCells = []
    defaultRule = clauses.defaultRule(settings.outputs, inputCount: inputs.count, log: &log)
    checkNames(log: &log)
    warnOfModes(settings, log: &log)
    if let policy = settings.hitPolicy, policy.addsNumbers, !log.diagnostics.hasErrors {
      warnOfNulls(log: &log)
    }
  }

  private mutating func readHeader(
    _ header: GridRow, _ registry: SignalRegistry, log: inout DiagnosticLog
  ) {
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
  }

  private mutating func input(
    _ cell: SourceText, _ registry: SignalRegistry, log: inout DiagnosticLog
  ) -> Column {
    if let signal = registry[cell.text] {
      inputs.append(signal)
      return .input(inputs.count - 1)
    }
    if cell.isEmpty {
      log.error(at: cell.location, "a column without a name; write a signal's name or remove it")
    } else if cell.text == "comment" || cell.text == "rule" {
      let place = cell.text == "rule" ? "first" : "last"
      log.error(at: cell.location, "`\(cell.text)` is the \(place) column or none")
    } else if OutputColumn(cell.text) != nil || cell.text == "mode" {
      let kind = cell.text == "mode" ? "no input" : "an output"
      log.error(at: cell.location, "`\(cell.text)` is \(kind); move it behind `verdict`")
    } else if !areSettingsUnread {
      log.error(at: cell.location, unknownSignal(cell.text, registry, orElse: ["rule", "verdict"]))
    }
    return .unreadable
  }

  private mutating func output(
    _ cell: SourceText, _ registry: SignalRegistry, log: inout DiagnosticLog
  ) -> Column {
    if cell.text == "mode" { return .mode }
    if let column = OutputColumn(cell.text) {
      outputs.append(OutputClause(column))
      outputLocations.append(cell.location)
      return .output(outputs.count - 1)
    }
    if registry[cell.text] != nil {
      log.error(at: cell.location, "`\(cell.text)` is an input; move it before `verdict`")
    } else if cell.text == "comment" {
      log.error(at: cell.location, "`comment` is the last column or none")
    } else {
      log.error(at: cell.location, unknownOutput(cell.text))
    }
    return .unreadable
  }

  private mutating func rule(
    _ row: GridRow, number: Int, _ settings: TableSettings, _ lists: inout TableLists,
    log: inout DiagnosticLog
  ) -> Rule {
    var rule = Rule(number: number, cells: [], verdict: .allow, location: row.location)
    rule.cells.reserveCapacity(inputs.count)
    for (column, cell) in zip(columns, row.cells) {
      switch column {
      case .name: rule.name = ruleName(cell, log: &log)
      case .input(let index): rule.cells.append(tests(cell, of: index, &lists, log: &log))
      case .verdict:
        if let verdict = cell.verdict(among: verdictValues, log: &log) { rule.verdict = verdict }
      case .mode:
        let mode = cell.mode(log: &log)
        rule.mode = mode?.mode
        rule.canary = mode?.canary
        if let mode { noteMode(mode, at: cell.withoutBackticks.location, of: settings) }
      case .output(let index):
        if let value = outputs[index].value(of: cell, log: &log) {
          rule.outputs.append(outputs[index].column.output(value))
        }
      case .comment: rule.comment = cell.isBlank ? "" : cell.text
      case .unreadable: break
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

  private mutating func tests(
    _ cell: SourceText, of index: Int, _ lists: inout TableLists, log: inout DiagnosticLog
  ) -> UnaryTests {
    if cell.isBlank { return .any }
    let text = ExactText(cell.text)
    if let known = knownCells[index][text] { return known }
    guard cell.text.utf8.count <= Self.cellByteCountMax else {
      log.error(
        at: cell.location,
        "a cell of \(cell.text.count) characters; \(Self.cellByteCountMax) bytes is the most: put the"
          + " values into a file, name it under `lists:` and write `in NAME`")
      return .any
    }
    let bare = cell.withoutBackticks
    do throws(CellError) {
      let signal = inputs[index]
      let named = try CellParser.parse(bare.text, for: signal, lists: lists.names)
      let tests = named.replacingLists { lists.list($0, for: signal) }
      knownCells[index][text] = tests
      return tests
    } catch {
      if !(areSettingsUnread && error.isUnknownList) {
        log.error(at: bare.location(at: error.offset), error.message)
      }
      return .any
    }
  }

  /// As in DMN, a sum, a least and a greatest of values of which one is null is null.
  private func warnOfNulls(log: inout DiagnosticLog) {
    for clause in outputs where clause.type == .number {
      let empty = rules.filter { $0.value(of: clause.column) == nil }
      guard let first = empty.first else { continue }
      log.warning(
        at: first.location,
        "\(first.label)\(empty.count > 1 ? " and \(empty.count - 1) more have" : " has") no"
          + " `\(clause.column.text)`: where one matches there is none, whatever other rules say; write a"
          + " number")
    }
  }

  /// A table that is off has no rule in effect, and says so itself.
  private mutating func noteMode(_ mode: ModeText, at location: SourceLocation, of settings: TableSettings) {
    guard let own = settings.mode, own != .off, mode.mode.rawValue > own.rawValue else { return }
    let text = higherModes?.text ?? mode.description
    higherModes = ((higherModes?.count ?? 0) + 1, text, higherModes?.location ?? location)
  }

  private func warnOfModes(_ settings: TableSettings, log: inout DiagnosticLog) {
    guard let own = settings.mode, let (count, text, location) = higherModes else { return }
    let more = count > 1 ? ", here and in \(count - 1) more" : ""
    log.warning(
      at: location,
      "`\(text)` has no effect\(more): a rule counts no further than its table, which is in mode"
        + " `\(own.name)`; raise the table's mode, and lower that of the rules that are not to count")
  }

  /// Replies and examples name a rule, so two of a table cannot share a name.
  private func checkNames(log: inout DiagnosticLog) {
    var lines: [String: Int] = [:]
    if let defaultRule { lines[defaultRule.name] = defaultRule.location.line }
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

extension SourceText {
  /// The mode of a rule's cell; `nil` where it says nothing.
  fileprivate func mode(log: inout DiagnosticLog) -> ModeText? {
    if isBlank { return nil }
    let bare = withoutBackticks
    if let mode = ModeText(bare.text) { return mode }
    log.error(at: bare.location, unknownMode(bare.text))
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
  let names = OutputColumn.fixedNames + ["mode", "comment"]
  let list = (OutputColumn.fixedNames + ["claim.NAME", "metadata.NAME"]).map { "`\($0)`" }
  return "no output `\(name)`"
    + hint(for: name, among: names, otherwise: "; outputs are " + list.joined(separator: ", "))
}
