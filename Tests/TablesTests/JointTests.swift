import Signals
import Testing
import Wire

@testable import Tables

/// Clustered tables, evaluated as one; that each decides as it does alone is in `LaneTests` and `OracleTests`.
@Suite struct JointTests {
  private static func group(
    of plan: ChainPlan, sectionBlockCountMax: Double = TablePlan.sectionBlockCountMax
  ) throws -> (group: JointGroup, hasSections: Bool) {
    let chain = try CompiledChain(plan, clusteringFrom: 1, sectionBlockCountMax: sectionBlockCountMax)
    let view = chain.view
    let group = view.jointGroup
    return (group, group.candidates != 0 && view.details(of: group.table).clusters.sectionCount > 0)
  }

  @Test func `many random chains with clustered candidates have a joint table, of every kind`() throws {
    var groups: [(group: JointGroup, hasSections: Bool)] = []
    for seed: UInt64 in 0..<200 {
      var random = SplitMix64(seed: seed)
      groups.append(try Self.group(of: .randomBesideCandidates(using: &random)))
    }
    #expect((40..<190).contains(groups.count { $0.group.candidates != 0 }))
    let tables = groups.map(\.group.table)
    #expect(tables.contains { $0.columnCount > $0.plainColumnCount }, "none has a list")
    #expect(groups.contains { $0.group.hitsAll != 0 } && groups.contains { $0.hasSections })
    #expect(groups.contains { $0.group.candidates != 0 && !$0.hasSections })
    let lives = groups.filter { $0.group.candidates != 0 }.map(\.group.liveTable)
    #expect(lives.contains(JointGroup.noTable) && lives.contains(0) && lives.contains(1))
  }

  // MARK: Which rules are one

  private static let signals: [Signal] = [.named("akamaiUserRisk.score"), .named("authentication.methods")]

  /// Rule r asks for the number `numbers[r]`, and where it has a second column, for the member "pwd".
  private static func table(
    _ numbers: [Int], beside others: Range<Int> = 0..<0, hasList: Bool = false, hits: HitMode = .first,
    role: TableRole = .shadowOfChain
  ) -> TablePlan {
    let boundaries = Set(numbers).union(others).sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(boundaries, boundaries.indices))
    let none = ColumnPlan.Row(repeating: 0, count: max(1, (numbers.count + 63) / 64))
    var classRows = Array(repeating: none, count: 2 * boundaries.count + 1)
    var all = none
    for (rule, number) in numbers.enumerated() {
      classRows[2 * places[number]! + 1][rule / 64] |= 1 << UInt64(rule % 64)
      all[rule / 64] |= 1 << UInt64(rule % 64)
    }
    var columns = [
      ColumnPlan(
        slot: 0, partition: .numbers(boundaries: boundaries.map(Double.init)), stateRows: [none, none, none],
        classRows: classRows)
    ]
    if hasList {
      columns.append(
        ColumnPlan(
          slot: 1, partition: .list(members: ["pwd"]), stateRows: [none, none, none],
          classRows: [none, all, none]))
    }
    return TablePlan(
      name: "t", version: 1, mode: .enforce, columns: columns,
      rules: numbers.indices.map { RulePlan(name: "", number: $0 + 1, verdict: .mfa, outputs: []) },
      hits: hits, role: role)
  }

  private static func plan(_ candidates: [TablePlan]) -> ChainPlan {
    ChainPlan([table([1], role: .live)] + candidates, signals: signals)
  }

  /// As a table is edited: a rule comes at its beginning, one goes, one is another.
  @Test func `rules that ask for the same are one, wherever they stand`() throws {
    let numbers = Array(0..<200)
    let edits = [numbers, [500] + numbers, Array(numbers.dropFirst(3)), [7] + numbers.dropLast() + [600]]
    let (group, _) = try Self.group(of: Self.plan(edits.map { Self.table($0) }))
    // The number 7 is asked for twice by the last.
    #expect(group.candidates == 0b1111 && group.table.ruleCount == 200 + 1 + 2)
    #expect(group.liveTable == 0)
    // A live table whose hits are more than the first is not one of them, and one alone is none.
    var alone = Self.plan([Self.table(numbers)])
    #expect(try Self.group(of: alone).group.candidates == 1)
    alone.tables[0].hits = .all
    #expect(try Self.group(of: alone).group.candidates == 0)
    alone.tables.append(alone.tables[1])
    let (pair, _) = try Self.group(of: alone)
    #expect(pair.candidates == 0b11 && pair.liveTable == JointGroup.noTable)
  }

  @Test func `a candidate without a column is one with others that have it`() throws {
    let candidates = [Self.table([1, 2], hasList: true), Self.table([1, 3]), Self.table([], hasList: false)]
    let (group, _) = try Self.group(of: Self.plan(candidates))
    #expect(group.candidates == 0b011 && group.table.columnCount == 2 && group.table.ruleCount == 4)
  }

  @Test func `more rules than there is room for are looked at table by table`() throws {
    func ruleCount(_ others: Int) -> Int? {
      // Eight numbers each, again and again: none of the one is one of the other.
      let counts = [TablePlan.ruleCountMax, TablePlan.ruleCountMax, others]
      let tables = counts.enumerated().map { lane, count in
        (lane: lane, table: Self.table((0..<count).map { 8 * lane + $0 % 8 }, beside: 0..<24))
      }
      return JointTable(tables)?.rules.count
    }
    #expect(ruleCount(0) == JointGroup.ruleCountMax)
    #expect(ruleCount(1) == nil)
  }

  @Test func `a table that reads a signal by two columns is looked at by itself`() throws {
    var twice = Self.table([1, 2])
    twice.columns.append(Self.table([1, 2]).columns[0])
    let candidates = [twice, Self.table([1, 2])]
    #expect(try Self.group(of: Self.plan(candidates)).group.candidates == 0b10)
  }

  @Test func `tables that fit one by one only are laid out so`() throws {
    let evens = Self.table((0..<200).map { 2 * $0 }), odds = Self.table((0..<200).map { 2 * $0 + 1 })
    let plan = Self.plan([evens, odds])
    func image(byteCountMax: Int = ImageBuilder.byteCountMax, joining: Bool = true) throws -> [UInt8] {
      let image = try ImageBuilder.image(
        of: plan, clusteringFrom: 1, byteCountMax: byteCountMax, joining: joining)
      return [UInt8](copying: image.span)
    }
    let apart = try image(joining: false)
    #expect(try image().count > apart.count, "no rule of the one is one of the other")
    var room = apart.count
    while (try? image(byteCountMax: room, joining: false)) == nil { room += 64 }
    #expect(try image(byteCountMax: room) == apart)
    #expect(throws: ImageError.self) { try image(byteCountMax: apart.count / 2) }
  }

  // MARK: What is refused

  private static func bytes(of plan: ChainPlan) throws -> [UInt8] {
    let image = try ImageBuilder.image(of: plan, clusteringFrom: 1)
    return [UInt8](copying: image.span)
  }

  private static func isRefused(_ bytes: [UInt8]) -> Bool {
    let image = AlignedImage(bytes)
    return !image.isValid
  }

  private static func storing(_ value: UInt32, at place: Int, in bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for byte in 0..<4 { bytes[place + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(byte))) }
    return bytes
  }

  private static let candidates = [
    table([1, 2], hasList: true), table([1, 3, 4]), table([1, 2, 3], hits: .all),
  ]

  @Test func `a group that is not what its candidates make it is refused`() throws {
    let bytes = try Self.bytes(of: Self.plan(Self.candidates))
    let header = MemoryLayout<ImageHeader>.offset(of: \.jointOffset)!
    let start = Int(bytes.span.load(UInt32.self, at: header))
    func refusal(_ field: PartialKeyPath<JointGroup>, _ value: UInt32) -> Bool {
      Self.isRefused(Self.storing(value, at: start + MemoryLayout<JointGroup>.offset(of: field)!, in: bytes))
    }
    #expect(!refusal(\.candidates, 0b111) && !refusal(\.hitsAll, 0b100), "as it is built")
    for candidates: UInt32 in [0, 0b011, 0b110, 0b1111, 1 << 31] {
      #expect(refusal(\.candidates, candidates))
    }
    for table: UInt32 in [1, JointGroup.noTable, 1 << 31] { #expect(refusal(\.liveTable, table)) }
    for lane in [3, 8, 9, 15, 16, 31] { #expect(refusal(\.hitsAll, 0b100 | 1 << UInt32(lane))) }
    for lanes: UInt32 in [0, 0b111, 0b001] { #expect(refusal(\.hitsAll, lanes)) }
    for count: UInt32 in [0, 1, 5, 100_001, .max] { #expect(refusal(\.table.ruleCount, count)) }
    for offset: UInt32 in [1, 32, .max, .max - 63] { #expect(refusal(\.lanesOffset, offset)) }
    for offset: UInt32 in [0, .max, .max - 63] { #expect(refusal(\.table.columnsOffset, offset)) }
    for count: UInt32 in [8, .max] { #expect(refusal(\.table.wordsPerRow, count)) }
  }

  /// Which rule of a candidate a rule of the joint table is: one for another is the proof's to find.
  @Test func `a rule that no candidate has, or that one misses, is refused`() throws {
    let bytes = try Self.bytes(of: Self.plan(Self.candidates))
    let image = AlignedImage(bytes)
    let group = image.view.jointGroup
    for rule in 0..<Int(group.table.ruleCount) {
      for lane in 0..<JointGroup.LaneRules.scalarCount {
        let place = Int(group.lanesOffset) + 64 * rule + 4 * lane
        let own = bytes.span.load(UInt32.self, at: place)
        // A rule that its table has not got, and the own one with another verdict.
        for other: UInt32 in [JointGroup.noRule, 3 << 8 | 1, .max - 1, own ^ 2] where other != own {
          #expect(Self.isRefused(Self.storing(other, at: place, in: bytes)), "rule \(rule), lane \(lane)")
        }
      }
    }
  }

  /// The list column of the joint table is not the second candidate's: it leaves all rules of it.
  @Test func `a column that a candidate has not got leaves all its rules, or the image is refused`() throws {
    let bytes = try Self.bytes(of: Self.plan(Self.candidates))
    let image = AlignedImage(bytes)
    let group = image.view.jointGroup
    let clusters = image.view.details(of: group.table).clusters
    let column = (0..<Int(group.table.columnCount)).map { image.view.column($0, of: group.table) }.last!
    let bits = (0..<Int(clusters.bitCount)).filter { bit in
      let rule = image.view.rank(ofBit: bit, clusters)
      return image.view.lanes(ofRule: rule, group)[1] != JointGroup.noRule
    }
    #expect(bits.count == 3)
    // The row before the others, those of states and of no member, and a member's two.
    for row in -1..<6 {
      var place = Int(column.rowsOffset) + row * Int(group.table.rowByteCount)
      if clusters.hasFullLists == 0 {
        let branch = Int(bytes.span.load(UInt32.self, at: place))
        place = Int(bytes.span.load(UInt32.self, at: branch + ClusterRecord.summaryByteCount))
      } else {
        place = Int(column.rowsOffset) + row * ClusterShape(bitCount: Int(clusters.bitCount)).fullRowByteCount
      }
      for bit in bits {
        #expect((bytes[place + bit / 8] >> UInt8(bit % 8) & 1 != 0) == (row < 4), "row \(row), bit \(bit)")
        var other = bytes
        other[place + bit / 8] ^= 1 << UInt8(bit % 8)
        #expect(Self.isRefused(other), "row \(row), bit \(bit)")
      }
    }
  }
}
