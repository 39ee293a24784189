import Signals
import Tables
import Wire

/// What of a table its examples touch.
///
/// - A rule is touched by an example that it decides.
/// - A test of a cell, a state among them, by an example that the rule decides and the test passes.
/// - An example that an earlier table of the chain stops touches nothing: the chain does not get here.
/// - A boundary, where a cell parts two neighbouring classes of numbers, by an example on each side
///   of it: on the last number of the side where numbers are whole, in the class elsewhere. Of
///   networks, by one with the first address, one with the last, and one with each address next to
///   these. Of `not(...)`, by one for each of its values.
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

  /// An example that does not get to its table.
  public struct Stopped: Encodable, Sendable {
    /// The example's name, or its number.
    public var example: String
    public var line: Int
    /// The earlier table that stops the chain.
    public var by: String
  }

  public var file: String
  public var table: String
  public var rules: Count
  public var cells: Count
  public var boundaries: Count
  public var missing: [Missing]
  public var stopped: [Stopped]

  /// Of a table's own examples, behind the tables that run before it. Throws where a table cannot be
  /// compiled.
  public init(_ table: Table, behind earlier: [Table] = []) throws {
    var inputs = try table.exampleValues()
    var stopped: [Stopped] = []
    for (index, by) in try table.stoppedExamples(behind: earlier).enumerated().reversed() {
      guard let by else { continue }
      let example = table.examples[index]
      stopped.insert(
        .init(
          example: example.name.isEmpty ? String(example.number) : example.name,
          line: example.location.line, by: by), at: 0)
      inputs.remove(at: index)
    }
    self.init(CoverageItems(table), inputs, stopped)
  }

  private init(_ items: CoverageItems, _ inputs: [[PlainSignal]], _ stopped: [Stopped]) {
    self.stopped = stopped
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

extension TableSet {
  /// The coverage of each table, behind the others of its chain.
  public func coverages() throws -> [Coverage] {
    try tables.map { try Coverage($0, behind: tables(before: $0)) }
  }

  /// Those of its chain that run before a table of the set.
  public func tables(before table: Table) -> [Table] {
    let chain = tables.filter { $0.key == table.key }
    return chain.prefix { $0.name != table.name }.filter(\.isLive)
  }
}

extension Table {
  /// By example, the earlier table that stops the chain for it; a candidate runs whatever the chain says.
  func stoppedExamples(behind earlier: [Table]) throws -> [String?] {
    let stops = try shadow == nil ? earlier.map { try $0.stops(examples) } : []
    return examples.indices.map { index in
      zip(earlier, stops).first { $1[index] }?.0.name
    }
  }

  /// By example, of whatever table, whether this one stops the chain for all of the traffic.
  fileprivate func stops(_ examples: [Example]) throws -> [Bool] {
    guard decidesAll else { return examples.map { _ in false } }
    var ordered = inDecidingOrder
    // What is only watched hides nothing.
    ordered.rules.removeAll { !reach(of: $0).decides }
    ordered.rules += [defaultRule].compactMap(\.self)
    return try values(of: examples).map { input in
      ordered.deciding(input).contains { rule in
        ordered.rules[rule].verdict.stopsChain && reach(of: ordered.rules[rule]).isAll
      }
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
    let lost = stopped.map {
      "    example `\($0.example)` (line \($0.line)) does not get here: `\($0.by)` stops the chain before"
    }
    return (["\(file): \(counts.joined(separator: ", "))"] + lost + missing.map { "    \($0)" })
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
