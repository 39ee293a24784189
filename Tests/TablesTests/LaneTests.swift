import Signals
import Testing
import Wire

@testable import Tables

/// Candidates that are evaluated together decide as each does alone.
@Suite struct LaneTests {
  /// Chains whose tables are all clustered have no lanes.
  @Test(arguments: UInt64(0)..<300)
  func `a candidate decides as it does alone`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let plan = ChainPlan.randomBesideCandidates(using: &random)
    let chain = try CompiledChain(plan, clusteringFrom: seed % 16 == 0 ? 1 : .max)
    let candidates = plan.tables.filter { $0.role != .live }
    let killed = random.below(3) == 0 ? random.next() : 0
    var evaluator = Evaluator()
    for round in 0..<20 {
      let values = plan.randomValues(using: &random)
      let input = Input(values, for: plan.signals)
      let outcomes = Self.outcomes(&evaluator, chain, input, killed: killed)
      let liveCount = plan.tables.count - candidates.count
      let alive = candidates.indices.filter { killed >> UInt64(liveCount + $0) & 1 == 0 }
      #expect(outcomes.map { Int($0.table) } == alive.map { liveCount + $0 })
      #expect(
        outcomes.map(\.shadow) == alive.map { Self.verdict(of: candidates[$0], plan.signals, values) },
        "seed \(seed), round \(round): \(values)")
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

  @Test func `three candidates of a word each have lanes, whatever else is beside them`() throws {
    let candidate = Self.table(.shadowOfChain)
    #expect(try Self.group([]).candidates == 0)
    #expect(try Self.group([candidate, candidate]).candidates == 0)
    #expect(try Self.group([candidate, candidate, candidate]).candidates == 0b111)
    #expect(
      try Self.group([
        candidate, Self.table(.shadowOfChain, ruleCount: 65), candidate,
        Self.table(.shadowOfChain, hits: .all), candidate,
      ]).candidates == 0b10101)
  }

  @Test func `candidates that share few columns have no lanes`() throws {
    // 10 rows of 8 words each; alone, they are 3 times 4 words and once 6.
    let lone = Self.table(.shadowOfChain, slots: [0])
    #expect(try Self.group([lone, lone, lone]).candidates == 0b111)
    let others = (1...3).map { boundary in
      var table = lone
      table.columns[0] = ColumnPlan(
        slot: 0, partition: .numbers(boundaries: [Double(boundary)]), stateRows: [[1], [1], [1]],
        classRows: [[1], [1], [1]])
      return table
    }
    #expect(try Self.group(others).candidates == 0)
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
        + [Self.table(.shadowOfChain, ruleCount: 70), candidates[0], candidates[0]],
      signals: Self.signals)
    #expect(try !refusal(\.candidates, 0b11011, plan), "as it is built")
    for candidates: UInt32 in [0, 0b11001, 0b11111, 0b111011, 1 << 31] {
      #expect(try refusal(\.candidates, candidates, plan))
    }
    for count: UInt32 in [0, 1, 3, .max] { #expect(try refusal(\.columnCount, count, plan)) }
    for count: UInt32 in [0, 2, 3, .max] { #expect(try refusal(\.plainColumnCount, count, plan)) }
    for offset: UInt32 in [0, 8, .max, .max - 63] { #expect(try refusal(\.columnsOffset, offset, plan)) }
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
