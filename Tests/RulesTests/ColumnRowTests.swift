import RulesOracle
import Signals
import Tables
import Testing

@testable import Rules

/// The rows of a compiled column are what its cells say of one value of each class.
@Suite struct ColumnRowTests {
  @Test(arguments: RandomVocabulary.signals)
  func `every row holds the rules whose cells match a value of its class`(signal: Signal) {
    let seed = signal.name.utf8.reduce(0xC1A55) { $0 &* 31 &+ UInt64($1) }
    var random = SeededGenerator(seed: seed)
    for _ in 0..<60 {
      let cells = (0...random.below(90)).map { _ in
        RandomCell(for: signal, using: &random).tests
      }
      let column = CellColumn(signal, cells)
      let plan = column.plan(slot: 0)
      #expect(plan.stateRows == PlainSignal.states.map { column.rules(matching: $0).words })
      #expect(plan.classRows.count == plan.partition.rowCount)
      #expect(plan.classRows == Self.rows(of: column, plan.partition), "seed \(seed): \(cells)")
    }
  }

  /// By the meaning of a cell, value by value.
  private static func rows(of column: CellColumn, _ partition: Partition) -> [ColumnPlan.Row] {
    func rows(_ samples: [PlainSignal]) -> [ColumnPlan.Row] {
      samples.map { column.rules(matching: $0).words }
    }
    switch partition {
    case .direct(let classes):
      let values = classes.indices.map { value -> PlainSignal in
        switch column.signal.type {
        case .boolean: .boolean(value == 1)
        case .enumeration: .enumeration(value)
        default: .number(Double(value))
        }
      }
      let firsts = (0..<partition.rowCount).map { values[classes.firstIndex(of: $0)!] }
      for (value, number) in zip(values, classes) {
        #expect(rows([value]) == rows([firsts[number]]))
      }
      return rows(firsts)
    case .numbers(let boundaries):
      return rows(samples(around: boundaries).map(PlainSignal.number))
    case .strings(let members, let classes):
      return rows(
        [.text(column.textBesideMembers)]
          + firsts(members.map(PlainSignal.text), classes.map { $0 - 1 }, column))
    case .addresses(let starts, let classes):
      return rows(firsts(([0] + starts).map(PlainSignal.address), classes, column))
    case .list(let members, let classes):
      let without = column.rules(matching: .list([]))
      return [without.words]
        + firsts(members.map { .list([$0]) }, classes, column).flatMap { list -> [ColumnPlan.Row] in
          let with = column.rules(matching: list)
          let pairs = zip(with.words, without.words)
          return [
            ColumnPlan.Row(pairs.map { $0 & ~$1 }), ColumnPlan.Row(pairs.map { ~$0 & $1 }),
          ]
        }
    }
  }

  /// One value of each class; all values of a class must match the same rules.
  private static func firsts(
    _ values: [PlainSignal], _ classes: [Int], _ column: CellColumn
  ) -> [PlainSignal] {
    let firsts = (0..<(classes.max() ?? -1) + 1).map { values[classes.firstIndex(of: $0)!] }
    for (value, number) in zip(values, classes) {
      #expect(column.rules(matching: value) == column.rules(matching: firsts[number]))
    }
    return firsts
  }

  /// One number of each class that boundaries make: below, on and above each. Two boundaries
  /// without a number between them get one of their own, in a class that no input has.
  private static func samples(around boundaries: [Double]) -> [Double] {
    guard let first = boundaries.first, let last = boundaries.last else { return [0] }
    var samples = [first - 1 < first ? first - 1 : first.nextDown]
    for (boundary, next) in zip(boundaries, boundaries.dropFirst()) {
      let whole = boundary.rounded(.down) + 1
      let middle = boundary + (next - boundary) / 2
      samples += [boundary, whole > boundary && whole < next ? whole : middle]
    }
    return samples + [last, last + 1 > last ? last + 1 : last.nextUp]
  }

  @Test func `rows of 100,000 rules with boundaries of their own come one at a time`() {
    let signal = Signal.custom("n", .number)
    let count = 100_000
    let column = CellColumn(
      signal,
      (0..<count).map { rule in
        UnaryTests(states: [], values: .anyOf([.number(NumberInterval(Double(rule)))]))
      })
    let space = ClassSpace(column)
    var rowCount = 0
    var wrongCount = 0
    column.forEachClassRow(in: space) { row in
      // Class 2b + 1 is boundary b, which only rule b allows.
      let expected = rowCount % 2 == 1 ? rowCount / 2 : nil
      if let expected, rowCount % 1001 == 0 {
        var only = RuleBits(count: count)
        only.insert(expected)
        wrongCount += row == only ? 0 : 1
      }
      rowCount += 1
    }
    #expect(rowCount == 2 * count + 1)
    #expect(wrongCount == 0)
  }
}
