import Signals
import Testing
import Wire

@Suite struct StringHashTests {
  @Test func `every byte in every place is folded as it is alone`() {
    for place in 0..<8 {
      for other: UInt64 in [0, 0x4141_4141_4141_4141, 0x7A7A_7A7A_7A7A_7A7A, 0xFFFF_FFFF_FFFF_FFFF]
      {
        for byte in UInt8.min...UInt8.max {
          let shift = UInt64(place * 8)
          let word = other & ~(0xFF << shift) | UInt64(byte) << shift
          var expected: UInt64 = 0
          for index in 0..<8 {
            let one = UInt8(truncatingIfNeeded: word >> UInt64(index * 8))
            let small = (0x41...0x5A).contains(one) ? one + 0x20 : one
            expected |= UInt64(small) << UInt64(index * 8)
          }
          #expect(lowercasedASCII(word) == expected)
        }
      }
    }
  }

  @Test func `a hash depends on the text alone, not on where it lies`() {
    let text = Array("The quick brown fox; 1234".utf8)
    for count in 0...text.count {
      let alone = Array(text.prefix(count))
      let range = ByteRange(offset: 0, count: count)
      for before in [0, 1, 7, 9] {
        for after in [0, 1, 8, 20] {
          let bytes =
            [UInt8](repeating: 0xFF, count: before) + alone + [UInt8](repeating: 0xFF, count: after)
          let moved = ByteRange(offset: before, count: count)
          for folding in [false, true] {
            #expect(
              stringHash(bytes.span, moved, foldingCase: folding)
                == stringHash(alone.span, range, foldingCase: folding))
            let isSame = sameText(bytes.span, moved, alone.span, range, foldingCase: folding)
            #expect(isSame)
          }
        }
      }
    }
  }

  @Test func `texts that differ are not the same, and case is folded only when asked`() {
    let text = Array("Mac OS X 10.15 \u{C9}".utf8)
    let range = ByteRange(offset: 0, count: text.count)
    for index in text.indices {
      for bit in 0..<8 {
        var other = text
        other[index] ^= 1 << UInt8(bit)
        let isLetter = (0x41...0x5A).contains(text[index] & 0xDF) && text[index] < 0x80
        for folding in [false, true] {
          let same = folding && bit == 5 && isLetter
          #expect(sameText(text.span, range, other.span, range, foldingCase: folding) == same)
          let hash = stringHash(text.span, range, foldingCase: folding)
          #expect((stringHash(other.span, range, foldingCase: folding) == hash) == same)
        }
      }
    }
    let shorter = ByteRange(offset: 0, count: text.count - 1)
    let isSame = sameText(text.span, range, text.span, shorter, foldingCase: true)
    #expect(!isSame)
  }
}
