import Signals
import Tables
import Wire

/// What a plan says of values, by the words of its documentation and as slowly as they are read.
struct Oracle {
  let plan: ChainPlan
  let fallback: Verdict

  struct Answer: Equatable {
    var verdict: Verdict
    var wouldBe: Verdict
    var mode: Mode
    var flags: ReplyFlags
    var hits: [Hit]
    var deciding: Int?
  }

  func answer(_ values: [Value]) -> Answer {
    let hits = hits(values)
    let enforced = hits.filter(\.isEnforced)
    let strongest = enforced.map(verdict).max()
    let mode = plan.tables.map(\.mode).max { $0.rawValue < $1.rawValue } ?? .off
    var flags: ReplyFlags = []
    if values.contains(.state(.invalid)) { flags.insert(.invalidSignal) }
    if values.contains(.state(.unverified)) { flags.insert(.unverifiedSignal) }
    if strongest == nil, mode == .enforce { flags.insert(.noMatch) }
    let verdict = strongest ?? (mode == .enforce ? fallback : .allow)
    return Answer(
      verdict: verdict, wouldBe: wouldBe(hits) ?? verdict, mode: mode, flags: flags, hits: hits,
      deciding: hits.firstIndex { enforced.contains($0) && self.verdict($0) == strongest })
  }

  /// The hits of each table, up to an enforced verdict that stops the chain.
  private func hits(_ values: [Value]) -> [Hit] {
    var hits: [Hit] = []
    for (index, table) in plan.tables.enumerated() where table.mode != .off && table.role == .live {
      let found = ruleHits(of: table, values).map { rule, isEnforced in
        Hit(table: UInt32(index), rule: UInt32(rule), isEnforced: isEnforced)
      }
      hits += found
      if found.contains(where: { $0.isEnforced && verdict($0).stopsChain }) { break }
    }
    return hits
  }

  /// Of a table whose matches are all hits, all of them, the default rule where it is alone; of
  /// another, the matches up to the first that is enforced.
  private func ruleHits(of table: TablePlan, _ values: [Value]) -> [(rule: Int, isEnforced: Bool)] {
    var hits: [(rule: Int, isEnforced: Bool)] = []
    for rule in matches(table, values) {
      let isEnforced = table.mode == .enforce && table.rules[rule].mode == .enforce
      if isDefault(rule, of: table), !hits.isEmpty {
        if !isEnforced || hits.contains(where: \.isEnforced) { break }
      }
      hits.append((rule, isEnforced))
      if table.hits == .first, isEnforced || table.mode != .enforce { break }
    }
    return hits
  }

  /// Whether a rule is a hit only where no other is.
  private func isDefault(_ rule: Int, of table: TablePlan) -> Bool {
    table.hits == .all && table.hasDefault && rule == table.rules.count - 1
  }

  /// The strongest verdict up to the first table that stops the chain, whatever the modes: of a
  /// table with one hit, that of its first match.
  private func wouldBe(_ hits: [Hit]) -> Verdict? {
    var strongest: Verdict?
    for (index, table) in plan.tables.enumerated() {
      let own = hits.filter { $0.table == UInt32(index) }
      let others = own.filter { !isDefault(Int($0.rule), of: table) }
      let counted = (table.hits == .all && !others.isEmpty ? others[...] : own.prefix(1)).map(verdict)
      strongest = ([strongest].compactMap(\.self) + counted).max()
      if counted.contains(where: \.stopsChain) { break }
    }
    return strongest
  }

  func verdict(_ hit: Hit) -> Verdict { rule(hit).verdict }

  func rule(_ hit: Hit) -> RulePlan { plan.tables[Int(hit.table)].rules[Int(hit.rule)] }

  private func matches(_ table: TablePlan, _ values: [Value]) -> [Int] {
    table.rules.indices.filter { rule in
      table.columns.allSatisfy { column in
        allows(column, rule, values[column.slot], plan.signals[column.slot].foldsCase)
      }
    }
  }

  private func allows(
    _ column: ColumnPlan, _ rule: Int, _ value: Value, _ foldsCase: Bool
  ) -> Bool {
    func isSet(_ row: ColumnPlan.Row) -> Bool { row[rule / 64] >> UInt64(rule % 64) & 1 == 1 }
    func index(_ text: String, in members: [String]) -> Int? {
      members.firstIndex { foldsCase ? $0.lowercased() == text.lowercased() : $0 == text }
    }
    func classRow(_ index: Int) -> Bool { isSet(column.classRows[index]) }

    switch (column.partition, value) {
    case (_, .state(let state)): return isSet(column.stateRows[Int(state.rawValue) - 1])
    case (.direct(let classes), .number(let number)):
      let isListed = number >= 0 && number < Double(classes.count)
      return classRow(isListed ? classes[Int(number)] : classes.last!)
    case (.direct(let classes), .index(let index)): return classRow(classes[index])
    case (.numbers(let boundaries), .number(let number)):
      let below = boundaries.filter { $0 < number }.count
      return classRow(2 * below + (boundaries.contains(number) ? 1 : 0))
    case (.strings(let members, let classes), .text(let text)):
      return classRow(index(text, in: members).map { classes[$0] } ?? 0)
    case (.addresses(let starts, let classes), .address(let address)):
      return classRow(classes[starts.filter { $0 <= address }.count])
    case (.list(let members, let classes), .list(let there)):
      let known = there.compactMap { index($0, in: members).map { classes[$0] } }
      return (classRow(0) || known.contains { classRow(1 + 2 * $0) })
        && !known.contains { classRow(2 + 2 * $0) }
    default: preconditionFailure("the value is not of the column's type")
    }
  }
}
