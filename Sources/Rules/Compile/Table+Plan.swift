import Signals
import Tables

extension Table {
  /// The input columns, by input.
  var columns: [CellColumn] {
    inputs.indices.map { index in CellColumn(inputs[index], rules.map { $0.cells[index] }) }
  }

  /// The table as a plan takes it; `slots` holds the slot of each of its signals.
  func plan(slots: [Signal: Int]) -> TablePlan {
    TablePlan(
      name: name, version: version, mode: mode,
      columns: columns.map { $0.plan(slot: slots[$0.signal]!) },
      rules: rules.map {
        RulePlan(name: $0.name, number: $0.number, verdict: $0.verdict, outputs: $0.outputs)
      })
  }
}
