import Signals
import Tables

/// What of a table its examples touch.
///
/// - A rule is touched by an example that it decides.
/// - A test of a cell, a state among them, by an example that the rule decides and the test passes.
/// - A boundary, where a cell parts two neighbouring classes of numbers, by an example on each side
///   of it: on the last number of the side where numbers are whole, in the class elsewhere.
public struct Coverage: Encodable, Sendable {
  public struct Count: Encodable, Sendable {
    public var touched: Int
    public var total: Int
    /// Whole percent, rounded down; 100 where there is nothing to touch.
    public var percent: Int { total == 0 ? 100 : touched * 100 / total }

    private enum Key: String, CodingKey { case touched, total, percent }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(touched, forKey: .touched)
      try container.encode(total, forKey: .total)
      try container.encode(percent, forKey: .percent)
    }
  }

  public enum Kind: String, Encodable, Sendable { case rule, cell, boundary }

  /// Something that no example touches.
  public struct Missing: Encodable, Sendable {
    public var kind: Kind
    public var rule: Finding.RuleName
    /// Empty for a rule.
    public var column: String
    /// The test, or the side of the boundary, as a cell.
    public var cell: String
  }

  public var file: String
  public var table: String
  public var rules: Count
  public var cells: Count
  public var boundaries: Count
  public var missing: [Missing]

  /// Of a table's own examples. Throws where the table cannot be compiled.
  public init(_ table: Table) throws {
    self.init(CoverageItems(table), try table.exampleValues())
  }

  init(_ items: CoverageItems, _ inputs: [[PlainSignal]]) {
    let table = items.table
    let touched = items.touched(by: inputs)
    let count = { (kind: Kind) in
      let indexes = items.all.indices.filter { items.all[$0].kind == kind }
      return Count(touched: indexes.count { touched[$0] }, total: indexes.count)
    }
    file = table.file
    self.table = table.name
    (rules, cells, boundaries) = (count(.rule), count(.cell), count(.boundary))
    missing = items.all.indices.filter { !touched[$0] }.map { index in
      let item = items.all[index]
      return Missing(
        kind: item.kind, rule: table.rules[item.rule].name(in: table.file),
        column: item.column.map { table.inputs[$0].name } ?? "",
        cell: item.column.map { items.space.domains[$0].text(item.cell) } ?? "")
    }
  }
}

extension Coverage: CustomStringConvertible {
  /// One line of counts, and one for each thing that is missing.
  public var description: String {
    let text = { (name: String, count: Count) in
      "\(name) \(count.touched) of \(count.total) (\(count.percent) %)"
    }
    let counts = [text("rules", rules), text("cells", cells), text("boundaries", boundaries)]
    return (["\(file): \(counts.joined(separator: ", "))"] + missing.map { "    \($0)" })
      .joined(separator: "\n")
  }
}

extension Coverage.Missing: CustomStringConvertible {
  public var description: String {
    let name =
      "rule \(rule.name.isEmpty ? String(rule.number) : "`\(rule.name)`") (line \(rule.line))"
    return switch kind {
    case .rule: "\(name) decides no example"
    case .cell: "\(name) decides no example with `\(column)` `\(cell)`"
    case .boundary: "no example with `\(column)` `\(cell)`, at a boundary of \(name)"
    }
  }
}
