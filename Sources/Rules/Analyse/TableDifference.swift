import Signals
import Wire

/// Where two versions of a table decide differently.
public struct TableDifference: Encodable, Sendable {
  /// What a version answers in a region.
  public struct Decision: Encodable, Hashable, Sendable {
    /// `nil`: no rule matches.
    public var outcome: RuleOutcome?
    /// The rules that decide there.
    public var rules: [Finding.RuleName]
  }

  public struct Change: Encodable, Sendable {
    public var region: Region
    public var input: Witness
    public var before: Decision
    public var after: Decision
  }

  public var tenant: String
  public var trigger: String
  public var table: String
  /// Empty where the table is new.
  public var before: String
  /// Empty where the table is gone.
  public var after: String
  public var changes: [Change] = []
  /// Whether the changes are all there are.
  public var isComplete = true
  /// Why the tables were not compared, empty where they were.
  public var problem = ""

  public var isEqual: Bool { changes.isEmpty && isComplete && problem.isEmpty }
}

extension TableDifference {
  /// Compares two versions of a table; `nil` for one that is new or gone.
  ///
  /// Inputs are compared by signal: a column that only one version has is `-` in the other.
  public init(_ before: Table?, _ after: Table?, budget: Budget = Budget()) {
    let either = (after ?? before)!
    tenant = either.tenant
    trigger = either.trigger
    table = either.name
    self.before = before?.file ?? ""
    self.after = after?.file ?? ""
    var budget = budget
    if let before, let after {
      problem = Self.clash(before, after)
      if problem.isEmpty { compare(before.inDecidingOrder, after.inDecidingOrder, &budget) }
    } else {
      problem = before == nil ? "the table is new" : "the table is gone"
    }
  }

  private static func clash(_ before: Table, _ after: Table) -> String {
    for table in [before, after] where table.hitPolicy.style == .all {
      return "`\(table.file)` answers with every rule that matches (\(table.hitPolicy.rawValue));"
        + " only tables of one answer are compared"
    }
    for signal in before.inputs {
      if let other = after.inputs.first(where: { $0.name == signal.name }), other != signal {
        return "`\(signal.name)` is of type \(signal.type.name) in `\(before.file)` and of type"
          + " \(other.type.name) in `\(after.file)`; compare tables whose signals agree"
      }
    }
    return ""
  }

  private mutating func compare(_ before: Table, _ after: Table, _ budget: inout Budget) {
    let rules = RuleBoxes([before, after])
    if let rule = rules.unread.first {
      let found =
        rule < before.rules.count
        ? before.rules[rule]
        : after.rules[rule - before.rules.count]
      problem =
        "\(found.label) has more than \(RuleBoxes.boxCountMax) combinations of list members;"
        + " split it"
      return
    }
    let split = before.rules.count
    let difference = Difference(
      rules.space,
      .init(boxes: Array(rules.boxes[..<split]), outcomes: before.rules.map(\.outcome)),
      .init(boxes: Array(rules.boxes[split...]), outcomes: after.rules.map(\.outcome)), &budget)
    isComplete = difference.isComplete
    var order: [[RuleOutcome?]] = []
    var groups: [[RuleOutcome?]: [Difference.Part]] = [:]
    for part in difference.parts {
      let key = [
        part.before.map { before.rules[$0].outcome }, part.after.map { after.rules[$0].outcome },
      ]
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(part)
    }
    for key in order {
      let parts = groups[key]!
      for box in parts.map(\.box).merged() {
        let within = parts.filter { box.isSuperset(of: $0.box) }
        let input = Witness(signals: rules.space.signals, values: rules.space.input(in: box))
        changes.append(
          Change(
            region: Region(box, of: rules.space), input: input,
            before: Decision(
              outcome: key[0],
              rules: Set(within.compactMap(\.before)).sorted().map {
                before.rules[$0].name(in: before.file)
              }),
            after: Decision(
              outcome: key[1],
              rules: Set(within.compactMap(\.after)).sorted().map {
                after.rules[$0].name(in: after.file)
              })))
      }
    }
  }
}

extension TableDifference: CustomStringConvertible {
  /// One table of regions with what was and what is decided there, and an input of each.
  public var description: String {
    let title = [tenant, trigger, table].filter { !$0.isEmpty }.joined(separator: " / ")
    if isEqual { return "\(title): decides the same" }
    if !problem.isEmpty { return "\(title): \(problem)" }
    var lines = [
      "\(title): \(changes.count) region\(changes.count == 1 ? "" : "s") decided differently"
    ]
    let shown = changes.first.map { first in
      first.region.columns.indices.filter { column in
        changes.contains { $0.region.cells[column] != "-" }
      }
    }
    if let shown, let columns = changes.first?.region.columns {
      lines += alignedTable(
        header: shown.map { columns[$0] } + ["before", "after"],
        rows: changes.map { change in
          (shown.map { change.region.cells[$0] } + change.texts).map(escapingPipes)
        }
      ).map { "    " + $0 }
      lines += changes.map { "    for example --input '\($0.input.json)'" }
    }
    if !isComplete { lines.append("    (and more, or not decided within --steps)") }
    return lines.joined(separator: "\n")
  }
}

extension TableDifference.Change {
  /// What was and what is decided: the verdict, and the outputs that are not the same.
  fileprivate var texts: [String] {
    let names = Set((before.outcome?.outputs ?? [:]).keys).union(
      (after.outcome?.outputs ?? [:]).keys)
    let different = names.sorted().filter {
      before.outcome?.outputs[$0] != after.outcome?.outputs[$0]
    }
    return [before, after].map { decision in
      guard let outcome = decision.outcome else { return "no rule" }
      let rules = decision.rules.map { $0.name.isEmpty ? "rule \($0.number)" : $0.name }
      let shown = rules.prefix(3).joined(separator: ", ") + (rules.count > 3 ? ", …" : "")
      let outputs = different.map { " \($0)=\(quoted(outcome.outputs[$0] ?? ""))" }.joined()
      return "\(outcome.verdict) (\(shown))\(outputs)"
    }
  }
}

extension Table {
  /// The table with its rules in the order in which they decide.
  var inDecidingOrder: Table { self }
}
