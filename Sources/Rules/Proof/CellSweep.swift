/// The rows of a column along an ordered domain, from its lowest value to its highest.
///
/// A cell of intervals is the same between two neighbouring ends of its own. So the interpreter is
/// asked at, just below and just above each of them, and what it says holds up to the next: this
/// gives the row of every value without asking every cell about every value.
struct CellSweep<Value: Comparable & Hashable> {
  /// Where to find the ends of cells, and the neighbours of a value.
  struct Domain {
    var lowest: Value
    /// `nil` past the ends of the domain.
    var below: (Value) -> Value?
    var above: (Value) -> Value?
    var ends: (UnaryTest) -> [Value]
    var plain: (Value) -> PlainSignal

    fileprivate func insert(around value: Value, into points: inout Set<Value>) {
      points.insert(value)
      if let below = below(value) { points.insert(below) }
      if let above = above(value) { points.insert(above) }
    }
  }

  /// The interpreter's row for the sample that `next` gave last.
  private(set) var row: RuleBits
  /// The `boundaries`, the ends of every cell, and the values just beside each; ascending.
  private let samples: [Value]
  private let groups: [ProofColumn.Group]
  private var changes: [Value: [(group: Int, matches: Bool)]] = [:]
  private var index = 0

  /// O(ends × log ends).
  init(_ column: ProofColumn, _ domain: Domain, boundaries: [Value]) {
    groups = column.groups
    row = RuleBits(count: column.ruleCount)
    var points = Set([domain.lowest])
    for boundary in boundaries { domain.insert(around: boundary, into: &points) }
    for (index, group) in column.groups.enumerated() {
      var last = group.cell.matches(domain.plain(domain.lowest))
      row.set(group.rules, to: last)
      var own = Set<Value>()
      for end in group.cell.tests.flatMap(domain.ends) { domain.insert(around: end, into: &own) }
      points.formUnion(own)
      for value in own.sorted() {
        let now = group.cell.matches(domain.plain(value))
        if now != last { changes[value, default: []].append((index, now)) }
        last = now
      }
    }
    samples = points.sorted()
  }

  /// The next sample; `row` is then its own. O(rules whose cell changes there).
  mutating func next() -> Value? {
    guard index < samples.count else { return nil }
    defer { index += 1 }
    for change in changes[samples[index]] ?? [] {
      row.set(groups[change.group].rules, to: change.matches)
    }
    return samples[index]
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
        guard case .addresses(let block) = test else { return [] }
        return [block.lowerBound, block.upperBound]
      },
      plain: { .address($0) })
  }
}
