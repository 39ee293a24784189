import Signals
import Tables

extension CellColumn {
  /// Calls `body` with the rules that each state without a value allows, in the order of a plan's
  /// rows.
  func forEachStateRow(_ body: (RuleBits) -> Void) {
    for state in PlainSignal.states { body(rules(matching: state)) }
  }

  /// Calls `body` with the rules that each class of `space` allows, one class after the other.
  ///
  /// Cells come and go at the ends of their ranges, so one row is held at a time, and a class costs
  /// what changes at it: O(tests × log of tests), and what `body` does.
  func forEachClassRow(in space: ClassSpace, _ body: (RuleBits) -> Void) {
    struct Event {
      /// Twice the class, and one more where the cell begins to match.
      let key: Int
      let cell: Int
    }
    var events: [Event] = []
    for (index, cell) in cells.enumerated() {
      for range in space.ranges(of: cell.cell) {
        events.append(Event(key: 2 * range.lowerBound + 1, cell: index))
        events.append(Event(key: 2 * range.upperBound, cell: index))
      }
    }
    events.sort { $0.key < $1.key }
    var alive = RuleBits(count: ruleCount)
    var next = 0
    for number in 0..<space.count {
      while next < events.count, events[next].key <= 2 * number + 1 {
        let rules = cells[events[next].cell].ruleWords
        if events[next].key % 2 == 1 { alive.formUnion(rules) } else { alive.subtract(rules) }
        next += 1
      }
      body(alive)
    }
  }

  /// Calls `body` with the rows of a list: the rules that no member is needed for, then for each
  /// class of members those that one is enough for and those that it rules out.
  func forEachListRow(in space: ClassSpace, _ body: (RuleBits) -> Void) {
    var enough = [[Int]](repeating: [], count: space.count)
    var ruledOut = enough
    for (index, cell) in cells.enumerated() {
      for member in space.ranges(naming: cell.cell.tests).joined() {
        if case .anyOf = cell.cell.values {
          enough[member].append(index)
        } else {
          ruledOut[member].append(index)
        }
      }
    }
    body(rules(matching: .list([])))
    for member in 0..<space.count {
      for indexes in [enough[member], ruledOut[member]] {
        var bits = RuleBits(count: ruleCount)
        for index in indexes { bits.formUnion(cells[index].ruleWords) }
        body(bits)
      }
    }
  }
}
