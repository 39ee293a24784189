import DMN
import Signals
import Wire

extension TableDraft {
  /// A table's texts. Throws what no source can say.
  init(_ table: Table) throws(UnwritableTable) {
    title = table.title
    rules = [Self.header(of: table)]
    for rule in table.rules { rules.append(try Self.row(of: rule, in: table)) }
    if !table.examples.isEmpty { examples = try ExampleColumns(table).grid(of: table.examples) }
    settings = Self.settings(of: table)
  }

  private static func header(of table: Table) -> [String] {
    var names = ["rule"] + table.inputs.map(\.name) + ["verdict"]
    if table.hasRuleModes { names.append("mode") }
    return names + table.outputs.map(\.column.text) + ["comment"]
  }

  private static func row(of rule: Rule, in table: Table) throws(UnwritableTable) -> [String] {
    var cells = [rule.name]
    for (signal, tests) in zip(table.inputs, rule.cells) {
      guard let text = tests.text(for: signal) else {
        throw UnwritableTable(message: "\(rule.label): no cell says what it says of `\(signal.name)`")
      }
      cells.append(text)
    }
    cells.append(rule.verdict.name)
    if table.hasRuleModes {
      cells.append(rule.mode.map { ModeText(mode: $0, canary: rule.canary).description } ?? "")
    }
    for clause in table.outputs {
      let output = rule.outputs.first { OutputColumn($0) == clause.column }
      cells.append(output.map { outputCell($0.value) } ?? "")
    }
    return cells + [rule.comment]
  }

  static func settings(of table: Table) -> [(name: String, value: Value)] {
    var settings: [(name: String, value: Value)] = [
      ("name", .text(table.name)), ("trigger", .text(table.trigger)),
    ]
    if !table.tenant.isEmpty { settings.append(("tenant", .text(table.tenant))) }
    settings += [
      ("order", .text(String(table.order))), ("hitPolicy", .text(table.hitPolicy.rawValue)),
      ("mode", .text(ModeText(mode: table.mode, canary: table.canary).description)),
    ]
    switch table.shadow {
    case .ofChain: settings.append(("shadow", .text("true")))
    case .ofTable(let name): settings.append(("shadowOf", .text(name)))
    case nil: break
    }
    settings.append(("onLate", .text(table.onLate.name)))
    if let budget = table.budgetNanoseconds {
      settings.append(("budget", .text(durationText(budget))))
    }
    let maps = [
      ("lists", table.lists.map { ($0.name, $0.path) }),
      ("signals", table.customInputs.map { ($0.name, $0.typeName) }),
      ("outputs", table.outputs.map { ($0.column.text, $0.type.rawValue) }),
      ("values", table.valueLists), ("default", table.defaultTexts),
    ]
    for (name, lines) in maps where !lines.isEmpty {
      settings.append((name, .lines(lines.map { (name: $0.0, text: $0.1) })))
    }
    return settings
  }

  /// An output's text as a cell says it, in quotes where it would be read as something else.
  static func outputCell(_ text: String) -> String {
    let isPlain =
      !text.isEmpty && text != "-" && !text.hasPrefix("\"") && !text.contains("`")
      && text[...].trimmed == text[...] && !text.contains(where: \.isLineEnd)
    return isPlain ? text : quoted(text)
  }
}

/// Why a table cannot be written: something in it has no words in a source.
public struct UnwritableTable: Error, CustomStringConvertible, Sendable {
  public let message: String
  public var description: String { message }
}

extension Table {
  /// The table as a source of some format; reading it gives the same table again.
  public func text(_ format: TableFormat) throws(UnwritableTable) -> String {
    switch format {
    case .markdown: try TableDraft(self).markdown()
    case .csv: try TableDraft(self).csv()
    case .dmn: ModelWriter.write(try DecisionModelBuilder(self).model())
    }
  }

  fileprivate var hasRuleModes: Bool { rules.contains { $0.mode != nil } }

  /// What `values:` says.
  fileprivate var valueLists: [(String, String)] {
    let verdicts = verdictValues.map(\.name).joined(separator: ", ")
    return (verdicts.isEmpty ? [] : [("verdict", verdicts)])
      + outputs.filter { !$0.values.isEmpty }.map { clause in
        (clause.column.text, clause.values.map(quoted).joined(separator: ", "))
      }
  }

  /// What `default:` says.
  fileprivate var defaultTexts: [(String, String)] {
    guard let defaultRule else { return [] }
    return [("verdict", defaultRule.verdict.name)]
      + defaultRule.outputs.map {
        (OutputColumn($0).text, TableDraft.outputCell($0.value))
      }
  }
}
