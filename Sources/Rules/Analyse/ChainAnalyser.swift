import Signals
import Tables
import Wire

/// Looks at what the tables of a chain do to one another.
struct ChainAnalyser {
  /// Those that are not off, in the order in which they run.
  private let tables: [Table]
  private let rules: RuleBoxes
  private var budget: Budget
  private(set) var findings: [Finding] = []
  private var undecided: [String] = []

  init(_ tables: [Table], _ budget: Budget) {
    self.tables = tables.filter { $0.mode != .off }.sorted { $0.order < $1.order }
      .map(\.inDecidingOrder)
    self.budget = budget
    rules = RuleBoxes(self.tables)
  }

  mutating func run() -> [Finding] {
    guard tables.count > 1 else { return [] }
    guard rules.unread.isEmpty else {
      report(
        .notDecided, .info, table: 0, rules: [], [],
        "not decided of the chain: a rule has more than \(RuleBoxes.boxCountMax) combinations of"
          + " list members; split it")
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
  private mutating func findUnreachableRules(of table: Int) {
    let isEnforced = tables[table].mode == .enforce
    let earlier = (0..<table).filter { !isEnforced || tables[$0].mode == .enforce }
    let stopping = earlier.filter { index in tables[index].rules.contains { $0.verdict.stopsChain }
    }
    guard !stopping.isEmpty else { return }
    for (index, rule) in tables[table].rules.enumerated() {
      let own = rules.boxes[rules.starts[table] + index]
      let above =
        tables[table].hitPolicy.style == .ordered
        ? rules.boxes(of: rules.starts[table]..<(rules.starts[table] + index)) : []
      // One that its own table masks is reported there.
      guard isReached(own, behind: above, through: [], rule) == true,
        isReached(own, behind: above, through: stopping[...], rule) == false
      else { continue }
      let stops = stopping.flatMap { stopRules(of: $0, overlapping: own) }
      let names = Set(stops.map { tables[$0.table].name }).sorted().map { "`\($0)`" }
      report(
        .unreachable, .warning, table: table, rules: [(table, index)] + stops, own,
        "\(rule.label) can never be reached: \(names.joined(separator: ", ")) stops the chain for"
          + " all that it matches; change the order of the tables, or remove the rule")
    }
  }

  /// Whether some input of some boxes gets past the tables before; `nil` where that is not decided.
  private mutating func isReached(
    _ boxes: [Box], behind cover: [Box], through earlier: ArraySlice<Int>, _ rule: Rule
  ) -> Bool? {
    var isDecided = true
    for box in boxes {
      switch passes(box, cover, earlier) {
      case true: return true
      case false: continue
      case nil: isDecided = false
      }
    }
    if isDecided { return false }
    undecided.append("whether \(rule.label) can be reached")
    return nil
  }

  /// Whether an input of a box, but not of a cover, gets past some tables.
  ///
  /// It gets past one that stops where none of its stopping rules match it, or where another rule
  /// before them does.
  private mutating func passes(_ box: Box, _ cover: [Box], _ earlier: ArraySlice<Int>) -> Bool? {
    guard box.hasInputs else { return false }
    guard let table = earlier.first else {
      switch CoverSearch.uncovered(in: box, by: cover, &budget) {
      case .covered: return false
      case .uncovered: return true
      case .undecided: return nil
      }
    }
    guard budget.allows(tables[table].rules.count * box.count) else { return nil }
    let stops = tables[table].rules.map(\.verdict.stopsChain)
    let start = rules.starts[table]
    let touching = stops.indices.filter { index in
      rules.boxes[start + index].contains { $0.intersects(box) }
    }
    let rest = earlier.dropFirst()
    let allStops = rules.boxes(of: touching.filter { stops[$0] }.map { start + $0 })
    if allStops.isEmpty { return passes(box, cover, rest) }
    var answer = passes(box, cover + allStops, rest)
    if answer == true || tables[table].hitPolicy.style == .all { return answer }
    var passed: [Box] = []
    for index in touching {
      if stops[index] {
        passed += rules.boxes[start + index]
        continue
      }
      for own in rules.boxes[start + index] {
        switch passes(box.intersection(own), cover + passed, rest) {
        case true: return true
        case false: continue
        case nil: answer = nil
        }
      }
    }
    return answer
  }

  private func stopRules(of table: Int, overlapping boxes: [Box]) -> [(table: Int, rule: Int)] {
    tables[table].rules.indices.filter { rule in
      tables[table].rules[rule].verdict.stopsChain
        && rules.boxes[rules.starts[table] + rule].contains { box in
          boxes.contains { $0.intersects(box) }
        }
    }.map { (table, $0) }
  }

  // MARK: Inputs that nothing decides

  private mutating func findUndecidedInputs() {
    let enforced = tables.indices.filter { tables[$0].mode == .enforce }
    guard enforced.count > 1 else { return }
    let cover = enforced.flatMap { table in
      rules.boxes(of: rules.starts[table]..<(rules.starts[table] + tables[table].rules.count))
    }
    let (regions, isComplete) = CoverSearch.regions(
      in: rules.space.all, by: cover, of: rules.space, &budget)
    guard let first = regions.first else {
      if !isComplete { undecided.append("whether every input is decided") }
      return
    }
    let input = Witness(signals: rules.space.signals, values: rules.space.input(in: first))
    report(
      .undecidedByChain, .warning, table: enforced[0], rules: [], regions, isComplete: isComplete,
      "no table of the chain of `\(tables[0].trigger)` decides \(input.text); add a last rule of `-`"
        + " to one")
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
        input: regions.first.map {
          Witness(signals: rules.space.signals, values: rules.space.input(in: $0))
        }))
  }
}
