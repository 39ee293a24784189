import Wire

/// Steps through the places of one byte that separates in a text, found 64 bytes at a time.
struct DelimiterCursor: BitwiseCopyable {
  private let end: Int
  private let separator: UInt8
  /// Where the block starts that `bits` describes.
  private var block: Int
  /// Bit `i`: byte `i` of the block separates and is not stepped over yet.
  private var bits: UInt64 = 0

  @inline(__always)
  init(_ range: ByteRange, separator: UInt8) {
    end = range.end
    self.separator = separator
    block = range.start - 64
  }

  /// Where the next one is; the end of the text when there is no more.
  @inline(__always)
  mutating func next(in bytes: Span<UInt8>) -> Int {
    while bits == 0 {
      block &+= 64
      if block >= end { return end }
      bits = separatorBits(separator, in: bytes, from: block, to: end)
    }
    let offset = block &+ bits.trailingZeroBitCount
    bits &= bits &- 1
    return offset
  }
}

/// Bit `i`: byte `start + i`, of the up to 64 before `end`, is the separator.
@inline(__always)
private func separatorBits(
  _ separator: UInt8, in bytes: Span<UInt8>, from start: Int, to end: Int
) -> UInt64 {
  let count = end &- start
  // Near the end of the message, the block is read from where 64 bytes are left.
  let from = min(start, bytes.count &- 64)
  guard from >= 0 else { return separatorBits(separator, inFewer: bytes, from: start, to: end) }
  // SAFETY: the 64 bytes are in bounds by the lines above.
  let bits0 = unsafe bitsOf(separator, in: bytes.load16(unchecked: from))
  let bits1 = unsafe bitsOf(separator, in: bytes.load16(unchecked: from &+ 16))
  let bits2 = unsafe bitsOf(separator, in: bytes.load16(unchecked: from &+ 32))
  let bits3 = unsafe bitsOf(separator, in: bytes.load16(unchecked: from &+ 48))
  let bits = (bits0 | bits1 << 16 | bits2 << 32 | bits3 << 48) &>> UInt64(start &- from)
  return count >= 64 ? bits : bits & ((1 &<< UInt64(count)) &- 1)
}

/// As `separatorBits`, for a message of fewer than 64 bytes.
@inline(never)
private func separatorBits(
  _ separator: UInt8, inFewer bytes: Span<UInt8>, from start: Int, to end: Int
) -> UInt64 {
  var bits: UInt64 = 0
  for offset in start..<end where bytes[offset] == separator { bits |= 1 << UInt64(offset - start) }
  return bits
}
