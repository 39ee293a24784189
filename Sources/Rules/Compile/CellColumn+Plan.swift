import Signals
import Tables

extension CellColumn {
  /// The column as a plan takes it: the partition of its signal's values that its cells make, and
  /// the rules that each class allows.
  func plan(slot: Int) -> ColumnPlan {
    let space = ClassSpace(self)
    var stateRows: [ColumnPlan.Row] = []
    forEachStateRow { stateRows.append($0.words) }
    var rows = RowSequence(wordCount: stateRows[0].count)
    let partition: Partition
    if let known = space.partition {
      partition = known
      if signal.type == .list {
        forEachListRow(in: space) { rows.append($0.words) }
      } else {
        forEachClassRow(in: space) { rows.append($0.words) }
      }
    } else {
      // Values that allow the same rules are one class.
      var numbers: [RuleBits: Int] = [:]
      var classes: [Int] = []
      forEachClassRow(in: space) { row in
        let number = numbers[row] ?? rows.count
        if number == rows.count {
          numbers[row] = number
          rows.append(row.words)
        }
        classes.append(number)
      }
      partition = .direct(classes: classes)
    }
    return ColumnPlan(slot: slot, partition: partition, stateRows: stateRows, classes: rows)
  }

  /// The ends of the intervals, ascending.
  var boundaries: [Double] {
    let ends = tests.flatMap { test -> [Double] in
      if case .number(let interval) = test { interval.boundaries } else { [] }
    }
    return Set(ends).sorted()
  }

  /// The first addresses of blocks and the first behind them, ascending, 0 left out.
  var starts: [UInt128] {
    var starts: Set<UInt128> = []
    for case .addresses(let block) in tests {
      starts.insert(block.lowerBound)
      if block.upperBound != .max { starts.insert(block.upperBound + 1) }
    }
    starts.remove(0)
    return starts.sorted()
  }

  /// A text that no test names, by itself or by a list.
  var textBesideMembers: String {
    let members = Set(self.members)
    let lists = self.lists
    var text = "other"
    while members.contains(text) || lists.contains(where: { $0.contains(ExactText(text)) }) {
      text += "-"
    }
    return text
  }
}
