import Wire

/// Steps through the delimiters of a text, found 64 bytes at a time: one byte that separates, and
/// control bytes, which are none but make a header invalid wherever they are.
struct DelimiterCursor: BitwiseCopyable {
  private let end: Int
  private let separator: UInt8
  /// Where the block starts that `bits` describes.
  private var block: Int
  /// Bit `i`: byte `i` of the block is a delimiter not stepped over yet.
  private var bits: UInt64 = 0

  @inline(__always)
  init(_ range: ByteRange, separator: UInt8) {
    end = range.end
    self.separator = separator
    block = range.start - 64
  }

  /// Where the next delimiter is; the end of the text when there is no more.
  @inline(__always)
  mutating func next(in bytes: Span<UInt8>) -> Int {
    while bits == 0 {
      block &+= 64
      if block >= end { return end }
      bits = delimiterBits(separator, in: bytes, from: block, to: end)
    }
    let offset = block &+ bits.trailingZeroBitCount
    bits &= bits &- 1
    return offset
  }
}

/// Bit `i`: byte `start + i`, of the up to 64 before `end`, is a delimiter.
@inline(__always)
private func delimiterBits(
  _ separator: UInt8, in bytes: Span<UInt8>, from start: Int, to end: Int
) -> UInt64 {
  let count = end &- start
  if count >= 64 { return delimiterBits(separator, in: bytes, at: start) }
  return tailBits(separator, in: bytes, from: start, to: end)
}

/// As `delimiterBits`, for fewer than 64 bytes.
@inline(never)
private func tailBits(
  _ separator: UInt8, in bytes: Span<UInt8>, from start: Int, to end: Int
) -> UInt64 {
  // Near the end of the message, the block is read from where 64 bytes are left.
  let from = min(start, bytes.count - 64)
  if from >= 0 {
    let bits = delimiterBits(separator, in: bytes, at: from) >> UInt64(start - from)
    return bits & ((1 << UInt64(end - start)) - 1)
  }
  var bits: UInt64 = 0
  for offset in start..<end where isDelimiter(bytes[offset], separator) {
    bits |= 1 << UInt64(offset - start)
  }
  return bits
}

/// Bit `i`: byte `start + i` is a delimiter. For the 64 bytes from `start`.
@inline(__always)
private func delimiterBits(_ separator: UInt8, in bytes: Span<UInt8>, at start: Int) -> UInt64 {
  precondition(start >= 0 && start <= bytes.count &- 64)
  // SAFETY: the 64 bytes are in bounds by the line above.
  let bits0 = unsafe bitsOf(separator, orControlIn: bytes.load16(unchecked: start))
  let bits1 = unsafe bitsOf(separator, orControlIn: bytes.load16(unchecked: start &+ 16))
  let bits2 = unsafe bitsOf(separator, orControlIn: bytes.load16(unchecked: start &+ 32))
  let bits3 = unsafe bitsOf(separator, orControlIn: bytes.load16(unchecked: start &+ 48))
  return bits0 | bits1 << 16 | bits2 << 32 | bits3 << 48
}

@inline(__always)
private func isDelimiter(_ byte: UInt8, _ separator: UInt8) -> Bool {
  byte == separator || byte < 0x20 || byte == 0x7F
}
