import Tables
import Wire

/// What one hit of a table answers, component by component: where a table's hits are a list, DMN's result
/// is the list of these. A reply has a list for each column instead.
public struct HitOutputs: Equatable, Sendable {
  public struct Component: Equatable, Sendable {
    /// `reason`, `claim.NAME`.
    public var column: String
    public var type: OutputClause.ValueType
    /// `nil` for null: the rule's cell is empty.
    public var value: String?
  }

  public var table: String
  /// 0 for the default rule.
  public var rule: Int
  public var ruleName: String
  public var verdict: Verdict
  /// One for each output column, in their order.
  public var components: [Component]
}

extension TableSet.Chain {
  /// The enforced hits of those tables whose hits are a list, in the order in which they are hits.
  /// `tables` are the chain's.
  public func hitOutputs(_ hits: borrowing ScratchList<Hit>, of tables: [Table]) -> [HitOutputs] {
    var outputs: [HitOutputs] = []
    for index in 0..<hits.count where hits[index].isEnforced {
      let planned = plan.tables[Int(hits[index].table)]
      guard let table = tables.first(where: { $0.name == planned.name }),
        table.hitPolicy.isMultiHit, !table.outputs.contains(where: table.isAggregated)
      else { continue }
      let number = planned.rules[Int(hits[index].rule)].number
      let rule = number == 0 ? table.defaultRule : table.rules[number - 1]
      if let rule { outputs.append(table.outputs(of: rule)) }
    }
    return outputs
  }
}

extension Table {
  fileprivate func outputs(of rule: Rule) -> HitOutputs {
    HitOutputs(
      table: name, rule: rule.number, ruleName: rule.name, verdict: rule.verdict,
      components: outputs.map { clause in
        .init(column: clause.column.text, type: clause.type, value: rule.value(of: clause.column))
      })
  }
}
