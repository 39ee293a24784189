import Tables
import Wire

/// What an image must hold of a table beside its rows, worked out from the source alone. The compiler has
/// code of its own for all of this, and neither asks the other: a fault in one of them shows.
struct ExpectedTable {
  let table: Table
  /// Which outputs are one number for all hits, and how it is made of theirs.
  let aggregations: [OutputIdentity: OutputAggregation.Function]
  /// Those that are elements of a list as they stand.
  let plainOutputs: Set<OutputIdentity>

  init(_ table: Table) {
    self.table = table
    var aggregations: [OutputIdentity: OutputAggregation.Function] = [:]
    var plain: Set<OutputIdentity> = []
    for clause in table.outputs {
      let identity = OutputIdentity(kind: clause.column.kind, name: clause.column.name)
      let isNumber = clause.type == .number
      switch table.hitPolicy {
      case .collectSum where isNumber, .collectCount where clause.isCountable: aggregations[identity] = .sum
      case .collectMin where isNumber: aggregations[identity] = .min
      case .collectMax where isNumber: aggregations[identity] = .max
      case .unique, .any, .priority, .first: break
      default: if clause.type != .string { plain.insert(identity) }
      }
    }
    self.aggregations = aggregations
    plainOutputs = plain
  }

  /// The tables that have a part in a chain, in the order in which they run: those that are on, the
  /// candidates behind the others, without those of a table that is not there.
  static func chainOrder(of tables: [Table]) -> [Table] {
    let active = tables.filter { $0.mode != .off }
    let live = active.filter { $0.shadow == nil }
    let candidates = active.filter { table in
      if case .ofTable(let name) = table.shadow { return live.contains { $0.name == name } }
      return table.shadow == .ofChain
    }
    return live.sorted { $0.order < $1.order }
      + candidates.sorted { $0.order == $1.order ? $0.name < $1.name : $0.order < $1.order }
  }

  /// Its part in a chain whose tables run in this order.
  func role(in chain: [Table]) -> TableRole? {
    switch table.shadow {
    case nil: .live
    case .ofChain: .shadowOfChain
    case .ofTable(let name):
      chain.firstIndex { $0.shadow == nil && $0.name == name }.map(TableRole.shadowOfTable)
    }
  }

  /// The rules by number, in the order of an image's; `nil` where that is not the order in which the source
  /// has them as hits, each once, without those that are off.
  func rules(numbered numbers: [Int]) -> [Rule]? {
    var places: [Int: Int] = [:]
    for (place, rule) in table.rules.enumerated() where rule.mode != .off {
      guard places.updateValue(place, forKey: rule.number) == nil else { return nil }
    }
    var numbers = numbers
    if table.defaultRule != nil, numbers.popLast() != table.defaultRule?.number { return nil }
    guard numbers.count == places.count else { return nil }
    var ordered: [Rule] = []
    var last: (priority: [Int], place: Int)?
    for number in numbers {
      guard let place = places[number] else { return nil }
      let rule = table.rules[place]
      let priority = priority(of: rule)
      // Each before the next, so that no number comes twice.
      if let last, !comesBefore(last, (priority, place)) { return nil }
      last = (priority, place)
      ordered.append(rule)
    }
    return ordered + [table.defaultRule].compactMap(\.self)
  }

  /// Of two rules, the one whose value stands earlier in the first list in which they differ; else the one
  /// that stands earlier in the source (DMN 8.2.10).
  private func comesBefore(_ a: (priority: [Int], place: Int), _ b: (priority: [Int], place: Int)) -> Bool {
    for (mine, its) in zip(a.priority, b.priority) where mine != its { return mine < its }
    return a.place < b.place
  }

  /// Where a rule's values stand in the lists of values, from left to right; behind all where it has none.
  private func priority(of rule: Rule) -> [Int] {
    guard table.hitPolicy == .priority || table.hitPolicy == .outputOrder else { return [] }
    var places = [table.verdictValues.firstIndex(of: rule.verdict) ?? .max]
    for clause in table.outputs where !clause.values.isEmpty {
      let output = rule.outputs.first { $0.kind == clause.column.kind && $0.name == clause.column.name }
      places.append(clause.values.firstIndex { $0 == output?.value } ?? .max)
    }
    return places
  }

  /// All that a hit gives: the names of table and rule, and its outputs, of which those that are counted are
  /// a one each.
  func outputs(of rule: Rule) -> [DecisionReply.Output] {
    var given = [DecisionReply.Output(kind: .table, value: table.name)]
    if !rule.name.isEmpty { given.append(.init(kind: .rule, value: rule.name)) }
    guard table.hitPolicy == .collectCount, rule.number != 0 else { return given + rule.outputs }
    given += rule.outputs.filter { $0.kind != .claim && $0.kind != .metadata }
    for clause in table.outputs where clause.isCountable {
      given.append(.init(kind: clause.column.kind, name: clause.column.name, value: "1"))
    }
    return given
  }
}

extension OutputClause {
  fileprivate var isCountable: Bool { column.kind == .claim || column.kind == .metadata }
}
