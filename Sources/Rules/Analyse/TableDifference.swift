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
  /// Empty for a whole chain.
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

  /// How far the versions and their rules count, and of a model what its columns may hold, where that is not
  /// the same: a line for each.
  public var rollout: [String] = []

  /// Whether the steps sufficed neither to find a difference nor to find that there is none.
  public var isUndecided: Bool { changes.isEmpty && !isComplete && problem.isEmpty && rollout.isEmpty }

  public var isEqual: Bool { changes.isEmpty && isComplete && problem.isEmpty && rollout.isEmpty }
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
      rollout = Self.rollout(before, after)
      problem = Self.clash([before], [after])
      if !problem.isEmpty { return }
      let (old, new) = (before.inDecidingOrder, after.inDecidingOrder)
      if old.givesManyAnswers(&budget) || new.givesManyAnswers(&budget) {
        compareHits(old, new, &budget)
      } else {
        compare(old.withLastRule, new.withLastRule, &budget)
      }
    } else {
      problem = before == nil ? "the table is new" : "the table is gone"
    }
  }

  /// What decisions as if enforced do not show.
  private static func rollout(_ before: Table, _ after: Table) -> [String] {
    var lines: [String] = []
    func add(_ what: String, _ old: String, _ new: String) {
      if old != new { lines.append("\(what) `\(new)`, before `\(old)`") }
    }
    add("tenant", before.tenant, after.tenant)
    add("trigger", before.trigger, after.trigger)
    add("mode", before.modeText, after.modeText)
    add("onLate", before.onLate.name, after.onLate.name)
    for change in ModeChanges(before, after).all { add("mode of \(change.rule)", change.old, change.new) }
    return lines
  }

  static func clash(_ before: [Table], _ after: [Table]) -> String {
    var known: [String: (signal: Signal, file: String)] = [:]
    var scales: [String: String] = [:]
    for table in before + after {
      for (signal, scale) in zip(table.inputs, table.inputScales) {
        if let other = scales[signal.name], other != scale.name {
          return "`\(signal.name)` is a \(other) in one and a \(scale.name) in the other"
        }
        scales[signal.name] = scale.name
      }
      for signal in table.inputs {
        if let other = known[signal.name], other.signal != signal {
          return "`\(signal.name)` is of type \(other.signal.typeName) in `\(other.file)` and of"
            + " type \(signal.typeName) in `\(table.file)`; compare tables whose signals agree"
        }
        known[signal.name] = (signal, table.file)
      }
    }
    return ""
  }

  /// Why rules of some tables cannot be compared, empty where all can.
  static func unreadRule(_ rules: RuleBoxes, _ tables: [Table]) -> String {
    guard let rule = rules.unread.first else { return "" }
    return rules.refusal(of: tables.flatMap(\.rules)[rule].label)
  }

  private mutating func compare(_ before: Table, _ after: Table, _ budget: inout Budget) {
    let rules = RuleBoxes([before, after])
    problem = Self.unreadRule(rules, [before, after])
    guard problem.isEmpty else { return }
    let split = before.rules.count
    var difference = Difference(
      rules.space,
      .init(boxes: Array(rules.boxes[..<split]), outcomes: before.rules.map { before.outcome(ofOne: $0) }),
      .init(boxes: Array(rules.boxes[split...]), outcomes: after.rules.map { after.outcome(ofOne: $0) }),
      &budget)
    difference.goOn(&budget)
    isComplete = difference.isComplete
    let decision = { (table: Table, rule: Int?) in
      let hits = rule.map { [table.rules[$0]] } ?? []
      return Decision(outcome: table.outcome(of: hits), rules: table.names(of: hits))
    }
    add(
      difference.parts.map { part in
        (part.box, decision(before, part.before), decision(after, part.after))
      }, rules.space)
  }

  /// Adds changes, those of the same answers joined where they make one box.
  mutating func add(_ parts: [(box: Box, before: Decision, after: Decision)], _ space: Space) {
    var order: [[RuleOutcome?]] = []
    var groups: [[RuleOutcome?]: [(box: Box, before: Decision, after: Decision)]] = [:]
    for part in parts {
      let key = [part.before.outcome, part.after.outcome]
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(part)
    }
    for key in order {
      let parts = groups[key]!
      for box in parts.map(\.box).merged() {
        let within = parts.filter { box.isSuperset(of: $0.box) }
        changes.append(
          Change(
            region: Region(box, of: space),
            input: space.witness(in: box),
            before: Decision(
              outcome: key[0], rules: Self.each(within.flatMap(\.before.rules))),
            after: Decision(outcome: key[1], rules: Self.each(within.flatMap(\.after.rules)))))
      }
    }
  }

  /// Each rule once, in order.
  private static func each(_ rules: [Finding.RuleName]) -> [Finding.RuleName] {
    Set(rules).sorted { ($0.file, $0.line, $0.number) < ($1.file, $1.line, $1.number) }
  }
}

extension TableDifference: CustomStringConvertible {
  /// One table of regions with what was and what is decided there, and an input of each.
  public var description: String {
    let title = [tenant, trigger, table.isEmpty ? "the whole chain" : table]
      .filter { !$0.isEmpty }.joined(separator: " / ")
    if isEqual { return "\(title): decides the same" }
    if !problem.isEmpty { return "\(title): \(problem)" }
    if isUndecided {
      return "\(title): not decided within --steps: no input is found that is decided differently"
    }
    var lines: [String] = []
    if !changes.isEmpty || !isComplete || rollout.isEmpty {
      let count = "\(changes.count) region\(changes.count == 1 ? "" : "s")"
      lines.append("\(title): \(count) decided differently")
    }
    lines += rollout.map { "\(title): \($0)" }
    let shown = changes.first.map { first in
      first.region.columns.indices.filter { column in
        changes.contains { $0.region.cells[column] != "-" }
      }
    }
    if let shown, let columns = changes.first?.region.columns {
      lines += alignedTable(
        header: shown.map { columns[$0] } + ["before", "after"],
        rows: changes.map { change in
          (shown.map { shortened(change.region.cells[$0]) } + change.texts).map(escapingPipes)
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
      if decision.outcome == nil, decision.rules.isEmpty { return "no rule" }
      let outcome = decision.outcome ?? RuleOutcome(verdict: "", outputs: [:])
      let rules = decision.rules.map { $0.name.isEmpty ? "rule \($0.number)" : $0.name }
      let shown = rules.prefix(3).joined(separator: ", ") + (rules.count > 3 ? ", …" : "")
      // Of a model: values as JSON has them.
      if outcome.verdict.isEmpty {
        let outputs = different.map { " \($0)=\(outcome.outputs[$0] ?? "null")" }.joined()
        return (shown.isEmpty ? "no rule" : shown) + outputs
      }
      let outputs = different.map { " \($0)=\(quoted(outcome.outputs[$0] ?? ""))" }.joined()
      return "\(outcome.verdict) (\(shown))\(outputs)"
    }
  }
}

extension Table {
  /// Its mode, and what it is a candidate for.
  fileprivate var modeText: String {
    let text = ModeText(mode: mode, canary: canary).description
    switch shadow {
    case nil: return text
    case .ofChain: return "\(text), shadow"
    case .ofTable(let name): return "\(text), shadow of \(name)"
    }
  }

  /// The table with its default rule as the last of its rules; of a model, which answers every input, with a
  /// rule for what no rule matches.
  fileprivate var withLastRule: Table {
    var table = self
    let none =
      answering == nil
      ? nil : Rule(number: 0, cells: inputs.map { _ in .any }, verdict: .allow, location: location)
    table.rules += [defaultRule ?? none].compactMap(\.self)
    return table
  }

  /// What a rule answers that is the only hit. Two that answer a model's null are alike.
  fileprivate func outcome(ofOne rule: Rule) -> RuleOutcome {
    outcome(of: [rule]) ?? RuleOutcome(verdict: "", outputs: [:])
  }

  /// The names of hits, without the rule that stands for none.
  func names(of hits: [Rule]) -> [Finding.RuleName] {
    hits.filter { $0.number > 0 || defaultRule != nil }.map { $0.name(in: file) }
  }

  /// Whether what it answers can take more than the first rule that matches: of a model, also where rules
  /// overlap that may not, for it answers null there.
  fileprivate func givesManyAnswers(_ budget: inout Budget) -> Bool {
    if hitPolicy.isMultiHit { return true }
    guard answering != nil, [.unique, .any].contains(hitPolicy) else { return false }
    let (findings, isComplete) = overlapFindings(&budget)
    return !findings.isEmpty || !isComplete
  }
}
