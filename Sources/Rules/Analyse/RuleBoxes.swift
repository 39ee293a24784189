import Signals

/// The rules of one or more tables as boxes of one space.
///
/// A rule is one box, or several where it names alternatives in list columns.
struct RuleBoxes {
  /// LIMIT: boxes of one rule; 32 members in each of two list columns.
  static let boxCountMax = 1024

  let space: Space
  /// By rule, counted through the tables; empty for a rule that matches no input.
  private(set) var boxes: [[Box]] = []
  /// The first rule of each table.
  private(set) var starts: [Int] = []
  /// Rules of too many boxes: nothing is decided about them.
  private(set) var unread: [Int] = []

  init(_ tables: [Table]) {
    var indexes: [Signal: Int] = [:]
    var signals: [Signal] = []
    for signal in tables.flatMap(\.inputs) where indexes[signal] == nil {
      indexes[signal] = signals.count
      signals.append(signal)
    }
    var cells = [[UnaryTests]](repeating: [], count: signals.count)
    for table in tables {
      for (index, signal) in table.inputs.enumerated() {
        cells[indexes[signal]!] += Set(table.rules.map { $0.cells[index] })
      }
    }
    // Sets have no order of their own, and findings must not depend on one.
    space = Space(signals, cells: cells.map { $0.sorted { "\($0)" < "\($1)" } })
    var known = [[UnaryTests: [[(axis: Int, set: ClassSet)]]]](
      repeating: [:], count: signals.count)
    for table in tables {
      starts.append(boxes.count)
      let columns = table.inputs.map { indexes[$0]! }
      for rule in table.rules {
        var made = [space.all]
        for (column, cell) in zip(columns, rule.cells) where !cell.isAny {
          let alternatives = known[column][cell] ?? space.alternatives(cell, column: column)
          known[column][cell] = alternatives
          made = Self.product(made, alternatives)
        }
        if made.count > Self.boxCountMax { unread.append(boxes.count) }
        boxes.append(made.count > Self.boxCountMax ? [] : made.filter(\.hasInputs))
      }
    }
  }

  private static func product(
    _ boxes: [Box], _ alternatives: [[(axis: Int, set: ClassSet)]]
  ) -> [Box] {
    if boxes.count > boxCountMax { return boxes }
    return boxes.flatMap { box in
      alternatives.map { alternative in
        var narrowed = box
        for (axis, set) in alternative { narrowed[axis] = set }
        return narrowed
      }
    }
  }

  /// The boxes of some rules.
  func boxes(of rules: some Sequence<Int>) -> [Box] { rules.flatMap { boxes[$0] } }

  func overlap(_ first: Int, _ second: Int) -> Box? {
    for box in boxes[first] {
      for other in boxes[second] where box.intersects(other) { return box.intersection(other) }
    }
    return nil
  }
}
