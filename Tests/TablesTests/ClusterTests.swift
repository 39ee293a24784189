import Signals
import Testing
import Wire

@testable import Tables

/// Clustered tables: what random plans do not reach.
@Suite struct ClusterTests {
  /// Rows of several branches, whose last words and bits are where mistakes would be.
  @Test(arguments: [32_768, 65_537])
  func `each rule of several branches is found by its own value`(ruleCount: Int) throws {
    let chain = try CompiledChain(Self.plan(ruleCount: ruleCount))
    // In full, each of the rows would take 4 or 8 KiB.
    #expect(chain.byteCount < ruleCount * 1500)
    var evaluator = Evaluator()
    for rule in [0, 1, 63, 64, 511, 32_766, 32_767, 32_768, 65_535, ruleCount - 2]
    where rule < ruleCount - 1 {
      let input = Input([.number(Double(rule)), .index(0)], for: Self.signals)
      #expect(
        evaluator.decide(chain, input, fallback: .allow).hits == [Hit(table: 0, rule: UInt32(rule))])
      let other = Input([.number(Double(rule) + 0.5), .index(0)], for: Self.signals)
      #expect(evaluator.decide(chain, other, fallback: .allow).hitCount == 0)
      // The last rule matches every number where the boolean is true.
      let both = Input([.number(Double(rule)), .index(1)], for: Self.signals)
      #expect(evaluator.decide(chain, both, fallback: .allow).hits.first?.rule == UInt32(rule))
      let last = Input([.number(Double(rule) + 0.5), .index(1)], for: Self.signals)
      #expect(
        evaluator.decide(chain, last, fallback: .allow).hits.first?.rule == UInt32(ruleCount - 1))
    }
  }

  @Test func `ranks come out sorted`() {
    let seed: UInt64 = 0x5027
    var random = SplitMix64(seed: seed)
    for count in [0, 1, 2, 3, 7, 64, 1000] {
      var list = ScratchList<UInt32>()
      var expected: [UInt32] = []
      for _ in 0..<count {
        let value = UInt32(random.below(500))
        list.append(value)
        expected.append(value)
      }
      list.sort()
      #expect(list.indices.map { list[$0] } == expected.sorted(), "seed \(seed), \(count) values")
    }
  }

  private static let signals = [
    Signal.named("stats.loginsCount"), .named("session.mfaRequired"),
  ]

  /// Rule r matches the number r alone, but the last one, of which the boolean has to be true, every
  /// number as well.
  private static func plan(ruleCount: Int) -> ChainPlan {
    let last = ruleCount - 1
    var row = ColumnPlan.Row(repeating: 0, count: (ruleCount + 63) / 64)
    let empty = row
    row[last / 64] |= 1 << UInt64(last % 64)
    let lastOnly = row
    var numbers = RowSequence(wordCount: row.count)
    for rule in 0..<ruleCount {
      numbers.append(lastOnly)
      var own = lastOnly
      own[rule / 64] |= 1 << UInt64(rule % 64)
      numbers.append(own)
    }
    numbers.append(lastOnly)
    var all = ColumnPlan.Row(repeating: ~0, count: row.count)
    if ruleCount % 64 != 0 { all[row.count - 1] = (1 << UInt64(ruleCount % 64)) - 1 }
    var withoutLast = all
    withoutLast[last / 64] &= ~(1 << UInt64(last % 64))
    return ChainPlan(
      [
        TablePlan(
          "t", .enforce,
          [
            ColumnPlan(
              slot: 0, partition: .numbers(boundaries: (0..<ruleCount).map(Double.init)),
              stateRows: [empty, empty, empty], classes: numbers),
            ColumnPlan(
              slot: 1, partition: .direct(classes: [0, 1]), stateRows: [all, all, all],
              classRows: [withoutLast, all]),
          ], verdicts: Array(repeating: .mfa, count: ruleCount))
      ], signals: signals)
  }
}
