import Testing
import Wire

/// A span cannot pass through `#expect`, so each question is asked of an array.
@Suite struct SpanTests {
  private func isASCII(_ bytes: [UInt8]) -> Bool { bytes.span.isASCII }

  private func areEqual(_ bytes: [UInt8], _ others: [UInt8]) -> Bool {
    bytes.span.elementsEqual(others.span)
  }

  private func load<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: T.Type, of bytes: [UInt8], at offset: Int
  ) -> T {
    bytes.span.load(type, at: offset)
  }

  private func bytes(of bytes: [UInt8], _ range: ByteRange) -> [UInt8] {
    [UInt8](copying: bytes.span.extracting(range))
  }

  private func repaired(_ bytes: [UInt8]) -> String { String(repairing: bytes.span) }

  @Test func `isASCII agrees with a look at every byte`() {
    for count in 0..<40 {
      let ascii = [UInt8](repeating: 0x7f, count: count)
      #expect(isASCII(ascii))
      for index in 0..<count {
        var bytes = ascii
        bytes[index] = 0x80
        #expect(!isASCII(bytes), "byte \(index) of \(count)")
      }
    }
  }

  @Test func `elementsEqual sees a difference at every byte`() {
    for count in 0..<40 {
      let bytes = (0..<count).map { UInt8($0) }
      #expect(areEqual(bytes, Array(bytes)))
      #expect(!areEqual(bytes, bytes + [0]))
      for index in 0..<count {
        var other = bytes
        other[index] ^= 0x80
        #expect(!areEqual(bytes, other), "byte \(index) of \(count)")
      }
    }
  }

  @Test func `loads are little-endian at every offset`() {
    let bytes = [UInt8](1...16)
    for offset in 0...8 {
      var expected: UInt64 = 0
      for index in (0..<8).reversed() { expected = expected << 8 | UInt64(bytes[offset + index]) }
      #expect(load(UInt64.self, of: bytes, at: offset) == expected)
    }
    #expect(load(UInt16.self, of: bytes, at: 14) == 0x100f)
  }

  @Test func `a load that leaves the bytes traps`() async {
    await #expect(processExitsWith: .failure) {
      _ = [UInt8](repeating: 0, count: 8).span.load(UInt64.self, at: 1)
    }
    await #expect(processExitsWith: .failure) {
      _ = [UInt8](repeating: 0, count: 8).span.load(UInt16.self, at: -1)
    }
  }

  @Test func `a range names its bytes, empty ones at the end too`() {
    let bytes: [UInt8] = [1, 2, 3]
    #expect(self.bytes(of: bytes, ByteRange(offset: 1, count: 2)) == [2, 3])
    #expect(self.bytes(of: bytes, ByteRange(offset: 3, count: 0)) == [])
    #expect(repaired([0x61, 0xff]) == "a\u{fffd}")
  }
}
