import Wire

/// Questions asked of all bytes of a header field, sixteen at a time.
extension Span where Element == UInt8 {
  /// Whether `test` finds one. O(count).
  @inline(__always)
  func contains(_ test: (SIMD16<UInt8>) -> UInt32) -> Bool {
    guard count >= 16 else { return count > 0 && test(repeatedToSixteen) != 0 }
    // SAFETY, here and below: `count` is at least 16, and the last offset sixteen less than it.
    let last = count &- 16
    var found = unsafe test(sixteen(unchecked: last))
    var offset = 0
    // Long fields are nearly always right: no branch on what is found, 64 bytes at a time.
    while offset &+ 48 < last {
      found |= unsafe test(sixteen(unchecked: offset)) | test(sixteen(unchecked: offset &+ 16))
      found |= unsafe test(sixteen(unchecked: offset &+ 32)) | test(sixteen(unchecked: offset &+ 48))
      offset &+= 64
    }
    while offset < last {
      found |= unsafe test(sixteen(unchecked: offset))
      offset &+= 16
    }
    return found != 0
  }

  @unsafe
  @inline(__always)
  private func sixteen(unchecked offset: Int) -> SIMD16<UInt8> {
    unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: SIMD16<UInt8>.self)
  }

  /// One to fifteen bytes, each once or more, and no other.
  @inline(__always)
  private var repeatedToSixteen: SIMD16<UInt8> {
    if count >= 8 { return Self.sixteen(load(UInt64.self, at: 0), load(UInt64.self, at: count &- 8)) }
    let word: UInt64
    if count >= 4 {
      word = UInt64(load(UInt32.self, at: 0)) | UInt64(load(UInt32.self, at: count &- 4)) &<< 32
    } else {
      let (first, last) = (UInt64(self[0]), UInt64(self[count &- 1]))
      word = (first | UInt64(self[count &>> 1]) &<< 8 | last &<< 16 | last &<< 24) &* 0x1_0000_0001
    }
    return Self.sixteen(word, word)
  }

  @inline(__always)
  private static func sixteen(_ low: UInt64, _ high: UInt64) -> SIMD16<UInt8> {
    // SAFETY: both are sixteen bytes without a bit that means nothing.
    unsafe unsafeBitCast(SIMD2(low, high), to: SIMD16<UInt8>.self)
  }
}
