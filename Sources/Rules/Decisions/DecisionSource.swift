import DMN
import Signals

/// The parts of a login table, as a DMN decision has them.
struct DecisionSource {
  private(set) var settings: [FrontMatter.Entry] = []
  private(set) var title = ""
  private(set) var rules: Grid?
  private(set) var examples: Grid?
  let location: SourceLocation
  private let decision: Decision
  /// What `postern:signal` declares, by name.
  private var signalTypes: [String: String] = [:]

  /// What is wrong with it is reported, and what is left out then does not matter.
  init(_ decision: Decision, log: inout DiagnosticLog) {
    self.decision = decision
    location = SourceLocation(decision.position)
    for id in decision.requirements.decisions + decision.requirements.knowledge {
      log.error(
        at: location, "the decision requires `\(id)`; a login table has no inputs but signals")
    }
    readExtension(log: &log)
    guard let table = decision.table else {
      log.error(at: location, "`\(decision.name)` is no decision table; a login table is one")
      return
    }
    readClauses(of: table, log: &log)
    readRules(of: table, log: &log)
  }

  // MARK: Extensions

  private mutating func readExtension(log: inout DiagnosticLog) {
    let tables = decision.loginTables
    for second in tables.dropFirst() {
      log.error(at: SourceLocation(second.position), "a second `postern:table`; remove one")
    }
    for other in decision.extensions where other.name != LoginExtension.table {
      log.error(at: SourceLocation(other.position), unknownExtension(other, ["table"]))
    }
    let name = tables.first?.attributes["name"]
    title = decision.name == name ? "" : decision.name
    guard let table = tables.first else { return }
    let known = [LoginExtension.list, LoginExtension.signal, LoginExtension.examples]
    checkExtension(table, attributes: nil, elements: known, log: &log)
    let place = SourceLocation(table.position)
    for (key, value) in table.attributes.sorted(by: { $0.key < $1.key }) {
      // What is no setting at all is reported with all other settings.
      if TableSettings.keys.contains(key), !LoginExtension.settings.contains(key) {
        log.error(at: place, "DMN has its own place for `\(key)`; remove it from `postern:table`")
      } else {
        settings.append(.init(key: SourceText(key, at: place), value: .scalar(.init(value, at: place))))
      }
    }
    readPairs(table, LoginExtension.list, "lists", value: "file", log: &log)
    readPairs(table, LoginExtension.signal, "signals", value: "type", log: &log)
    for signal in table.elements(named: LoginExtension.signal) {
      signalTypes[signal.attributes["name"] ?? ""] = signal.attributes["type"]
    }
    let grids = table.elements(named: LoginExtension.examples)
    for second in grids.dropFirst() {
      log.error(at: SourceLocation(second.position), "a second `postern:examples`; join them")
    }
    if let first = grids.first { examples = examples(first, log: &log) }
  }

  /// Elements of one kind as the lines of a setting: an attribute `name`, and one of its value.
  private mutating func readPairs(
    _ table: ModelExtension, _ element: String, _ setting: String, value: String,
    log: inout DiagnosticLog
  ) {
    let found = table.elements(named: element)
    for element in found { checkExtension(element, attributes: ["name", value], log: &log) }
    let lines = found.map { element in
      let place = SourceLocation(element.position)
      return FrontMatter.Entry(
        key: SourceText(element.attributes["name"] ?? "", at: place),
        value: .scalar(SourceText(element.attributes[value] ?? "", at: place)))
    }
    addMap(setting, lines, log: &log)
  }

  private func examples(_ element: ModelExtension, log: inout DiagnosticLog) -> Grid? {
    let columns = element.elements(named: LoginExtension.column)
    let header = GridRow(
      location: SourceLocation(element.position),
      cells: columns.map {
        SourceText($0.attributes["name"] ?? "", at: SourceLocation($0.position))
      })
    let known = [LoginExtension.column, LoginExtension.example]
    checkExtension(element, attributes: [], elements: known, log: &log)
    for column in columns { checkExtension(column, attributes: ["name"], log: &log) }
    for example in element.elements(named: LoginExtension.example) {
      checkExtension(example, attributes: [], elements: [LoginExtension.entry], log: &log)
      for entry in example.elements(named: LoginExtension.entry) {
        checkExtension(entry, attributes: [], hasText: true, log: &log)
      }
    }
    return Grid(
      format: .dmn, header: header, lines: element.elements(named: LoginExtension.example),
      { example in
        GridRow(
          location: SourceLocation(example.position),
          cells: example.elements(named: LoginExtension.entry).map { SourceText($0.text) })
      }, log: &log)
  }

  // MARK: The table

  private mutating func readClauses(of table: DecisionTable, log: inout DiagnosticLog) {
    addSetting("hitPolicy", table.policyName, at: location)
    var types: [FrontMatter.Entry] = []
    var values: [FrontMatter.Entry] = []
    var defaults: [FrontMatter.Entry] = []
    for output in table.outputs {
      let place = SourceLocation(output.position)
      let name = SourceText(output.name ?? "", at: place)
      if let type = outputType(output, log: &log) {
        types.append(.init(key: name, value: .scalar(SourceText(type, at: place))))
      }
      if let allowed = output.allowedValues, let texts = literals(SourceText(allowed), log: &log) {
        values.append(.init(key: name, value: .scalar(texts)))
      }
      if let entry = output.defaultEntry {
        defaults.append(.init(key: name, value: .scalar(answer(SourceText(entry), log: &log))))
      }
    }
    addMap("outputs", types, log: &log)
    addMap("values", values, log: &log)
    addMap("default", defaults, log: &log)
  }

  /// `nil` for one that the table need not say, which is text.
  private func outputType(
    _ output: DecisionTable.OutputClause, log: inout DiagnosticLog
  ) -> String? {
    guard let type = output.typeRef else { return nil }
    let isNumber = ["number", "integer", "long", "double"].contains(type)
    let isVerdict = output.name == "verdict"
    if isVerdict, type == "string" { return nil }
    if !isVerdict, isNumber || ["string", "boolean"].contains(type) { return isNumber ? "number" : type }
    log.error(
      at: SourceLocation(output.position),
      "the type `\(type)`; an output of a login table is of type `string`"
        + (isVerdict ? "" : ", `number` or `boolean`"))
    return nil
  }

  private mutating func addSetting(_ key: String, _ value: String, at place: SourceLocation) {
    settings.append(.init(key: SourceText(key, at: place), value: .scalar(SourceText(value, at: place))))
  }

  private mutating func addMap(
    _ key: String, _ lines: [FrontMatter.Entry], log: inout DiagnosticLog
  ) {
    guard let first = lines.first else { return }
    settings.append(.init(key: SourceText(key, at: first.key.location), value: .map(lines)))
    var names: Set<String> = []
    for line in lines where !names.insert(line.key.text).inserted && key == "signals" {
      log.error(at: line.key.location, "`\(line.key.text)` is declared twice; remove one")
    }
  }

  private mutating func readRules(of table: DecisionTable, log: inout DiagnosticLog) {
    let hasModes = table.rules.contains { $0.loginRule?.attributes["mode"] != nil }
    for input in table.inputs { check(input, log: &log) }
    guard let verdict = table.outputs.first, verdict.name == "verdict" else {
      log.error(
        at: table.outputs.first.map { SourceLocation($0.position) } ?? location,
        "no output `verdict` in the first place; give the first output the name `verdict`")
      return
    }
    let names =
      [("rule", location)]
      + table.inputs.map { ($0.expression.text, SourceLocation($0.expression.position)) }
      + [("verdict", SourceLocation(verdict.position))] + (hasModes ? [("mode", location)] : [])
      + table.outputs.dropFirst().map { ($0.name ?? "", SourceLocation($0.position)) }
      + [("comment", location)]
    let header = GridRow(location: location, cells: names.map { SourceText($0.0, at: $0.1) })
    var rows: [GridRow] = []
    for rule in table.rules { rows.append(row(rule, hasModes: hasModes, log: &log)) }
    rules = Grid(format: .dmn, header: header, lines: rows, { $0 }, log: &log)
  }

  private func check(_ input: DecisionTable.InputClause, log: inout DiagnosticLog) {
    checkType(of: input, log: &log)
    if let allowed = input.allowedValues {
      log.error(
        at: SourceLocation(allowed.position),
        "values of an input; a signal has its own: remove `inputValues`")
    }
  }

  /// Dates, times and durations are such by the signal's declaration; the column's type says the same.
  private func checkType(of input: DecisionTable.InputClause, log: inout DiagnosticLog) {
    guard let type = input.typeRef else { return }
    let name = input.expression.text
    let scale = SignalScale(typeRef: type)
    let isOther = LiteralScale(named: type) != nil || ["string", "boolean"].contains(type)
    let fault: String
    if let own = SignalRegistry()[name] {
      if scale == nil { return }
      fault = "is of type \(own.feelType ?? own.typeName); write that"
    } else if let declared = signalTypes[name] {
      let wanted = SignalScale(typeRef: declared)
      guard wanted.map({ isOther && !LiteralScale($0).isNamed(type) }) ?? (scale != nil) else { return }
      fault =
        "is declared to be of type \(wanted?.name ?? declared); write that, or change the declaration"
    } else {
      guard let scale else { return }
      fault =
        "is no signal of that type; declare it: `<postern:signal name=\"\(name)\" type=\"\(scale.name)\"/>`"
    }
    log.error(at: SourceLocation(input.position), "the type `\(type)`, and `\(name)` \(fault)")
  }

  private func row(
    _ rule: DecisionTable.Rule, hasModes: Bool, log: inout DiagnosticLog
  ) -> GridRow {
    let place = SourceLocation(rule.position)
    let extended = rule.loginRule
    for other in rule.extensions where other != extended {
      log.error(at: SourceLocation(other.position), unknownExtension(other, ["rule"]))
    }
    if let extended { checkExtension(extended, attributes: ["name", "mode"], log: &log) }
    func text(_ attribute: String) -> SourceText {
      SourceText(
        extended?.attributes[attribute] ?? "",
        at: extended.map { SourceLocation($0.position) } ?? place)
    }
    var cells = [text("name")] + rule.inputEntries.map { SourceText($0) }
    var answers: [SourceText] = []
    for entry in rule.outputEntries { answers.append(answer(SourceText(entry), log: &log)) }
    cells += answers.prefix(1) + (hasModes ? [text("mode")] : []) + answers.dropFirst()
    let remarks = ([rule.description ?? ""] + rule.annotations).filter { !$0.isEmpty }
    cells.append(SourceText(remarks.joined(separator: "; "), at: place))
    return GridRow(location: place, cells: cells)
  }

  // MARK: Texts

  /// An output as a cell says it; what FEEL would calculate is reported.
  private func answer(_ text: SourceText, log: inout DiagnosticLog) -> SourceText {
    let nothing = SourceText("", at: text.location)
    if text.isBlank || text.text == "null" { return nothing }
    if ["true", "false"].contains(text.text) || decimalNumber(text.text) != nil { return text }
    return literals(text, isOne: true, log: &log) ?? nothing
  }

  /// The text of FEEL literals between commas, `nil` for anything else, which is reported.
  private func literals(
    _ text: SourceText, isOne: Bool = false, log: inout DiagnosticLog
  ) -> SourceText? {
    do throws(CellError) {
      if isOne, text.text.hasPrefix("\"") {
        _ = try CellParser.literal(text.text)
        return text
      }
      for (offset, piece) in try CellParser.pieces(text.text) {
        let isQuoted = text.text.dropFirst(offset).first == "\""
        guard isQuoted || !isOne && decimalNumber(piece) != nil else {
          throw CellError(
            "`\(piece)` is no text; a login table calculates nothing: write \(quoted(piece))",
            at: offset)
        }
      }
      return text
    } catch {
      log.error(at: text.location(at: error.offset), error.message)
      return nil
    }
  }
}

/// Reports what an extension has and nobody reads. Its attributes are those that are named, or, for `nil`,
/// any.
private func checkExtension(
  _ element: ModelExtension, attributes: [String]?, elements: [String] = [], hasText: Bool = false,
  log: inout DiagnosticLog
) {
  let place = SourceLocation(element.position)
  if let attributes {
    let known = attributes.map { "`\($0)`" }.joined(separator: " or ")
    for name in element.attributes.keys.sorted() where !attributes.contains(name) {
      log.error(
        at: place,
        "no attribute `\(name)` of `postern:\(element.name)`; "
          + (known.isEmpty ? "remove it" : "write \(known)"))
    }
  }
  for other in element.elements where !elements.contains(other.name) {
    log.error(at: SourceLocation(other.position), unknownExtension(other, elements))
  }
  if !hasText, !element.text.text.isEmpty {
    log.error(at: place, "text in `postern:\(element.name)`, which has none; remove it")
  }
}

private func unknownExtension(_ element: ModelExtension, _ known: [String]) -> String {
  if known.isEmpty { return "no element `postern:\(element.name)` here; remove it" }
  let list = known.map { "`postern:\($0)`" }.joined(separator: " or ")
  return "no element `postern:\(element.name)` here; write \(list)"
}

extension DecisionTable.Rule {
  var loginRule: ModelExtension? { extensions.first { $0.name == LoginExtension.rule } }
}

extension DecisionTable {
  /// As a setting says it: `FIRST`, `COLLECT SUM`.
  var policyName: String {
    hitPolicy.rawValue + (aggregation.map { " \($0.rawValue)" } ?? "")
  }
}
