import Wire

extension Span where Element == UInt8 {
  /// Sixteen bytes from `offset`, which the caller knows to be in bounds. O(1).
  @unsafe
  @inline(__always)
  func load16(unchecked offset: Int) -> SIMD16<UInt8> {
    // SAFETY: in bounds by the caller's word; any bytes are a vector.
    unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: SIMD16<UInt8>.self)
  }

  /// Whether a byte of `range` is below 0x20 or is 0x7F. O(count).
  func hasControl(in range: ByteRange) -> Bool {
    for offset in range.start..<range.end where self[offset] < 0x20 || self[offset] == 0x7F {
      return true
    }
    return false
  }

  /// The first `byte` from `start` on, `nil` when there is none before `end`. O(count), 16 bytes a
  /// step where the message has as many.
  @inline(__always)
  func firstIndex(of byte: UInt8, from start: Int, to end: Int) -> Int? {
    precondition(start >= 0 && end <= count)
    var offset = start
    while offset < end, offset <= count &- 16 {
      // SAFETY: 16 bytes from `offset` are in bounds by the condition.
      let matches = unsafe bitsOf(byte, in: load16(unchecked: offset))
      if matches != 0 {
        let index = offset &+ matches.trailingZeroBitCount
        return index < end ? index : nil
      }
      offset &+= 16
    }
    while offset < end {
      if self[offset] == byte { return offset }
      offset &+= 1
    }
    return nil
  }
}
