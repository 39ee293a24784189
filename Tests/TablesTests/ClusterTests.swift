import CWide
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

  /// Without another column, the summaries of lists say which words there are, branch by branch.
  @Test func `a table of lists alone is searched in all of its branches`() throws {
    let ruleCount = 33_000
    let plan = Self.listPlan(ruleCount: ruleCount)
    let chain = try CompiledChain(plan)
    var evaluator = Evaluator()
    for (members, rule) in [
      (["a"], 0), (["b"], 1), (["b", "a"], 0), (["last"], ruleCount - 1), (["x", "c", "last"], 2),
    ] {
      let input = Input([.list(members)], for: plan.signals)
      #expect(
        evaluator.decide(chain, input, fallback: .allow).hits == [Hit(table: 0, rule: UInt32(rule))])
    }
    let other = Input([.list(["x"])], for: plan.signals)
    #expect(evaluator.decide(chain, other, fallback: .allow).hitCount == 0)
    let wordCountMax = chain.tableCosts[0].columns[0].work.words
    #expect(evaluator.rows.commonWords.count <= wordCountMax, "as the worst case says")
  }

  @Test func `columns come by how few bits they leave, lists last`() {
    func use(_ bitShare: Double, words: Double = 1, isList: Bool = false) -> ClusterUse {
      ClusterUse(isList: isList, bitShare: bitShare, wordShare: words)
    }
    let uses = [
      use(0.01, isList: true), use(0.7), use(0.1), use(0.5, words: 0.2, isList: true), use(0.7),
    ]
    #expect(ClusterUse.places(uses) == [4, 1, 0, 3, 2])
    #expect(ClusterUse.narrowingListCount(uses) == 1)
    #expect(ClusterUse.narrowingListCount([use(0.9, isList: true), use(0.9, isList: true)]) == 2)
    #expect(ClusterUse.narrowingListCount([use(0.9)]) == 0)
  }

  @Test(arguments: [UInt32(0), 2, 0x8000_0000])
  func `an image is refused whose lists cannot say which words there are`(count: UInt32) throws {
    let built = try ImageBuilder.image(of: Self.listPlan(ruleCount: 70), clusteringFrom: 1)
    var image = [UInt8](copying: built.span)
    #expect(AlignedImage(image).isValid)
    let tablesAt = Int(
      image.span.load(UInt32.self, at: MemoryLayout<ImageHeader>.offset(of: \.tablesOffset)!))
    let detailsAt = Int(
      image.span.load(
        UInt32.self, at: tablesAt + MemoryLayout<TableRecord>.offset(of: \.detailsOffset)!))
    let place =
      detailsAt + MemoryLayout<TableDetails>.offset(of: \.clusters)!
      + MemoryLayout<ClusterRecord>.offset(of: \.narrowingListCount)!
    #expect(image.span.load(UInt32.self, at: place) == 1)
    for byte in 0..<4 { image[place + byte] = UInt8(truncatingIfNeeded: count >> UInt32(8 * byte)) }
    #expect(!AlignedImage(image).isValid)
  }

  @Test func `memory of large images starts at a large page, that of others at a cache line`() {
    for (byteCount, alignment) in [(64, 64), (1 << 20, 64), (9 << 20, 2 << 20)] {
      guard let memory = unsafe postern_allocate_image(byteCount) else {
        Issue.record("no memory")
        return
      }
      #expect(unsafe Int(bitPattern: memory) % alignment == 0)
      unsafe memory.initializeMemory(as: UInt8.self, repeating: 7, count: byteCount)
      #expect(unsafe memory.load(fromByteOffset: byteCount - 1, as: UInt8.self) == 7)
      unsafe postern_free_image(memory)
    }
  }

  @Test func `an image that there is no memory for is told from one with a fault`() {
    let byteCount = 1 << 46
    #expect(throws: ImageError.noMemory(byteCount: byteCount)) {
      try unsafe ImageMemory(byteCount: byteCount) { _ in true }
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

  /// Rules need one of eight members, in turn; the last rule needs another.
  private static func listPlan(ruleCount: Int) -> ChainPlan {
    let members = ["a", "b", "c", "d", "e", "f", "g", "h", "last"]
    let empty = ColumnPlan.Row(repeating: 0, count: (ruleCount + 63) / 64)
    var rows = [empty]
    for member in members.indices {
      var row = empty
      for rule in 0..<ruleCount
      where member == (rule == ruleCount - 1 ? members.count - 1 : rule % 8) {
        row[rule / 64] |= 1 << UInt64(rule % 64)
      }
      rows += [row, empty]
    }
    let column = ColumnPlan(
      slot: 0, partition: .list(members: members, classes: Array(members.indices)),
      stateRows: [empty, empty, empty], classRows: rows)
    let table = TablePlan("t", .enforce, [column], verdicts: Array(repeating: .mfa, count: ruleCount))
    return ChainPlan([table], signals: [.named("authentication.methods")])
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
