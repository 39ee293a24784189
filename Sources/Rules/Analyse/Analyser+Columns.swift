import Signals

extension Analyser {
  /// Columns that no decision needs: those where every cell is `-`, and those without which every
  /// input would be decided as it is.
  mutating func findIdleColumns() {
    for (column, signal) in table.inputs.enumerated() {
      if table.rules.allSatisfy({ $0.cells[column].isAny }) {
        report(
          .secondNormalForm, .info, at: table.location, regions: [rules.space.all],
          "every cell of `\(signal.name)` is `-`; remove the column")
      }
    }
  }
}
