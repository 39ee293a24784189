/// The rows of a column along an ordered domain, from its lowest value to its highest.
///
/// A cell of intervals is the same between two neighbouring ends of its own. So the interpreter is
/// asked at, just below and just above each of them, and what it says holds up to the next: this
/// gives the row of every value without asking every cell about every value.
struct CellSweep<Value: Comparable> {
  /// Where to find the ends of cells, and the neighbours of a value.
  struct Domain {
    var lowest: Value
    /// `nil` past the ends of the domain.
    var below: (Value) -> Value?
    var above: (Value) -> Value?
    var ends: (UnaryTest) -> [Value]
    var plain: (Value) -> PlainSignal

    /// Values and the two beside each, ascending, each once.
    fileprivate func points(around values: [Value]) -> [Value] {
      var points: [Value] = []
      points.reserveCapacity(3 * values.count)
      for value in values {
        if let below = below(value) { points.append(below) }
        points.append(value)
        if let above = above(value) { points.append(above) }
      }
      return points.ascending()
    }
  }

  /// The interpreter's row for the sample that `next` gave last.
  private(set) var row: RuleBits
  /// The `boundaries`, the ends of every cell, and the values just beside each; ascending.
  private let samples: [Value]
  private let groups: [ProofColumn.Group]
  private var changes: [(value: Value, group: Int, matches: Bool)] = []
  private var index = 0
  private var nextChange = 0

  /// O(ends × log ends).
  init(_ column: ProofColumn, _ domain: Domain, boundaries: [Value]) {
    groups = column.groups
    row = RuleBits(count: column.ruleCount)
    var ends = boundaries
    for (index, group) in column.groups.enumerated() {
      var last = group.cell.matches(domain.plain(domain.lowest))
      row.set(group.rules, to: last)
      let own = group.cell.tests.flatMap(domain.ends)
      for value in domain.points(around: own) {
        let now = group.cell.matches(domain.plain(value))
        if now != last { changes.append((value, index, now)) }
        last = now
      }
      ends += own
    }
    changes.sort { $0.value < $1.value }
    samples = ([domain.lowest] + domain.points(around: ends)).ascending()
  }

  /// The next sample; `row` is then its own. O(rules whose cell changes there).
  mutating func next() -> Value? {
    guard index < samples.count else { return nil }
    defer { index += 1 }
    while nextChange < changes.count, changes[nextChange].value <= samples[index] {
      row.set(groups[changes[nextChange].group].rules, to: changes[nextChange].matches)
      nextChange += 1
    }
    return samples[index]
  }
}

extension Array where Element: Comparable {
  /// Each element once, in order.
  fileprivate func ascending() -> [Element] {
    var ascending: [Element] = []
    ascending.reserveCapacity(count)
    for element in sorted() where element != ascending.last { ascending.append(element) }
    return ascending
  }
}

extension CellSweep<Double>.Domain {
  /// Finite numbers.
  static var numbers: Self {
    Self(
      lowest: -.greatestFiniteMagnitude,
      below: { $0.nextDown.isFinite ? $0.nextDown : nil },
      above: { $0.nextUp.isFinite ? $0.nextUp : nil },
      ends: { if case .number(let interval) = $0 { interval.boundaries } else { [] } },
      plain: { .number($0) })
  }
}

extension CellSweep<UInt128>.Domain {
  static var addresses: Self {
    Self(
      lowest: 0,
      below: { $0 > 0 ? $0 - 1 : nil },
      above: { $0 < .max ? $0 + 1 : nil },
      ends: { test in
        switch test {
        case .addresses(let block): [block.lowerBound, block.upperBound]
        case .list(let list): list.blocks.flatMap { [$0.lowerBound, $0.upperBound] }
        default: []
        }
      },
      plain: { .address($0) })
  }
}
