import Signals

/// The rules of one or more tables as boxes of one space.
///
/// A rule is one box, or several where it names alternatives in list columns.
struct RuleBoxes {
  /// LIMIT: boxes of one rule; 32 members in each of two list columns.
  static let boxCountMax = 1024
  /// LIMIT: words of all boxes together, 540 MB; 100,000 rules of 20 columns take a third.
  static let wordCountMax = 1 << 26

  let space: Space
  /// By rule, counted through the tables; empty for a rule that matches no input.
  private(set) var boxes: [[Box]] = []
  /// The first rule of each table.
  private(set) var starts: [Int] = []
  /// Rules of too many boxes: nothing is decided about them.
  private(set) var unread: [Int] = []
  /// Whether the rules' boxes together are too many: then all are unread.
  private(set) var isOverfull = false

  init(_ tables: [Table], wordCountMax: Int = wordCountMax) {
    var indexes: [Signal: Int] = [:]
    var signals: [Signal] = []
    for signal in tables.flatMap(\.inputs) where indexes[signal] == nil {
      indexes[signal] = signals.count
      signals.append(signal)
    }
    var cells = [[UnaryTests]](repeating: [], count: signals.count)
    var allowed: [Int: UnaryTests] = [:]
    var scales: [Int: NumberScale] = [:]
    for table in tables {
      for (index, signal) in table.inputs.enumerated() {
        cells[indexes[signal]!] += table.rules.map { $0.cells[index] }
      }
      for (signal, values) in zip(table.inputs, table.allowedInputs) {
        if let values { allowed[indexes[signal]!] = values }
      }
      for (signal, scale) in zip(table.inputs, table.inputScales) { scales[indexes[signal]!] = scale }
    }
    space = Space(signals, cells: cells, allowed: allowed, scales: scales)
    var known = Space.KnownCells()
    var wordCount = 0
    for table in tables {
      starts.append(boxes.count)
      let columns = table.inputs.map { indexes[$0]! }
      for rule in table.rules {
        let made = isOverfull ? nil : space.boxes(Array(zip(columns, rule.cells)), &known)
        if made == nil { unread.append(boxes.count) }
        boxes.append(made ?? [])
        // An array takes four words, and one where it is held.
        wordCount += (made?.count ?? 0) * (space.axes.count + 5)
        isOverfull = isOverfull || wordCount + known.wordCount > wordCountMax
      }
    }
    guard isOverfull else { return }
    unread = Array(boxes.indices)
    boxes = boxes.map { _ in [] }
  }

  /// Why a rule is unread, and what to do.
  func refusal(of label: String) -> String {
    isOverfull
      ? "the cells of all rules together name too many values to relate each rule to every other;"
        + " split the table"
      : "\(label) has more than \(Self.boxCountMax) combinations of list members; split it"
  }

  /// The boxes of some rules.
  func boxes(of rules: some Sequence<Int>) -> [Box] { rules.flatMap { boxes[$0] } }

  /// Whether all inputs that two rules match are in one box; `false` also where several boxes say the same.
  func isOverlapOfOneBox(_ first: Int, _ second: Int) -> Bool {
    var count = 0
    for box in boxes[first] {
      for other in boxes[second] where box.intersects(other) {
        count += 1
        if count > 1 { return false }
      }
    }
    return count == 1
  }

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

  /// What cells are made of, each once.
  struct KnownCells {
    private var alternatives: [Part: [[(axis: Int, set: ClassSet)]]] = [:]
    /// Words that they take.
    private(set) var wordCount = 0

    fileprivate mutating func alternatives(
      _ cell: UnaryTests, column: Int, in space: Space
    ) -> [[(axis: Int, set: ClassSet)]] {
      let part = Part(column: column, cell: cell)
      if let known = alternatives[part] { return known }
      let made = space.alternatives(cell, column: column)
      alternatives[part] = made
      wordCount += made.joined().reduce(0) { $0 + 6 + 2 * $1.set.ranges.count }
      return made
    }
  }

  /// What some cells match together; `nil` where that is more boxes than are looked at. `known`
  /// keeps what cells are made of from one call to the next.
  func boxes(_ cells: [(column: Int, cell: UnaryTests)], _ known: inout KnownCells) -> [Box]? {
    var boxes = [all]
    for (column, cell) in cells where !cell.isAny {
      let alternatives = known.alternatives(cell, column: column, in: self)
      guard boxes.count * alternatives.count <= RuleBoxes.boxCountMax else { return nil }
      boxes = boxes.flatMap { box in
        alternatives.map { alternative in
          var narrowed = box
          for (axis, set) in alternative { narrowed[axis] = set }
          return narrowed
        }
      }
    }
    return boxes.filter(\.hasInputs)
  }
}
