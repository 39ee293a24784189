import CWide
import Wire

/// Where a text's pairs end, all found in one pass of 64 bytes a step. A loop owns one and reuses it.
///
/// INVARIANT (offsets-in-bounds): `base` has `capacity` initialised numbers, `count` of them found.
@safe
public struct SeparatorOffsets: ~Copyable {
  /// LIMIT: a header of nothing but separators, its end, and what is stored ahead.
  private static let capacity = Limits.headerByteCount + 1 + Int(POSTERN_ENDS_BEHIND)

  private let base: UnsafeMutablePointer<UInt16>
  /// Where the text starts.
  private(set) var start = 0
  /// How many were found, the end of the text among them.
  private(set) var count = 0

  public init() {
    // At a cache line: what is stored over two of them cannot be read until it is written.
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: Self.capacity * MemoryLayout<UInt16>.stride, alignment: 64)
    unsafe base = memory.initializeMemory(as: UInt16.self, repeating: 0, count: Self.capacity)
  }

  deinit { unsafe base.deallocate() }

  /// Where the separator at `index` is, from the start of the message. Traps out of bounds.
  @inline(__always)
  subscript(index: Int) -> Int {
    precondition(index >= 0 && index < count)
    // SAFETY: (offsets-in-bounds) and the line above.
    return start &+ Int(unsafe base[index])
  }

  /// Finds every ";" in `range`, and its end, and reads the pairs between them up to the first whose key
  /// has no meaning. Their values' places go to `values`, which has 16 ranges, by raw value of the key.
  ///
  /// The range has 1 to `Limits.headerByteCount` bytes. O(count of bytes).
  @unsafe
  @inline(__always)
  mutating func readPairs(
    of bytes: Span<UInt8>, _ range: ByteRange, to values: UnsafeMutablePointer<ByteRange>
  ) -> postern_pairs {
    precondition(!range.isEmpty && range.end <= bytes.count && range.count <= Limits.headerByteCount)
    start = range.start
    // SAFETY: the range is in bounds by the line above; (offsets-in-bounds) leaves room for one
    // separator a byte and what is written behind them; a `ByteRange` is two numbers of 32 bits.
    let pairs = unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe postern_read_pairs(
        bytes.baseAddress! + range.start, UInt16(truncatingIfNeeded: range.count),
        bytes.count &- range.start, base,
        UnsafeMutableRawPointer(values).assumingMemoryBound(to: postern_range.self), range.offset)
    }
    count = Int(pairs.end_count)
    return pairs
  }

  /// Goes on with that.
  @unsafe
  func readMorePairs(
    of bytes: Span<UInt8>, _ pairs: postern_pairs, to values: UnsafeMutablePointer<ByteRange>
  ) -> postern_pairs {
    precondition(start <= bytes.count)
    // SAFETY: as above.
    return unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe postern_read_more_pairs(
        bytes.baseAddress! + start, bytes.count &- start, base, pairs,
        UnsafeMutableRawPointer(values).assumingMemoryBound(to: postern_range.self),
        UInt32(truncatingIfNeeded: start))
    }
  }
}
