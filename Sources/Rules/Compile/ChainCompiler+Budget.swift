import Signals
import Tables

extension ChainCompiler {
  /// Errors of the tables that may take longer than their budget; each names the column that takes
  /// most. Only tables with a budget are laid out for it.
  static func budgetErrors(of tables: [Table], _ plan: ChainPlan) -> [Diagnostic] {
    zip(tables, plan.tables).compactMap { table, tablePlan in
      guard let budget = table.budgetNanoseconds else { return nil }
      var alone = plan
      alone.tables = [tablePlan]
      alone.tables[0].role = .live
      // A table that cannot be laid out is refused as such, where its chain is.
      guard let chain = try? CompiledChain(alone) else { return nil }
      let cost = chain.tableCosts[0]
      guard cost.work.nanoseconds > Double(budget) else { return nil }
      let most = cost.columns.max { $0.work.nanoseconds < $1.work.nanoseconds }
      let blame = most.map { column in
        ", \(roundedText(column.work.nanoseconds)) of it for column `\(plan.signals[column.slot].name)`,"
          + " which takes most"
      }
      return Diagnostic(
        .error, file: table.file, at: table.budgetLocation ?? table.location,
        "a decision by this table may take \(roundedText(cost.work.nanoseconds))\(blame ?? "");"
          + " its budget is \(durationText(budget)): name fewer different values in that column, write"
          + " fewer rules, split the table, or raise the budget")
    }
  }

  private static func roundedText(_ nanoseconds: Double) -> String {
    durationText(Int(nanoseconds.rounded(.up)))
  }
}
