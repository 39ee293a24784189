import Wire

/// Steps through the delimiters of a text, found 64 bytes at a time: `;`, `|` and control bytes,
/// which are none but make a header invalid wherever they are.
struct DelimiterCursor: BitwiseCopyable {
  private let end: Int
  /// Where the block starts that `bits` describes.
  private var block: Int
  /// Bit `i`: byte `i` of the block is a delimiter not stepped over yet.
  private var bits: UInt64 = 0

  @inline(__always)
  init(_ range: ByteRange) {
    end = range.end
    block = range.start - 64
  }

  /// Where the next delimiter is; the end of the text when there is no more.
  @inline(__always)
  mutating func next(in bytes: Span<UInt8>) -> Int {
    while bits == 0 {
      block &+= 64
      if block >= end { return end }
      bits = delimiterBits(in: bytes, from: block, to: end)
    }
    let offset = block &+ bits.trailingZeroBitCount
    bits &= bits &- 1
    return offset
  }

  /// The delimiter at `offset`, which `next` gave; the end of the text counts as a `;`.
  @inline(__always)
  func delimiter(at offset: Int, in bytes: Span<UInt8>) -> UInt8 {
    offset < end ? bytes[offset] : UInt8(ascii: ";")
  }
}

/// Bit `i`: byte `start + i`, of the up to 64 before `end`, is a delimiter.
@inline(__always)
private func delimiterBits(in bytes: Span<UInt8>, from start: Int, to end: Int) -> UInt64 {
  let count = end &- start
  if count >= 64 { return delimiterBits(in: bytes, at: start) }
  return tailBits(in: bytes, from: start, to: end)
}

/// As `delimiterBits`, for fewer than 64 bytes.
@inline(never)
private func tailBits(in bytes: Span<UInt8>, from start: Int, to end: Int) -> UInt64 {
  // Near the end of the message, the block is read from where 64 bytes are left.
  let from = min(start, bytes.count - 64)
  if from >= 0 {
    let bits = delimiterBits(in: bytes, at: from) >> UInt64(start - from)
    return bits & ((1 << UInt64(end - start)) - 1)
  }
  var bits: UInt64 = 0
  for offset in start..<end where isDelimiter(bytes[offset]) { bits |= 1 << UInt64(offset - start) }
  return bits
}

/// Bit `i`: byte `start + i` is a delimiter. For the 64 bytes from `start`.
@inline(__always)
private func delimiterBits(in bytes: Span<UInt8>, at start: Int) -> UInt64 {
  precondition(start >= 0 && start <= bytes.count &- 64)
  // SAFETY: the 64 bytes are in bounds by the line above.
  let bits0 = unsafe delimiterBits(bytes.load16(unchecked: start))
  let bits1 = unsafe delimiterBits(bytes.load16(unchecked: start &+ 16))
  let bits2 = unsafe delimiterBits(bytes.load16(unchecked: start &+ 32))
  let bits3 = unsafe delimiterBits(bytes.load16(unchecked: start &+ 48))
  return bits0 | bits1 << 16 | bits2 << 32 | bits3 << 48
}

@inline(__always)
private func delimiterBits(_ bytes: SIMD16<UInt8>) -> UInt64 {
  bitsOfEitherOrControl(bytes, UInt8(ascii: ";"), UInt8(ascii: "|"))
}

@inline(__always)
private func isDelimiter(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: ";") || byte == UInt8(ascii: "|") || byte < 0x20 || byte == 0x7F
}
