import CWide
import Wire

/// Where a text's separators are, all found in one pass of 64 bytes a step. A loop owns one and
/// reuses it.
///
/// Finding them first and walking from one to the next afterwards takes no branch that depends on
/// where they are, which differs from login to login.
///
/// INVARIANT (offsets-in-bounds): `base` has `capacity` initialised numbers, `count` of them found.
@safe
public struct SeparatorOffsets: ~Copyable {
  /// LIMIT: a header of nothing but separators, its end, and what is stored ahead.
  private static let capacity = Limits.headerByteCount + 1 + Int(POSTERN_OFFSETS_BEHIND)

  private let base: UnsafeMutablePointer<UInt16>
  private var start = 0
  /// How many were found, the end of the text among them.
  private(set) var count = 0
  /// Whether the text has a control byte (below 0x20, or 0x7F).
  private(set) var hasControl = false

  public init() {
    unsafe base = .allocate(capacity: Self.capacity)
    unsafe base.initialize(repeating: 0, count: Self.capacity)
  }

  deinit { unsafe base.deallocate() }

  /// Where the separator at `index` is, from the start of the message. Traps out of bounds.
  @inline(__always)
  subscript(index: Int) -> Int {
    precondition(index >= 0 && index < count)
    // SAFETY: (offsets-in-bounds) and the line above.
    return start &+ Int(unsafe base[index])
  }

  /// Finds every `separator` in `range`, and its end. O(count of bytes).
  ///
  /// The range has at most `Limits.headerByteCount` bytes.
  @inline(__always)
  mutating func find(_ separator: UInt8, in bytes: Span<UInt8>, _ range: ByteRange) {
    precondition(range.end <= bytes.count && range.count <= Limits.headerByteCount)
    start = range.start
    count = 0
    hasControl = false
    if range.count > 0 {
      // SAFETY: the range is in bounds by the line above; (offsets-in-bounds) leaves room for one
      // separator a byte and what is written behind them.
      count = unsafe bytes.withUnsafeBufferPointer { bytes in
        unsafe postern_find_separators(
          bytes.baseAddress! + range.start, Int(range.count), separator, base, &hasControl)
      }
    }
    // SAFETY: as above.
    unsafe base[count] = UInt16(truncatingIfNeeded: range.count)
    count &+= 1
  }
}
