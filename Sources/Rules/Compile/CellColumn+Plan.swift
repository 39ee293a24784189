import Signals
import Tables

extension CellColumn {
  /// The column as a plan takes it: the partition of its signal's values that its cells make, and
  /// the rules that each class allows.
  ///
  /// A class's rules are those that match one sample of it, by the meaning of a cell itself.
  func plan(slot: Int) -> ColumnPlan {
    let (partition, classRows) = classes()
    return ColumnPlan(
      slot: slot, partition: partition,
      stateRows: PlainSignal.states.map { rules(matching: $0).words },
      classRows: classRows.map(\.words))
  }

  private func classes() -> (Partition, [RuleBits]) {
    switch signal.type {
    case .boolean: return directClasses([.boolean(false), .boolean(true)])
    case .enumeration: return directClasses(signal.cases.indices.map(PlainSignal.enumeration))
    case .number:
      if let largest = signal.wholeMax {
        return directClasses((0...largest).map { .number(Double($0)) })
      }
      let boundaries = self.boundaries
      let samples = Self.samples(around: boundaries)
      return (.numbers(boundaries: boundaries), samples.map { rules(matching: .number($0)) })
    case .string:
      let members = self.members
      let samples = [textBesideMembers] + members
      return (.strings(members: members), samples.map { rules(matching: .text($0)) })
    case .address:
      let starts = self.starts
      let samples = [0] + starts
      return (.addresses(starts: starts), samples.map { rules(matching: .address($0)) })
    case .list: return listClasses()
    }
  }

  /// Values that allow the same rules are one class.
  private func directClasses(_ samples: [PlainSignal]) -> (Partition, [RuleBits]) {
    var rows: [RuleBits] = []
    var numbers: [RuleBits: Int] = [:]
    let classes = samples.map { sample in
      let row = rules(matching: sample)
      if let number = numbers[row] { return number }
      numbers[row] = rows.count
      rows.append(row)
      return rows.count - 1
    }
    return (.direct(classes: classes), rows)
  }

  private func listClasses() -> (Partition, [RuleBits]) {
    let members = self.members
    let withoutMembers = rules(matching: .list([]))
    var rows = [withoutMembers]
    for member in members {
      let withMember = rules(matching: .list([member]))
      var enough = withMember
      enough.subtract(withoutMembers)
      var ruledOut = withoutMembers
      ruledOut.subtract(withMember)
      rows += [enough, ruledOut]
    }
    return (.list(members: members), rows)
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

  /// A text that no test names.
  var textBesideMembers: String {
    let members = Set(self.members)
    var text = "other"
    while members.contains(text) { text += "-" }
    return text
  }

  /// One number of each class that boundaries make: below, on and above each. Two boundaries
  /// without a number between them get one of their own, in a class that no input has.
  static func samples(around boundaries: [Double]) -> [Double] {
    guard let first = boundaries.first, let last = boundaries.last else { return [0] }
    var samples = [first - 1 < first ? first - 1 : first.nextDown]
    for (boundary, next) in zip(boundaries, boundaries.dropFirst()) {
      let whole = boundary.rounded(.down) + 1
      let middle = boundary + (next - boundary) / 2
      samples += [boundary, whole > boundary && whole < next ? whole : middle]
    }
    return samples + [last, last + 1 > last ? last + 1 : last.nextUp]
  }
}
