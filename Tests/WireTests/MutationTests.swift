import Testing
import Wire

/// Bytes from outside never trap a reader: it reads them or names a byte of theirs.
@Suite struct MutationTests {
  static let rounds: UInt64 = 500

  @Test(arguments: Vector.valid)
  func `a mutated vector is read or refused at one of its bytes`(vector: Vector) {
    for seed in 0..<Self.rounds {
      var random = SplitMix64(seed: seed)
      var bytes = vector.bytes
      for _ in 0...random.below(3) { mutate(&bytes, &random) }
      do {
        _ = try Decoded(bytes, as: vector.kind).lines
      } catch {
        let end = max(bytes.count, plainByteCount(bytes))
        #expect((0...end).contains(error.offset), "seed \(seed): \(error)")
      }
    }
  }

  @Test func `random bytes behind a right header are read or refused`() {
    for seed in 0..<UInt64(20_000) {
      var random = SplitMix64(seed: seed)
      let kind = MessageKind.allCases.randomElement(using: &random)!
      var writer = ByteWriter()
      writer.beginMessage(kind)
      for _ in 0..<random.below(120) {
        writer.append(UInt8.random(in: 0...(seed % 2 == 0 ? 4 : 255), using: &random))
      }
      writer.finishMessage(decisionCount: kind == .error ? 0 : 1 + random.below(3))
      let bytes = [UInt8](copying: writer.span)
      do {
        _ = try Decoded(bytes, as: kind).lines
      } catch {
        #expect((0...bytes.count).contains(error.offset), "seed \(seed): \(error)")
      }
    }
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
    guard !bytes.isEmpty else { return bytes.append(UInt8.random(in: 0...255, using: &random)) }
    let index = random.below(bytes.count)
    switch random.below(6) {
    case 0: bytes[index] ^= 1 << UInt8(random.below(8))
    case 1: bytes[index] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &random)!
    case 2: bytes[index] = UInt8.random(in: 0...255, using: &random)
    case 3: bytes.remove(at: index)
    case 4: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
    default: bytes.removeSubrange(index...)
    }
    // Half of the time the header agrees with the bytes again, so that the body is reached.
    if random.below(2) == 0, bytes.count >= MessageHeader.byteCount, bytes[2] & 1 == 0 {
      let body = UInt32(bytes.count - MessageHeader.byteCount)
      for (offset, shift) in zip(4..<8, stride(from: UInt32(0), to: 32, by: 8)) {
        bytes[offset] = UInt8(truncatingIfNeeded: body >> shift)
        bytes[offset + 4] = bytes[offset]
      }
    }
  }

  /// The message's length once decompressed, as far as its header tells.
  private func plainByteCount(_ bytes: [UInt8]) -> Int {
    guard bytes.count >= MessageHeader.byteCount, bytes[2] & 1 == 1 else { return 0 }
    return MessageHeader.byteCount + Int(bytes.span.load(UInt32.self, at: 8))
  }
}
