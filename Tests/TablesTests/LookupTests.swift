import Signals
import Testing
import Wire

@testable import Tables

@Suite struct LookupTests {
  /// Boundaries that a table of buckets parts well, badly or not at all.
  private static let boundaries: [[Double]] = {
    func run(_ count: Int, from start: Double, step: Double) -> [Double] {
      (0..<count).map { start + Double($0) * step }
    }
    let smallest: [Double] = (0..<40).map { Double(bitPattern: UInt64($0)) }
    let largest = Double.greatestFiniteMagnitude
    let powers: [Double] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 1_000_000, 1e9, 1e18]
    // No table of buckets parts clusters so far from one another and so dense.
    let clusters: [Double] =
      [-1e300] + run(64, from: 0, step: 1e-9) + run(64, from: 1e5, step: 1e-9) + [1e300]
    return [
      [], [0], [-0.5], [1, 2], run(500, from: 0, step: 1), run(500, from: 0.5, step: 1), powers,
      run(300, from: 1e6, step: 1.0 / 1024) + [1e12], [0] + run(200, from: 1e9, step: 1), clusters,
      smallest + [1, largest], [-largest, -1, 0, .leastNonzeroMagnitude, 1, largest],
    ]
  }()

  @Test func `a number's class is what counting the boundaries below it gives`() throws {
    var searched = 0
    for boundaries in Self.boundaries {
      let index = NumberIndex(boundaries)
      if index.probeCount > UInt32(NumberIndex.probeCountMax) { searched += 1 }
      let chain = try CompiledChain(Self.plan("stats.loginsCount", .numbers(boundaries: boundaries)))
      let content = chain.view.content(ofColumn: 0, ofTable: 0)
      #expect(chain.view.partition(of: content) == .numbers(boundaries: boundaries))
      var samples: [Double] = [0, -0.0, 1, -1, .greatestFiniteMagnitude, -.greatestFiniteMagnitude]
      for boundary in boundaries {
        samples += [boundary, boundary.nextUp, boundary.nextDown, boundary / 2, boundary * 1.5]
      }
      let empty: [UInt8] = []
      for sample in samples where sample.isFinite {
        let below = boundaries.count { $0 < sample }
        let expected = 2 * below + (boundaries.contains(sample) ? 1 : 0)
        let found = chain.view.rowIndex(of: .number(sample), content, in: empty.span)
        #expect(found - InputRecord.stateRowCount == expected, "\(sample) among \(boundaries.prefix(5))")
      }
    }
    #expect(searched > 0, "no example needs the search of all boundaries")
    #expect(searched < Self.boundaries.count / 2)
  }

  /// Boundaries that are whole and lie close, and where they lie.
  private static let wholeBoundaries: [[Double]] = [
    [0], [-7], [7, 8], [0, 1, 2, 3], [-3, 4, 9], (0..<500).map(Double.init),
    (-40..<40).map { Double(3 * $0) },
    [4_503_599_627_370_490, 4_503_599_627_370_496], [-4_503_599_627_370_496, -4_503_599_627_370_495],
  ]

  @Test func `whole numbers that lie close have a class each, and so has what is between two`() throws {
    for boundaries in Self.wholeBoundaries {
      let chain = try CompiledChain(Self.plan("stats.loginsCount", .numbers(boundaries: boundaries)))
      let content = chain.view.content(ofColumn: 0, ofTable: 0)
      #expect(content.input.kind == InputRecord.Kind.wholeNumbers.rawValue, "\(boundaries.prefix(5))")
      #expect(chain.view.partition(of: content) == .numbers(boundaries: boundaries))
      let extremes: [Double] = [0, 1e-300, 0.5, 1e9, 4_503_599_627_370_497, 1e300, .greatestFiniteMagnitude]
      var samples = extremes + extremes.map { -$0 } + [.infinity, -.infinity]
      for number in stride(from: boundaries[0] - 3, through: boundaries.last! + 3, by: 0.5) {
        samples += [number, number.nextUp, number.nextDown]
      }
      for sample in samples {
        let expected = 2 * boundaries.count { $0 < sample } + (boundaries.contains(sample) ? 1 : 0)
        let empty: [UInt8] = []
        let found = chain.view.rowIndex(of: .number(sample), content, in: empty.span)
        #expect(found - InputRecord.stateRowCount == expected, "\(sample) among \(boundaries.prefix(5))")
      }
    }
  }

  @Test func `boundaries that are not whole, or far apart, have no class for every whole number`() {
    let largest = 4_503_599_627_370_496.0
    for boundaries: [Double] in [
      [], [0.5], [0, 0.5, 1], [0, 21], [0, 1000, 2000], [largest + 2], [-largest - 2],
      [.greatestFiniteMagnitude], (0..<70_000).map(Double.init),
      [-.greatestFiniteMagnitude, .greatestFiniteMagnitude],
    ] {
      #expect(WholeNumberIndex(boundaries) == nil, "\(boundaries.prefix(3))")
    }
    #expect(WholeNumberIndex([0, 20]) != nil)
  }

  @Test func `whole numbers that lead out of their lookup are refused, wrong ones not proved`() throws {
    let plan = try Self.plan("stats.loginsCount", .numbers(boundaries: [-3, 4, 9]))
    let image = try Self.image(of: plan)
    let chain = try CompiledChain(plan)
    let input = chain.view.input(0)
    let record = Int(chain.view.header.inputsOffset)
    let lookup = Int(input.lookupOffset)
    #expect(Self.isValid(image))
    for lowest in [-4, -2, -3.5, 10, .nan, .infinity, -.infinity, -.greatestFiniteMagnitude] {
      #expect(!Self.isValid(image, with: lowest.bitPattern, at: lookup), "lowest \(lowest)")
    }
    for highest in [8, 10, 9.5, -4, 70_000, .nan, .infinity, -.infinity, .greatestFiniteMagnitude] {
      #expect(!Self.isValid(image, with: highest.bitPattern, at: lookup + 8), "highest \(highest)")
    }
    #expect(input.lookupCount == 27)
    for count in [0, 1, 26, 28, .max] as [UInt32] {
      #expect(!Self.isValid(image, with: count, at: record + 16), "\(count) classes")
    }
    for place in 0..<27 {
      let entry = lookup + 16 + 4 * place
      #expect(!Self.isValid(image, with: UInt32(7), at: entry), "class of place \(place)")
      #expect(Self.isValid(image, with: UInt32(5), at: entry))
      let other = AlignedImage(Self.changed(image, with: UInt32(5), at: entry))
      #expect(Self.isProved(other) == (image[entry] == 5), "class of place \(place)")
    }
  }

  private static func image(of plan: ChainPlan) throws -> [UInt8] {
    let image = try ImageBuilder.image(of: plan)
    return [UInt8](copying: image.span)
  }

  private static func changed(
    _ image: [UInt8], with number: some FixedWidthInteger, at offset: Int
  ) -> [UInt8] {
    var bytes = image
    for index in 0..<(number.bitWidth / 8) {
      bytes[offset + index] = UInt8(truncatingIfNeeded: number >> (8 * index))
    }
    return bytes
  }

  private static func isValid(
    _ image: [UInt8], with number: some FixedWidthInteger, at offset: Int
  ) -> Bool {
    isValid(changed(image, with: number, at: offset))
  }

  private static func isValid(_ image: [UInt8]) -> Bool { AlignedImage(image).isValid }

  /// Whether the lookup of the only column is one that a compiler makes.
  private static func isProved(_ image: AlignedImage) -> Bool {
    let chain = image.view
    let content = chain.content(ofColumn: 0, ofTable: 0)
    return chain.partition(of: content) != nil
  }

  @Test(arguments: [1, 2, 3, 40, 41, 300, 5_000])
  func `every member has a place of its own`(count: Int) throws {
    let hashes = (0..<count).map { number in
      let text = Array("member-\(number)".utf8)
      return stringHash(text.span, ByteRange(offset: 0, count: text.count), foldingCase: false)
    }
    let (index, displacements, places) = try #require(MemberIndex.fitting(hashes))
    #expect(Set(places).count == count)
    #expect(places.allSatisfy { $0 < index.capacity })
    #expect(displacements.count == index.bucketCount)
    #expect(index.capacity <= max(4, 8 * count))
    for (hash, place) in zip(hashes, places) {
      #expect(index.place(hash, displacement: displacements[index.bucket(hash)]) == place)
    }
  }

  @Test func `members with one hash are refused, not looked for for ever`() {
    #expect(MemberIndex.fitting([7, 7]) == nil)
    // Other hashes, but alike in all bits that a place or a bucket is made of.
    #expect(MemberIndex.fitting([1, 1 | 1 << 32]) == nil)
  }

  @Test func `columns share an input where they divide a signal alike, byte by byte`() throws {
    let composed = "caf\u{E9}"
    let decomposed = "cafe\u{301}"
    #expect(composed == decomposed)
    let columns = [composed, decomposed, composed].map { text in
      Self.column(.strings(members: [text]))
    }
    let tables = columns.map { TablePlan("t", .enforce, [$0], verdicts: [.mfa]) }
    let chain = try CompiledChain(ChainPlan(tables, signals: [.named("user.id")]))
    let inputs = (0..<3).map { chain.view.content(ofColumn: 0, ofTable: $0).record.input }
    #expect(inputs[0] == inputs[2])
    #expect(inputs[0] != inputs[1])
    #expect(chain.view.header.inputEnds.lists == 2)
  }

  private static func plan(_ signal: String, _ partition: Partition) throws -> ChainPlan {
    ChainPlan(
      [TablePlan("t", .enforce, [column(partition)], verdicts: [.mfa])], signals: [.named(signal)])
  }

  private static func column(_ partition: Partition) -> ColumnPlan {
    ColumnPlan(
      slot: 0, partition: partition, stateRows: [[1], [1], [1]],
      classRows: (0..<partition.rowCount).map { _ in [1] })
  }
}
