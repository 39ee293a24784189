import Signals
import Tables
import Wire

/// Proves that a compiled chain equals its sources for every input.
///
/// A rule is a conjunction of independent column tests, and the first rule whose tests all hold is
/// the hit. So a table equals its source when every column's row at every input is what the
/// interpreter (`UnaryTests.matches`) says rule by rule, the rules stand in their order, and each
/// gives its source's verdict and outputs. All of it is read back from the image's bytes.
public enum ChainProof {
  /// What was compared, table by table; throws the first difference. `tables` are all of the chain's (tenant,
  /// trigger), in any order. O(image).
  public static func prove(
    _ chain: CompiledChain, equals tables: [Table]
  ) throws(ProofFailure) -> [Certificate.Counts] {
    let view = chain.view
    let active = chainOrder(of: tables)
    guard view.tableCount == active.count else {
      throw ProofFailure("it has \(view.tableCount) tables, not \(active.count)")
    }
    let enforced = active.filter { $0.mode == .enforce && $0.shadow == nil }
    guard view.onLate == enforced.map(\.onLate).max() ?? .allow else {
      throw ProofFailure("it answers late requests with \(view.onLate.name)")
    }
    var tableCounts: [Certificate.Counts] = []
    var outputs = OutputKeys()
    for (index, table) in active.enumerated() {
      var counts = Certificate.Counts()
      counts.tables = 1
      let expected = ExpectedTable(table)
      try check(expected, index, view, in: active)
      guard let rules = expected.rules(numbered: view.ruleNumbers(ofTable: index)) else {
        throw ProofFailure(table: table.name, "its rules are others, or stand in another order")
      }
      try checkRules(rules, of: expected, index, view, &outputs, &counts)
      try checkColumns(of: table, rules, index, view, &counts)
      tableCounts.append(counts)
    }
    return tableCounts
  }

  /// The tables that have a part in a chain, in the order in which they run.
  public static func chainOrder(of tables: [Table]) -> [Table] { ExpectedTable.chainOrder(of: tables) }

  /// Whether a canary is for the same share of the same signal's values.
  private static func isSame(
    _ found: CanaryPlan?, _ canary: Canary?, _ view: ChainView
  ) -> Bool {
    guard let canary, canary.basisPoints < Canary.basisPointsMax else { return found == nil }
    guard let found else { return false }
    return found.basisPoints == canary.basisPoints
      && view.reads(canary.key.signal, inSlot: found.slot)
  }

  private static func check(
    _ expected: ExpectedTable, _ index: Int, _ view: ChainView, in chain: [Table]
  ) throws(ProofFailure) {
    let table = expected.table
    let content = view.content(ofTable: index)
    let differences = [
      ("name", content.name == table.name), ("version", content.version == table.version),
      ("mode", content.mode == table.mode),
      ("number of columns", content.columnCount == table.inputs.count),
      ("hit policy", content.hits == (table.hitPolicy.isMultiHit ? .all : .first)),
      (
        "default",
        content.hasDefault == (table.hitPolicy.isMultiHit && table.defaultRule != nil)
      ),
      ("part in the chain", content.role == expected.role(in: chain)),
      ("canary", Self.isSame(content.canary, table.canary, view)),
      ("word on late requests", content.onLate == table.onLate),
    ]
    for (what, isEqual) in differences where !isEqual {
      throw ProofFailure(table: table.name, "another \(what)")
    }
  }

  private static func checkRules(
    _ rules: [Rule], of table: ExpectedTable, _ index: Int, _ view: ChainView, _ keys: inout OutputKeys,
    _ counts: inout Certificate.Counts
  ) throws(ProofFailure) {
    let name = table.table.name
    let aggregations = view.content(ofTable: index).aggregations
    guard aggregations.count == table.aggregations.count else {
      throw ProofFailure(table: name, "another number of aggregations")
    }
    for (place, rule) in rules.enumerated() {
      let found = view.content(ofRule: place, ofTable: index)
      for (key, output) in found.outputs {
        guard aggregations[key] == table.aggregations[OutputIdentity(output)] else {
          throw ProofFailure(table: name, "rule \(rule.number) aggregates otherwise")
        }
      }
      let expected = table.outputs(of: rule)
      guard found.mode == rule.mode ?? .enforce, isSame(found.canary, rule.canary, view),
        found.number == rule.number, found.name == rule.name, found.verdict == rule.verdict,
        sorted(found.outputs.map(\.output)) == sorted(expected),
        found.plainOutputs == table.plainOutputs.intersection(expected.map { OutputIdentity($0) }),
        found.outputs.allSatisfy({ keys.take($0) })
      else {
        throw ProofFailure(table: name, "rule \(rule.number) gives another answer")
      }
      counts.rules += 1
      counts.outputs += UInt64(expected.count)
    }
  }

  private static func checkColumns(
    of table: Table, _ rules: [Rule], _ index: Int, _ view: ChainView, _ counts: inout Certificate.Counts
  ) throws(ProofFailure) {
    // In the order of the image's bits, which must be all rules, each at least once.
    let ranks = view.ranks(ofTable: index)
    guard Set(ranks.compactMap(\.self)) == Set(rules.indices) else {
      throw ProofFailure(table: table.name, "its bits are not its rules")
    }
    var split = SplitRules(ranks)
    var rest = Set(table.inputs.indices)
    for place in table.inputs.indices {
      let content = view.content(ofColumn: place, ofTable: index)
      guard let input = rest.first(where: { view.reads(table.inputs[$0], inSlot: content.slot) })
      else { throw ProofFailure(table: table.name, "a column of a signal that it does not read") }
      rest.remove(input)
      let column = ProofColumn(
        table.inputs[input], cells: ranks.map { rank in rank.map { rules[$0].cells[input] } })
      var proof = ColumnProof(column, at: place, table: table.name, split)
      try proof.check(view, content)
      counts.add(proof.counts)
      split = proof.split
    }
  }
}

/// Outputs in one order, whatever order an image has them in.
private func sorted(_ outputs: [DecisionReply.Output]) -> [DecisionReply.Output] {
  outputs.sorted {
    ($0.kind.rawValue, $0.name, $0.value) < ($1.kind.rawValue, $1.name, $1.value)
  }
}

/// The keys by which a chain merges outputs: one a kind and name, and no two the same.
private struct OutputKeys {
  private struct Identity: Hashable {
    var kind: OutputKind
    var name: ExactText
  }

  private var keys: [Identity: UInt32] = [:]
  private var identities: [UInt32: Identity] = [:]

  /// Whether an output has the key that it had before.
  mutating func take(_ found: (key: UInt32, output: DecisionReply.Output)) -> Bool {
    let identity = Identity(kind: found.output.kind, name: ExactText(found.output.name))
    if keys[identity] == nil, identities[found.key] == nil {
      keys[identity] = found.key
      identities[found.key] = identity
    }
    return keys[identity] == found.key && identities[found.key] == identity
  }
}
