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
        cells[indexes[signal]!] += table.rules.map { $0.cells[index] }
      }
    }
    space = Space(signals, cells: cells)
    var known: [Space.Part: [[(axis: Int, set: ClassSet)]]] = [:]
    for table in tables {
      starts.append(boxes.count)
      let columns = table.inputs.map { indexes[$0]! }
      for rule in table.rules {
        let made = space.boxes(Array(zip(columns, rule.cells)), &known)
        if made == nil { unread.append(boxes.count) }
        boxes.append(made ?? [])
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

extension Space {
  /// A cell of a signal, by index.
  struct Part: Hashable {
    let column: Int
    let cell: UnaryTests
  }

  /// What some cells match together; `nil` where that is more boxes than are looked at. `known`
  /// keeps what cells are made of from one call to the next.
  func boxes(
    _ cells: [(column: Int, cell: UnaryTests)],
    _ known: inout [Part: [[(axis: Int, set: ClassSet)]]]
  ) -> [Box]? {
    var boxes = [all]
    for (column, cell) in cells where !cell.isAny {
      let part = Part(column: column, cell: cell)
      let alternatives = known[part] ?? self.alternatives(cell, column: column)
      known[part] = alternatives
      boxes = boxes.flatMap { box in
        alternatives.map { alternative in
          var narrowed = box
          for (axis, set) in alternative { narrowed[axis] = set }
          return narrowed
        }
      }
      if boxes.count > RuleBoxes.boxCountMax { return nil }
    }
    return boxes.filter(\.hasInputs)
  }
}
