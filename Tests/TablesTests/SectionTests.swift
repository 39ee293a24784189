import Signals
import Testing
import Wire

@testable import Tables

/// Clustered tables with sections: what random plans do not reach.
@Suite struct SectionTests {
  /// Rows in full and rows of branches, of one branch and of several, and sections that share a block.
  @Test(arguments: [(5000, 100), (5000, 2000), (40_000, 100)])
  func `each rule is found by its own value`(ruleCount: Int, numberCount: Int) throws {
    let plan = Self.plan(ruleCount: ruleCount, numberCount: numberCount)
    let chain = try CompiledChain(plan, clusteringFrom: 1)
    #expect(Self.clusters(of: chain).sectionCount == 3)
    // Only few rows are in full.
    #expect(Self.clusters(of: chain).fullColumnCount == (numberCount < 1000 ? 3 : 2))
    #expect(Self.clusters(of: chain).hasFullLists == 1)
    let wordCountMax = chain.tableCosts[0].columns.map(\.work.words).min()!
    var evaluator = Evaluator()
    var random = SplitMix64(seed: UInt64(ruleCount + numberCount))
    func some<T>(_ value: T) -> T? { random.below(9) == 0 ? nil : value }
    for _ in 0..<500 {
      let number = some(random.below(numberCount + 2))
      let text = some(random.below(42))
      let flag = some(random.below(2))
      let members = some((0..<random.below(7)).map { _ in random.below(9) })
      let values: [Value] = [
        number.map { .number(Double($0)) } ?? .state(.absent),
        text.map { .text("t\($0)") } ?? .state(.invalid),
        flag.map { .index($0) } ?? .state(.absent),
        members.map { .list($0.map { "m\($0)" }) } ?? .state(.absent),
      ]
      let expected = (0..<ruleCount).first { rule in
        Self.numbers(rule, ruleCount, numberCount).allows(number)
          && Self.texts(rule, ruleCount).allows(text) && Self.flags(rule).allows(flag)
          && Self.allows(members, rule)
      }
      let decision = evaluator.decide(chain, Input(values, for: plan.signals), fallback: .allow)
      #expect(decision.hits == expected.map { [Hit(table: 0, rule: UInt32($0))] } ?? [], "\(values)")
      #expect(evaluator.rows.commonWords.count <= wordCountMax, "as the worst case says")
    }
  }

  @Test func `a table whose values lead to too many blocks has no sections`() throws {
    let ruleCount = 70_000
    let flag = ColumnPlan(
      .direct(classes: [0, 1]), states: (0..<ruleCount).map { _ in [] },
      classes: (0..<ruleCount).map { [$0 % 2] })
    let plan = ChainPlan(
      [TablePlan("t", .enforce, [flag], verdicts: Array(repeating: .mfa, count: ruleCount))],
      signals: [.named("session.mfaRequired")])
    let chain = try CompiledChain(plan)
    #expect(Self.clusters(of: chain).sectionCount == 0)
    #expect(Self.clusters(of: chain).fullColumnCount == 0)
  }

  /// A range that leaves a block out, sections that leave bits out, a list's first row with a bit more.
  @Test func `an image is refused whose sections do not lead to every rule`() throws {
    let built = try ImageBuilder.image(of: Self.plan(ruleCount: 3000, numberCount: 3000), clusteringFrom: 1)
    let image = [UInt8](copying: built.span)
    #expect(AlignedImage(image).isValid)
    func word(_ offset: Int) -> UInt32 { image.span.load(UInt32.self, at: offset) }
    func refuses(_ value: UInt32, at offset: Int) -> Bool {
      var changed = image
      for byte in 0..<4 { changed[offset + byte] = UInt8(truncatingIfNeeded: value >> UInt32(8 * byte)) }
      return !AlignedImage(changed).isValid
    }
    let tableAt = Int(word(MemoryLayout<ImageHeader>.offset(of: \.tablesOffset)!))
    let clustersAt =
      Int(word(tableAt + MemoryLayout<TableRecord>.offset(of: \.detailsOffset)!))
      + MemoryLayout<TableDetails>.offset(of: \.clusters)!
    // The second: that of the numbers.
    let sectionsAt =
      Int(word(clustersAt + MemoryLayout<ClusterRecord>.offset(of: \.sectionsOffset)!))
      + MemoryLayout<ClusterSection>.stride
    let rangesAt = Int(word(sectionsAt + MemoryLayout<ClusterSection>.offset(of: \.rangesOffset)!))
    // Of the number 1, which has a rule.
    let rangeAt = rangesAt + 8 * (InputRecord.stateRowCount + 3)
    #expect(word(rangeAt + 4) == 1)
    #expect(refuses(0, at: rangeAt + 4))
    #expect(refuses(2, at: rangeAt + 4))
    #expect(refuses(word(rangeAt) + 1, at: rangeAt))
    #expect(refuses(.max, at: rangeAt))
    #expect(refuses(.max, at: rangeAt + 4))
    // The boolean has a say in every section, and a column that is not there has none.
    let firstsAt = sectionsAt + MemoryLayout<ClusterSection>.offset(of: \.firsts)!
    let othersAt = sectionsAt + MemoryLayout<ClusterSection>.offset(of: \.others)!
    #expect(word(firstsAt) == .max)
    #expect(word(othersAt) != 0)
    #expect(refuses(0, at: othersAt))
    #expect(refuses(word(othersAt) | 1 << 3, at: othersAt))
    #expect(refuses(0x0202_0202, at: firstsAt))
    let boundsAt = Int(word(clustersAt + MemoryLayout<ClusterRecord>.offset(of: \.boundsOffset)!))
    for place in stride(from: 0, to: RuleBounds.byteCount, by: 4) {
      #expect(refuses(word(boundsAt + place) ^ 1, at: boundsAt + place))
    }
    let boundedAt = clustersAt + MemoryLayout<ClusterRecord>.offset(of: \.boundedColumnCount)!
    #expect(word(boundedAt) == 2)
    #expect(refuses(0, at: boundedAt))
    #expect(refuses(3, at: boundedAt))
    let endAt = sectionsAt + MemoryLayout<ClusterSection>.offset(of: \.end)!
    #expect(refuses(word(endAt) - 1, at: endAt))
    #expect(refuses(word(endAt) + 1, at: endAt))
    #expect(refuses(3, at: sectionsAt))
    let countAt = clustersAt + MemoryLayout<ClusterRecord>.offset(of: \.sectionCount)!
    #expect(refuses(1, at: countAt))
    #expect(refuses(0, at: countAt))
    #expect(refuses(4, at: countAt))
    let fullAt = clustersAt + MemoryLayout<ClusterRecord>.offset(of: \.fullColumnCount)!
    #expect(refuses(4, at: fullAt))
    let listsAt = clustersAt + MemoryLayout<ClusterRecord>.offset(of: \.hasFullLists)!
    #expect(refuses(2, at: listsAt))
    let columnsAt = Int(word(tableAt + MemoryLayout<TableRecord>.offset(of: \.columnsOffset)!))
    let listRowsAt = Int(word(columnsAt + 3 * MemoryLayout<ColumnRecord>.stride + 4))
    let shape = ClusterShape(
      bitCount: Int(word(clustersAt + MemoryLayout<ClusterRecord>.offset(of: \.bitCount)!)))
    let freeRowAt = listRowsAt - shape.fullRowByteCount
    #expect(refuses(word(freeRowAt) ^ 1, at: freeRowAt))
  }

  private static func clusters(of chain: CompiledChain) -> ClusterRecord {
    chain.view.details(of: chain.view.table(0)).clusters
  }

  /// What a rule says of a signal: some values, or all and every state.
  private struct Cell {
    var values: Set<Int>?

    func allows(_ value: Int?) -> Bool { values.map { value.map($0.contains) ?? false } ?? true }
  }

  /// Two of three rules are for a number, the others for two texts, the last twenty for neither.
  private static func numbers(_ rule: Int, _ ruleCount: Int, _ numberCount: Int) -> Cell {
    Cell(values: rule % 3 == 0 || rule >= ruleCount - 20 ? nil : [rule % numberCount])
  }

  private static func texts(_ rule: Int, _ ruleCount: Int) -> Cell {
    Cell(values: rule % 3 != 0 || rule >= ruleCount - 20 ? nil : [rule % 40, rule / 40 % 40])
  }

  private static func flags(_ rule: Int) -> Cell { Cell(values: rule % 5 == 0 ? [rule % 2] : nil) }

  /// One of three rules needs a member, and of the others one of seven does not go with one.
  private static func allows(_ members: [Int]?, _ rule: Int) -> Bool {
    if rule % 3 == 0 { return members?.contains(rule % 8) ?? false }
    return rule % 7 != 0 || !(members?.contains(rule % 8) ?? false)
  }

  private static func plan(ruleCount: Int, numberCount: Int) -> ChainPlan {
    let rules = 0..<ruleCount
    /// The row of the rules that `isSet` says.
    func row(_ isSet: (Int) -> Bool) -> ColumnPlan.Row {
      var row = ColumnPlan.Row(repeating: 0, count: (ruleCount + 63) / 64)
      for rule in rules where isSet(rule) { row[rule / 64] |= 1 << UInt64(rule % 64) }
      return row
    }
    /// The rows of values, `nil` for one that no cell names.
    func column(_ slot: Int, _ partition: Partition, _ values: [Int?], _ cell: (Int) -> Cell) -> ColumnPlan {
      let cells = rules.map(cell)
      let none = row { cells[$0].allows(nil) }
      return ColumnPlan(
        slot: slot, partition: partition, stateRows: [none, none, none],
        classRows: values.map { value in value == nil ? none : row { cells[$0].allows(value) } })
    }
    let none = row { allows([], $0) }
    let absent = row { allows(nil, $0) }
    let members = (0..<8).flatMap { member in
      [row { !allows([], $0) && allows([member], $0) }, row { allows([], $0) && !allows([member], $0) }]
    }
    let columns = [
      column(
        0, .numbers(boundaries: (0..<numberCount).map(Double.init)),
        (0...2 * numberCount).map { $0 % 2 == 1 ? $0 / 2 : nil }
      ) { numbers($0, ruleCount, numberCount) },
      column(1, .strings(members: (0..<40).map { "t\($0)" }), [nil] + (0..<40).map(Optional.some)) {
        texts($0, ruleCount)
      },
      column(2, .direct(classes: [0, 1]), [0, 1], flags),
      ColumnPlan(
        slot: 3, partition: .list(members: (0..<8).map { "m\($0)" }),
        stateRows: [absent, absent, absent], classRows: [none] + members),
    ]
    return ChainPlan(
      [TablePlan("t", .enforce, columns, verdicts: rules.map { _ in .mfa })],
      signals: [
        .named("stats.loginsCount"), .named("user.id"), .named("session.mfaRequired"),
        .named("authentication.methods"),
      ])
  }
}
