import Signals
import Testing
import Wire

@testable import Tables

/// Candidates that are evaluated together decide as each does alone.
@Suite struct LaneTests {
  /// Candidates that are clustered are evaluated as one table.
  @Test(arguments: UInt64(0)..<300)
  func `a candidate decides as it does alone`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let plan = ChainPlan.randomBesideCandidates(using: &random)
    let chain = try CompiledChain(
      plan, clusteringFrom: seed % 3 == 0 ? 1 : .max,
      sectionBlockCountMax: seed % 2 == 0 ? -1 : TablePlan.sectionBlockCountMax)
    let candidates = plan.tables.filter { $0.role != .live }
    let killed = random.below(3) == 0 ? random.next() : 0
    var evaluator = Evaluator()
    for round in 0..<20 {
      let values = plan.randomValues(using: &random)
      let input = Input(values, for: plan.signals)
      let outcomes = Self.outcomes(&evaluator, chain, input, killed: killed)
      let liveCount = plan.tables.count - candidates.count
      let last = Self.lastTable(evaluator, plan)
      let alive = candidates.indices.filter { index in
        guard killed >> UInt64(liveCount + index) & 1 == 0 else { return false }
        // A table that had no part is nothing to be compared with.
        guard case .shadowOfTable(let table) = candidates[index].role else { return true }
        return killed >> UInt64(table) & 1 == 0 && table <= last
      }
      #expect(outcomes.map { Int($0.table) } == alive.map { liveCount + $0 })
      #expect(
        outcomes.map(\.shadow) == alive.map { Self.verdict(of: candidates[$0], plan.signals, values) },
        "seed \(seed), round \(round): \(values)")
    }
  }

  /// Of more columns than those after which an empty block is left.
  @Test(arguments: [2, 3, 8, 30])
  func `candidates of many columns decide as they do alone`(oneIn: Int) throws {
    var random = SplitMix64(seed: UInt64(oneIn))
    let signals = (0..<14).map { Signal.custom("shop.number\($0)", .number) }
    func row() -> ColumnPlan.Row {
      var row = ColumnPlan.Row(repeating: 0, count: 4)
      for rule in 0..<200 where random.below(oneIn) > 0 { row[rule / 64] |= 1 << UInt64(rule % 64) }
      return row
    }
    let candidates = (0..<5).map { _ in
      var table = Self.table(.shadowOfChain, slots: [], ruleCount: 200)
      for index in table.rules.indices {
        table.rules[index].verdict = .allCases.randomElement(using: &random)!
      }
      table.columns = signals.indices.map { slot in
        let rows = (0..<10).map { _ in row() }
        return ColumnPlan(
          slot: slot, partition: .numbers(boundaries: [1, 3, 5]), stateRows: Array(rows[7...]),
          classRows: Array(rows[..<7]))
      }
      return table
    }
    let plan = ChainPlan([Self.table(.live, slots: [])] + candidates, signals: signals)
    let chain = try CompiledChain(plan)
    #expect(chain.view.laneGroup.candidates == 0b11111)
    var evaluator = Evaluator()
    for round in 0..<100 {
      let values = signals.map { _ in
        random.below(8) == 0 ? Value.state(.absent) : .number(Double(random.below(7)))
      }
      let input = Input(values, for: signals)
      #expect(
        Self.outcomes(&evaluator, chain, input, killed: 0).map(\.shadow)
          == candidates.map { Self.verdict(of: $0, signals, values) }, "round \(round): \(values)")
    }
  }

  @Test func `most random chains with candidates have lanes, and not all of them`() throws {
    var groups: [LaneGroup] = []
    for seed: UInt64 in 0..<100 {
      var random = SplitMix64(seed: seed)
      groups.append(try Self.group(of: .randomBesideCandidates(using: &random)))
    }
    #expect((30..<95).contains(groups.count { $0.candidates != 0 }))
    #expect(groups.contains { $0.columnCount > $0.plainColumnCount }, "none has a list")
    #expect(groups.contains { $0.blockCount == 1 } && groups.contains { $0.blockCount > 8 })
  }

  private static func outcomes(
    _ evaluator: inout Evaluator, _ chain: CompiledChain, _ input: Input, killed: UInt64
  ) -> [ShadowOutcome] {
    for (slot, value) in input.values.enumerated() { evaluator.vector[slot] = value }
    _ = evaluator.evaluate(chain.view, in: input.message.span, fallback: .allow, killed: killed)
    var outcomes: [ShadowOutcome] = []
    for index in 0..<evaluator.shadowCount { outcomes.append(evaluator.shadow(at: index)) }
    return outcomes
  }

  /// The table whose enforced rule ended the chain.
  private static func lastTable(_ evaluator: borrowing Evaluator, _ plan: ChainPlan) -> Int {
    for index in evaluator.hits.indices where evaluator.hits[index].isEnforced {
      let hit = evaluator.hits[index]
      let table = plan.tables[Int(hit.table)]
      if table.rules[Int(hit.rule)].verdict >= .deny { return Int(hit.table) }
    }
    return .max
  }

  private static func verdict(of candidate: TablePlan, _ signals: [Signal], _ values: [Value]) -> Verdict? {
    var table = candidate
    table.role = .live
    table.mode = .enforce
    for index in table.rules.indices { table.rules[index].mode = .enforce }
    let answer = Oracle(plan: ChainPlan([table], signals: signals), fallback: .allow).answer(values)
    return answer.hits.isEmpty ? nil : answer.verdict
  }

  // MARK: Which candidates

  private static let signals: [Signal] = [.named("akamaiUserRisk.score"), .named("authentication.methods")]

  private static func table(
    _ role: TableRole, slots: [Int] = [0, 1], ruleCount: Int = 2, hits: HitMode = .first
  ) -> TablePlan {
    let row = ColumnPlan.Row(repeating: 1, count: (ruleCount + 63) / 64)
    return TablePlan(
      name: "t", version: 1, mode: .enforce,
      columns: slots.map { slot in
        let partition = slot == 0 ? Partition.numbers(boundaries: [50]) : .list(members: ["pwd"])
        return ColumnPlan(
          slot: slot, partition: partition, stateRows: [row, row, row],
          classRows: Array(repeating: row, count: partition.rowCount))
      },
      rules: (1...ruleCount).map { RulePlan(name: "", number: $0, verdict: .deny, outputs: []) },
      hits: hits, role: role)
  }

  private static func group(_ candidates: [TablePlan]) throws -> LaneGroup {
    try group(of: ChainPlan([table(.live)] + candidates, signals: signals))
  }

  private static func group(of plan: ChainPlan) throws -> LaneGroup {
    let chain = try CompiledChain(plan)
    return chain.view.laneGroup
  }

  @Test func `three candidates of about as many rules have lanes, whatever else is beside them`() throws {
    let candidate = Self.table(.shadowOfChain)
    #expect(try Self.group([]).candidates == 0)
    #expect(try Self.group([candidate, candidate]).candidates == 0)
    #expect(try Self.group([candidate, candidate, candidate]).candidates == 0b111)
    #expect(
      try Self.group([
        candidate, Self.table(.shadowOfChain, ruleCount: 129), candidate,
        Self.table(.shadowOfChain, hits: .all), candidate,
      ]).candidates == 0b11101)
  }

  @Test func `the most candidates of which none is twice as large as another have lanes`() throws {
    func group(_ ruleCounts: [Int]) throws -> (candidates: UInt32, blockCount: UInt32) {
      let group = try Self.group(ruleCounts.map { Self.table(.shadowOfChain, ruleCount: $0) })
      return (group.candidates, group.blockCount)
    }
    #expect(try group([1000, 1, 900, 500, 64]) == (0b01101, 16))
    #expect(try group([200, 1, 130, 120, 2, 64, 3]) == (0b1111010, 2))
    #expect(try group([600, 300, 100]) == (0, 0))
  }

  /// A table with one column, of a signal of its own.
  private static func lone(slot: Int, boundaryCount: Int) -> TablePlan {
    var table = Self.table(.shadowOfChain, slots: [0])
    let partition = Partition.numbers(boundaries: (0..<boundaryCount).map(Double.init))
    table.columns[0] = ColumnPlan(
      slot: slot, partition: partition, stateRows: [[1], [1], [1]],
      classRows: Array(repeating: [1], count: partition.rowCount))
    return table
  }

  @Test func `candidates that share no columns have no lanes, unless they are small`() throws {
    func group(boundaryCount: Int) throws -> LaneGroup {
      let tables = (0..<4).map { Self.lone(slot: $0, boundaryCount: boundaryCount) }
      let signals = (0..<4).map { Signal.custom("shop.number\($0)", .number) }
      return try Self.group(of: ChainPlan([Self.table(.live, slots: [])] + tables, signals: signals))
    }
    #expect(try group(boundaryCount: 900).candidates == 0b1111)
    // 4 columns of more than 2,048 rows of 64 bytes, each of one candidate.
    #expect(try group(boundaryCount: 1100).candidates == 0)
  }

  // MARK: One partition for all columns of a signal

  private static func inputs(_ plan: ChainPlan) throws -> [Int] {
    let chain = try CompiledChain(plan)
    return (0..<Int(chain.view.header.inputEnds.lists)).map { Int(chain.view.input($0).rowCount) }
  }

  @Test func `beside candidates, a signal is classified once`() throws {
    let tables = (0..<4).map { index in
      var table = Self.lone(slot: 0, boundaryCount: 1 + index)
      table.role = index == 0 ? .live : .shadowOfChain
      return table
    }
    #expect(try Self.inputs(ChainPlan(tables, signals: [.custom("shop.number", .number)])) == [9])
    // Tables that all have a say are not touched.
    let live = tables.map { table in
      var table = table
      table.role = .live
      return table
    }
    #expect(
      try Self.inputs(ChainPlan(live, signals: [.custom("shop.number", .number)])) == [3, 5, 7, 9])
  }

  /// A live table and 7 candidates of 513 rules. Each has a column of 101 rows of its own for each of
  /// `ownCount` signals, and one of `rowCount` rows that are all tables' alike.
  private static func plan(ownCount: Int, commonRowCount rowCount: Int) -> ChainPlan {
    let none = ColumnPlan.Row(repeating: 0, count: 9)
    let tables = (0..<8).map { index in
      var table = Self.table(index == 0 ? .live : .shadowOfChain, slots: [], ruleCount: 513)
      table.columns = (0...ownCount).map { slot in
        let boundaries = slot == ownCount ? Array(0..<rowCount / 2) : (0..<50).map { 8 * $0 + index }
        return ColumnPlan(
          slot: slot, partition: .numbers(boundaries: boundaries.map(Double.init)),
          stateRows: [none, none, none],
          classRows: Array(repeating: none, count: 2 * boundaries.count + 1))
      }
      return table
    }
    return ChainPlan(tables, signals: (0...ownCount).map { .custom("shop.number\($0)", .number) })
  }

  @Test func `a signal is classified for each where one partition would make too many rows`() throws {
    #expect(
      try Self.inputs(Self.plan(ownCount: 1, commonRowCount: 1)).sorted()
        == [1] + Array(repeating: 101, count: 8))
  }

  /// 701 rows in place of 101 are seven times as many, but not of all columns.
  @Test func `candidates have one partition as long as their rows grow to three times as many`() throws {
    func inputs(_ ownCount: Int, _ rowCount: Int) throws -> [Int] {
      try Self.inputs(Self.plan(ownCount: ownCount, commonRowCount: rowCount)).sorted()
    }
    #expect(try inputs(1, 197) == [101] + Array(repeating: 101, count: 7) + [197])
    #expect(try inputs(1, 199) == [101, 199, 701])
    #expect(try inputs(2, 397) == [101, 101] + Array(repeating: 101, count: 7) + [397, 701])
    #expect(try inputs(2, 399) == [101, 101, 399, 701, 701])
  }

  // MARK: What is refused

  /// Changes a number of the group's record.
  private func refusal(
    _ field: PartialKeyPath<LaneGroup>, _ value: UInt32, _ plan: ChainPlan
  ) throws -> Bool {
    var bytes = try Self.bytes(of: plan)
    let header = MemoryLayout<ImageHeader>.offset(of: \.lanesOffset)!
    let group = Int(bytes.span.load(UInt32.self, at: header))
    let place = group + MemoryLayout<LaneGroup>.offset(of: field)!
    for byte in 0..<4 { bytes[place + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(byte))) }
    return Self.isRefused(bytes)
  }

  private static func bytes(of plan: ChainPlan) throws -> [UInt8] {
    let image = try ImageBuilder.image(of: plan)
    return [UInt8](copying: image.span)
  }

  private static func isRefused(_ bytes: [UInt8]) -> Bool {
    let image = AlignedImage(bytes)
    return !image.isValid
  }

  @Test func `a group that is not what its candidates make it is refused`() throws {
    let candidates = [Self.table(.shadowOfChain), Self.table(.shadowOfChain, slots: [1])]
    let plan = ChainPlan(
      [Self.table(.live)] + candidates
        + [Self.table(.shadowOfChain, ruleCount: 130), candidates[0], candidates[0]],
      signals: Self.signals)
    #expect(try !refusal(\.candidates, 0b11011, plan), "as it is built")
    for candidates: UInt32 in [0, 0b11001, 0b11111, 0b111011, 1 << 31] {
      #expect(try refusal(\.candidates, candidates, plan))
    }
    for count: UInt32 in [0, 1, 3, .max] { #expect(try refusal(\.columnCount, count, plan)) }
    for count: UInt32 in [0, 2, 3, .max] { #expect(try refusal(\.plainColumnCount, count, plan)) }
    for offset: UInt32 in [0, 8, .max, .max - 63] { #expect(try refusal(\.columnsOffset, offset, plan)) }
    for count: UInt32 in [0, 2, 56, 57, .max] { #expect(try refusal(\.blockCount, count, plan)) }
  }

  /// A candidate that has not got a column has words in its blocks all the same.
  @Test func `a word of a candidate without the column is all its rules, or the image is refused`() throws {
    let candidates = [
      Self.table(.shadowOfChain), Self.table(.shadowOfChain, slots: [1]),
      Self.table(.shadowOfChain), Self.table(.shadowOfChain, slots: [0]),
    ]
    let plan = ChainPlan([Self.table(.live)] + candidates, signals: Self.signals)
    let bytes = try Self.bytes(of: plan)
    let image = AlignedImage(bytes)
    let group = image.view.laneGroup
    #expect(group.candidates == 0b1111)
    var rows: [(column: Int, lane: Int, row: Int, bits: UInt64)] = []
    for row in 0..<6 { rows.append((0, 1, row, 0b11)) }
    // The row before the others, those of states and of no member, and a member's two.
    for row in -1..<6 { rows.append((1, 3, row, row < 4 ? 0b11 : 0)) }
    for (column, lane, row, bits) in rows {
      let record = image.view.column(column, of: group)
      let place = Int(record.rowsOffset) + LaneGroup.blockByteCount * row + 8 * lane
      #expect(bytes.span.load(UInt64.self, at: place) == bits, "column \(column), row \(row)")
      for bit in 0..<8 {
        var other = bytes
        other[place] ^= 1 << UInt8(bit)
        #expect(Self.isRefused(other), "column \(column), row \(row), bit \(bit)")
      }
    }
  }
}
