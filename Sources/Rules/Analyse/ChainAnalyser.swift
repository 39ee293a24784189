import Signals
import Tables
import Wire

/// Looks at what the tables of a chain do to one another.
struct ChainAnalyser {
  /// Those that have a say in verdicts, in the order in which they run, each with its rules in the
  /// order in which they decide and its default rule behind them.
  private let tables: [Table]
  /// By table and rule.
  private let reaches: [[RuleReach]]
  private let rules: RuleBoxes
  private(set) var budget: Budget
  private(set) var findings: [Finding] = []
  private var undecided: [String] = []

  init(_ tables: [Table], _ budget: Budget) {
    self.tables = tables.filter(\.isLive).sorted { $0.order < $1.order }
      .map(\.withDefaultLast)
    reaches = self.tables.map { table in table.rules.map { table.reach(of: $0) } }
    self.budget = budget
    rules = RuleBoxes(self.tables)
  }

  mutating func run() -> [Finding] {
    guard tables.count > 1 else { return [] }
    guard rules.unread.isEmpty else {
      report(
        .notDecided, .info, table: 0, rules: [], [],
        "not decided of the chain: \(rules.refusal(of: "a rule"))")
      return findings
    }
    for table in tables.indices.dropFirst() { findUnreachableRules(of: table) }
    findUndecidedInputs()
    if !undecided.isEmpty {
      let shown = undecided.prefix(8).joined(separator: "; ")
      report(
        .notDecided, .info, table: 0, rules: [], [],
        "not decided of the chain within \(budget.stepCountMax) steps: \(shown)"
          + (undecided.count > 8 ? " and \(undecided.count - 8) more" : "") + "; raise --steps")
    }
    return findings
  }

  // MARK: Rules behind a stop

  /// Rules that an earlier table stops every input of. What an audited table would stop does not
  /// keep an enforced one from running.
  /// What a canary stops, it stops for a part of the traffic.
  private mutating func findUnreachableRules(of table: Int) {
    let isEnforced = tables[table].mode == .enforce
    let earlier = (0..<table).filter { !isEnforced || tables[$0].mode == .enforce }
    let stopping = [false, true].map { withParts in
      earlier.filter { index in
        tables[index].rules.indices.contains { stops(index, $0, withParts: withParts) }
      }
    }
    guard !stopping[1].isEmpty else { return }
    let layers = [false, true].map { withParts in
      stopping[withParts ? 1 : 0].map { layer($0, withParts: withParts) }
    }
    for (index, rule) in tables[table].rules.enumerated() {
      let own = rules.boxes[rules.starts[table] + index]
      let isHidden = tables[table].hitPolicy.style == .ordered || rule.number == 0
      let above =
        isHidden
        ? rules.boxes(
          of: (0..<index).filter { reaches[table][$0].isAll }.map { rules.starts[table] + $0 })
        : []
      // One that its own table masks is reported there.
      guard isReached(own, behind: above, through: [], rule) == true,
        isReached(own, behind: above, through: layers[1], rule) == false,
        let isPart = isReached(own, behind: above, through: layers[0], rule)
      else { continue }
      let stops = stopping[isPart ? 1 : 0].flatMap {
        stopRules(of: $0, overlapping: own, withParts: isPart)
      }
      let names = Set(stops.map { tables[$0.table].name }).sorted().map { "`\($0)`" }
        .joined(separator: ", ")
      report(
        isPart ? .partial : .unreachable, isPart ? .info : .warning, table: table,
        rules: [(table, index)] + stops, own,
        isPart
          ? "\(rule.label) is reached for a part of the traffic only: \(names) stops the chain for all"
            + " that it matches wherever its canary is enforced"
          : "\(rule.label) can never be reached: \(names) stops the chain for all that it matches;"
            + " change the order of the tables, or remove the rule")
    }
  }

  /// Whether a rule ends the chain: for all of the traffic, or `withParts` for some of it.
  private func stops(_ table: Int, _ rule: Int, withParts: Bool) -> Bool {
    guard tables[table].rules[rule].verdict.stopsChain else { return false }
    let isAll = reaches[table][rule].isAll && (tables[table].mode != .enforce || tables[table].decidesAll)
    return isAll || (withParts && reaches[table][rule].decides)
  }

  /// Whether some input of some boxes gets past the tables before; `nil` where that is not decided.
  private mutating func isReached(
    _ boxes: [Box], behind cover: [Box], through earlier: [StopSearch.Layer], _ rule: Rule
  ) -> Bool? {
    var isDecided = true
    for box in boxes {
      switch StopSearch.uncovered(in: box, by: cover, past: earlier[...], &budget) {
      case .uncovered: return true
      case .covered: continue
      case .undecided: isDecided = false
      }
    }
    if isDecided { return false }
    undecided.append("whether \(rule.label) can be reached")
    return nil
  }

  private func layer(_ table: Int, withParts: Bool) -> StopSearch.Layer {
    let indices = tables[table].rules.indices
    return StopSearch.Layer(
      tables[table], boxes: indices.map { rules.boxes[rules.starts[table] + $0] },
      stops: indices.map { stops(table, $0, withParts: withParts) },
      shields: indices.map { reaches[table][$0].decides })
  }

  private func stopRules(
    of table: Int, overlapping boxes: [Box], withParts: Bool
  ) -> [(table: Int, rule: Int)] {
    tables[table].rules.indices.filter { rule in
      stops(table, rule, withParts: withParts)
        && rules.boxes[rules.starts[table] + rule].contains { box in
          boxes.contains { $0.intersects(box) }
        }
    }.map { (table, $0) }
  }

  // MARK: Inputs that nothing decides

  private mutating func findUndecidedInputs() {
    let enforced = tables.indices.filter { tables[$0].mode == .enforce }
    guard enforced.count > 1 else { return }
    // First what nothing decides for anybody, then what canaries decide for some.
    for withParts in [true, false] {
      let cover = enforced.flatMap { table in
        rules.boxes(
          of: tables[table].rules.indices.filter { rule in
            withParts
              ? reaches[table][rule].decides
              : tables[table].decidesAll && reaches[table][rule].isAll
          }.map { rules.starts[table] + $0 })
      }
      let (regions, isComplete) = CoverSearch.regions(
        in: rules.space.all, by: cover, of: rules.space, &budget)
      if let first = regions.first {
        let input = rules.space.witness(in: first)
        report(
          withParts ? .undecidedByChain : .partial, .warning, table: enforced[0], rules: [], regions,
          isComplete: isComplete,
          "no table of the chain of `\(tables[0].trigger)` decides \(input.text)"
            + (withParts ? "" : " for all of the traffic") + "; add a last rule of `-` to one")
        return
      }
      if !isComplete { undecided.append("whether every input is decided") }
    }
  }

  private mutating func report(
    _ kind: Finding.Kind, _ severity: Finding.Severity, table: Int,
    rules involved: [(table: Int, rule: Int)], _ regions: [Box], isComplete: Bool = true,
    _ message: String
  ) {
    let location = involved.first.map { tables[$0.table].rules[$0.rule].location }
    findings.append(
      Finding(
        kind: kind, severity: severity, file: tables[table].file,
        location: location ?? tables[table].location, message: message,
        rules: involved.map { tables[$0.table].rules[$0.rule].name(in: tables[$0.table].file) },
        regions: regions.map { Region($0, of: rules.space) }, isComplete: isComplete,
        input: regions.first.map { rules.space.witness(in: $0) }))
  }
}
