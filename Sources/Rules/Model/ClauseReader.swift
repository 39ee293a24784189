import Wire

/// Puts what a table's settings say of its outputs together with the columns that it has.
struct ClauseReader {
  private(set) var verdictValues: [Verdict] = []
  private(set) var outputs: [OutputClause]

  /// `header` is where the table is to blame as a whole.
  init(
    _ columns: [OutputColumn], _ settings: TableSettings, at header: GridRow,
    log: inout DiagnosticLog
  ) {
    outputs = columns.map { OutputClause($0) }
    readTypes(settings, at: header, log: &log)
    for values in settings.outputs.values {
      if values.column.text == "verdict" {
        verdictValues = unique(values.texts, log: &log) { text, log in
          text.verdict(among: [], log: &log)
        }
      } else if let index = index(of: values.column, log: &log) {
        outputs[index].values = unique(values.texts, log: &log) { [outputs] text, log in
          outputs[index].value(of: text, log: &log)
        }
      }
    }
    checkPriorities(settings, at: header, log: &log)
  }

  /// By what PRIORITY and OUTPUT ORDER rank is a list of values of one output at least (DMN 8.2.10).
  private func checkPriorities(
    _ settings: TableSettings, at header: GridRow, log: inout DiagnosticLog
  ) {
    guard let policy = settings.hitPolicy, policy.isByPriority, settings.outputs.values.isEmpty else {
      return
    }
    log.error(
      at: header.location,
      "`hitPolicy: \(policy.rawValue)` and no list of output values to rank by; write one under `values:`"
        + " (in DMN, `outputValues`), such as `verdict: revoke, deny, review, mfa, allow`")
  }

  private mutating func readTypes(
    _ settings: TableSettings, at header: GridRow, log: inout DiagnosticLog
  ) {
    let policy = settings.hitPolicy ?? .first
    for index in outputs.indices where policy.addsNumbers && outputs[index].column.canAggregate {
      outputs[index].type = .number
    }
    for (name, type) in settings.outputs.types {
      guard let index = index(of: name, log: &log) else { continue }
      if type != .string, !outputs[index].column.canAggregate {
        log.error(
          at: name.location, "`\(name.text)` is text; a \(type) is a `claim.NAME` or `metadata.NAME`")
      } else {
        outputs[index].type = type
      }
    }
    let hasNumber = outputs.contains { $0.type == .number }
    let hasCountable = outputs.contains { $0.column.canAggregate }
    if policy.addsNumbers ? !hasNumber : policy == .collectCount && !hasCountable {
      log.error(
        at: header.location,
        "`hitPolicy: \(policy.rawValue)` and no output to apply it to; add a column `claim.NAME` or"
          + " `metadata.NAME`\(policy.addsNumbers ? " of numbers" : ""), or set `hitPolicy: COLLECT`")
    }
  }

  /// The rule that applies when no other does; `nil` where the settings give none.
  func defaultRule(
    _ settings: OutputSettings, inputCount: Int, log: inout DiagnosticLog
  ) -> Rule? {
    guard let location = settings.defaultLocation else { return nil }
    var rule = Rule(
      name: Rule.defaultName, number: 0, cells: [UnaryTests](repeating: .any, count: inputCount),
      verdict: .allow, location: location)
    var values: [Int: String] = [:]
    var hasVerdict = false
    for (name, text) in settings.defaults {
      if name.text == "verdict" {
        hasVerdict = true
        if let verdict = text.verdict(among: verdictValues, log: &log) { rule.verdict = verdict }
      } else if let index = index(of: name, log: &log) {
        values[index] = outputs[index].value(of: text, log: &log)
      }
    }
    if !hasVerdict {
      log.error(at: location, "no verdict under `default`; add `verdict: review`")
    }
    rule.outputs = outputs.indices.compactMap { index in
      values[index].map(outputs[index].column.output)
    }
    return rule
  }

  /// The output column that a setting speaks of; a name that is none is reported.
  private func index(of name: SourceText, log: inout DiagnosticLog) -> Int? {
    if let index = outputs.firstIndex(where: { $0.column.text == name.text }) { return index }
    let names = outputs.map(\.column.text)
    let list = "; the columns are `" + (["verdict"] + names).joined(separator: "`, `") + "`"
    log.error(
      at: name.location,
      "no output column `\(name.text)` in the rules"
        + hint(for: name.text, among: names, otherwise: list))
    return nil
  }

  private func unique<Value: Hashable>(
    _ texts: [SourceText], log: inout DiagnosticLog,
    _ read: (SourceText, inout DiagnosticLog) -> Value?
  ) -> [Value] {
    var values: [Value] = []
    var seen: Set<Value> = []
    for text in texts {
      guard !text.isEmpty else {
        log.error(at: text.location, "a value is missing here; write one or remove the comma")
        continue
      }
      guard let value = read(text, &log) else { continue }
      if seen.insert(value).inserted {
        values.append(value)
      } else {
        log.error(at: text.location, "`\(text.text)` is in the list twice; remove one")
      }
    }
    return values
  }
}

extension HitPolicy {
  /// Whether number outputs are added up or compared.
  var addsNumbers: Bool {
    switch self {
    case .collectSum, .collectMin, .collectMax: true
    default: false
    }
  }
}

extension OutputClause {
  /// The value of a rule's cell; `nil` where it says nothing or what is wrong, which is reported.
  func value(of cell: SourceText, log: inout DiagnosticLog) -> String? {
    var value = cell.outputText(log: &log)
    if value.isEmpty { return nil }
    let place = cell.withoutBackticks.location
    guard let canonical = type.canonical(value) else {
      let example = type == .number ? "a number" : "`true` or `false`"
      log.error(
        at: place,
        "`\(value)` is no \(type), and `\(column.text)` is one; write \(example), or say"
          + " `\(column.text): string` under `outputs:`")
      return nil
    }
    value = canonical
    if !values.isEmpty, !values.contains(value) {
      let list = values.prefix(8).map { "`\($0)`" } + (values.count > 8 ? ["..."] : [])
      log.error(
        at: place,
        "`\(value)` is no value of `\(column.text)`; its values are \(list.joined(separator: ", "))")
      return nil
    }
    return value
  }
}

extension SourceText {
  /// The verdict of a cell; one that is not among `values`, where there are any, is reported.
  func verdict(among values: [Verdict], log: inout DiagnosticLog) -> Verdict? {
    let text = outputText(log: &log)
    let names = (values.isEmpty ? Verdict.allCases : values).map(\.name)
    if let verdict = Verdict(name: text), names.contains(text) { return verdict }
    let place = withoutBackticks.location
    if Verdict(name: text) != nil {
      log.error(
        at: place,
        "`\(text)` is not among the values of `verdict`; write one of `"
          + names.joined(separator: "`, `") + "`, or add it under `values:`")
    } else {
      log.error(at: place, unknownVerdict(text, names))
    }
    return nil
  }
}
