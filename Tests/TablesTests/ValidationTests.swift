import Signals
import Testing
import Wire

@testable import Tables

/// An image whose bytes are not ours is refused, or it is as safe to evaluate as ours.
@Suite struct ValidationTests {
  private func validate(_ bytes: [UInt8]) throws { try AlignedImage(bytes).validate() }

  private func image(seed: UInt64) throws -> (plan: ChainPlan, bytes: [UInt8]) {
    var random = SplitMix64(seed: seed)
    let plan =
      seed % 3 == 0 ? ChainPlan.randomBesideCandidates(using: &random) : ChainPlan.random(using: &random)
    // Every second one is clustered, and every fourth has no sections then.
    let image = try ImageBuilder.image(
      of: plan, clusteringFrom: seed % 2 == 0 ? .max : 1,
      sectionBlockCountMax: seed % 4 == 1 ? -1 : TablePlan.sectionBlockCountMax)
    return (plan, [UInt8](copying: image.span))
  }

  @Test(arguments: UInt64(0)..<20)
  func `an image is valid, and none of its strict prefixes is`(seed: UInt64) throws {
    let bytes = try image(seed: seed).bytes
    try validate(bytes)
    for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 300)) {
      #expect(throws: ImageError.self) { try validate(Array(bytes.prefix(count))) }
    }
  }

  @Test func `an image of another format is told from one with a fault`() throws {
    let bytes = try image(seed: 1).bytes
    #expect(Array(bytes[4..<8]) == [13, 0, 0, 0], "another layout is another number")
    for format in [0, 12, 14, 13 << 8, .max] as [UInt32] {
      var other = bytes
      other.replaceSubrange(4..<8, with: (0..<4).map { UInt8(truncatingIfNeeded: format >> (8 * $0)) })
      #expect(throws: ImageError.otherFormat(format)) { try validate(other) }
      other[0] ^= 1
      #expect(throws: ImageError.malformed(offset: 0)) { try validate(other) }
    }
  }

  @Test func `an image does not depend on where it is`() throws {
    let first = try image(seed: 3).bytes
    #expect(try image(seed: 3).bytes == first)
    #expect(AlignedImage(first + first, from: first.count).isValid)
  }

  /// Evaluation, writing and explaining read every kind of record. What they read out of bounds is
  /// found by the address sanitizer; without it, by traps.
  @Test(arguments: UInt64(0)..<60)
  func `a mutated image is refused or can be evaluated`(seed: UInt64) throws {
    let (plan, original) = try image(seed: seed % 20)
    var random = SplitMix64(seed: 1000 + seed)
    var accepted = 0
    for _ in 0..<200 {
      var bytes = original
      for _ in 0...random.below(3) { mutate(&bytes, &random) }
      let image = AlignedImage(bytes)
      guard image.isValid else { continue }
      accepted += 1
      for _ in 0..<4 {
        use(image, Input(plan.randomValues(using: &random), for: plan.signals))
      }
    }
    // Most bytes are bits of rows and texts: a check that refused all would test nothing.
    #expect(accepted > 0, "seed \(seed)")
  }

  @Test(arguments: UInt64(0)..<20)
  func `a mutated image can be filled from a request`(seed: UInt64) throws {
    let original = try image(seed: seed).bytes
    var random = SplitMix64(seed: seed)
    var writer = RequestWriter()
    writer.beginDecision(
      tenant: Array("".utf8).span, trigger: Array("t".utf8).span, correlationID: 0)
    writer.append(.requestIP, bytes: Array("192.0.2.1".utf8).span)
    writer.append(.sessionMFARequired, boolean: true)
    writer.append(.userID, bytes: Array("u".utf8).span)
    writer.append(.authenticationMethods, list: ["pwd", "sms"])
    writer.append(custom: "tier", .string("gold"))
    writer.endDecision()
    writer.finish()
    let message = [UInt8](copying: writer.bytes.span)
    var request = try firstDecision(of: message)
    let slots = try ChainHeader(original).slots
    for _ in 0..<200 {
      var bytes = original
      bytes[slots.randomElement(using: &random)!] = UInt8.random(in: 0...40, using: &random)
      let image = AlignedImage(bytes)
      if image.isValid { use(image, &request, message) }
    }
  }

  private static let slots: [(Signal, Partition)] = [
    (.custom("x.date", .number, .date), .numbers(boundaries: [20_484])),
    (.custom("x.number", .number), .numbers(boundaries: [20_484])),
    (.custom("x.flag", .boolean), .direct(classes: [0, 1])),
    (.custom("x.text", .string), .strings(members: ["a"])),
    (SignalRegistry()["akamaiUserRisk.score"]!, .direct(classes: Array(repeating: 0, count: 101))),
    (SignalRegistry()["stats.loginsCount"]!, .numbers(boundaries: [3])),
  ]

  @Test(arguments: slots)
  func `only a deployment's own numbers have a scale, and one that there is`(
    signal: Signal, partition: Partition
  ) throws {
    let verdicts = [Verdict](repeating: .mfa, count: 3 + partition.rowCount)
    let table = TablePlan("t", .enforce, [.oneRulePerRow(partition)], verdicts: verdicts)
    let image = try ImageBuilder.image(of: ChainPlan([table], signals: [signal]))
    var bytes = [UInt8](copying: image.span)
    let place = try ChainHeader(bytes).slots.lowerBound + MemoryLayout<SlotDescriptor>.offset(of: \.scale)!
    #expect(bytes[place] == signal.scale.rawValue)
    let isOwnNumber = signal.source == .custom && signal.type == .number
    for code in UInt8(0)..<9 {
      bytes[place] = code
      let isValid = code == 0 || isOwnNumber && SignalScale(rawValue: code) != nil
      #expect(AlignedImage(bytes).isValid == isValid, "\(code)")
    }
  }

  private func use(_ image: AlignedImage, _ input: Input) {
    let chain = image.view
    var evaluator = Evaluator()
    for (slot, value) in input.values.enumerated() { evaluator.vector[slot] = value }
    let decision = evaluator.evaluate(chain, in: input.message.span, fallback: .allow)
    var out = ByteWriter()
    out.beginMessage(.reply)
    chain.write(
      decision, of: &evaluator, correlationID: 0, answering: [.explain, .parts], in: input.message.span,
      to: &out)
    out.finishMessage(decisionCount: 1)
    let reply = [UInt8](copying: out.span)
    #expect(throws: Never.self) { try Reply(reading: reply.span) }
    _ = chain.onLate
  }

  private func use(_ image: AlignedImage, _ request: inout DecisionRequest, _ message: [UInt8]) {
    let chain = image.view
    var evaluator = Evaluator()
    evaluator.vector.fill(from: &request, in: message.span, reading: chain.schema)
    _ = evaluator.evaluate(chain, in: message.span, fallback: .allow)
  }

  private func firstDecision(of message: [UInt8]) throws(WireError) -> DecisionRequest {
    var reader = try RequestReader(message.span)
    var request = DecisionRequest()
    _ = try reader.next(into: &request)
    return request
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
    // Records lie in the first bytes and behind the rows: half of the time only header and columns.
    let index =
      random.below(2) == 0 ? random.below(min(256, bytes.count)) : random.below(bytes.count)
    switch random.below(4) {
    case 0: bytes[index] ^= 1 << UInt8(random.below(8))
    case 1: bytes[index] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random)!
    case 2:
      // A whole number at its extremes: sums and products with it must not overflow.
      let word: [UInt8] = [[0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0x80], [0xC0, 0xFF, 0xFF, 0xFF]]
        .randomElement(using: &random)!
      let start = index / 4 * 4
      for (offset, byte) in word.enumerated() where start + offset < bytes.count {
        bytes[start + offset] = byte
      }
    default: bytes[index] = UInt8.random(in: 0...255, using: &random)
    }
  }
}

/// Where an image's slot descriptors lie.
private struct ChainHeader {
  let slots: Range<Int>

  init(_ bytes: [UInt8]) throws {
    let offset = Int(
      bytes.span.load(UInt32.self, at: MemoryLayout<ImageHeader>.offset(of: \.slotsOffset)!))
    let count = Int(
      bytes.span.load(UInt32.self, at: MemoryLayout<ImageHeader>.offset(of: \.slotCount)!))
    slots = offset..<offset + count * MemoryLayout<SlotDescriptor>.stride
  }
}
