import Wire

/// Where a text's separators are, all found in one pass of 64 bytes a step. A loop owns one and
/// reuses it.
///
/// Finding them first and walking from one to the next afterwards takes no branch that depends on
/// where they are, which differs from login to login.
///
/// INVARIANT (offsets-in-bounds): `base` has `capacity` initialised numbers, and `count` and a block's
/// 64 more are below it.
@safe
public struct SeparatorOffsets: ~Copyable {
  /// LIMIT: a header of nothing but separators, and a block that is stored ahead.
  private static let capacity = Limits.headerByteCount + 2 * Bytes64.count

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
    var block = range.start
    while range.end &- block >= Bytes64.count {
      let block64 = Bytes64(bytes, at: block)
      if block64.hasControl { hasControl = true }
      append(block64.matches(separator), block: block)
      block &+= Bytes64.count
    }
    if block < range.end { findInTail(separator, bytes, from: block, to: range.end) }
    // SAFETY: (offsets-in-bounds): the range had fewer separators than there is room for.
    unsafe base[count] = UInt16(truncatingIfNeeded: range.end &- start)
    count &+= 1
  }

  /// The last bytes, fewer than 64.
  @inline(__always)
  private mutating func findInTail(
    _ separator: UInt8, _ bytes: Span<UInt8>, from block: Int, to end: Int
  ) {
    let wanted = ~UInt64(0) &>> UInt64(Bytes64.count &- (end &- block))
    // Near the end of the message, 64 bytes are read from where there are as many.
    let from = min(block, bytes.count &- Bytes64.count)
    guard from >= 0 else { return findOneByOne(separator, bytes, from: block, to: end) }
    let shift = UInt64(block &- from)
    let tail = Bytes64(bytes, at: from)
    if tail.controls &>> shift & wanted != 0 { hasControl = true }
    append(tail.matches(separator) &>> shift & wanted, block: block)
  }

  /// For messages of fewer than 64 bytes.
  @inline(never)
  private mutating func findOneByOne(
    _ separator: UInt8, _ bytes: Span<UInt8>, from block: Int, to end: Int
  ) {
    var bits: UInt64 = 0
    for offset in block..<end {
      let byte = bytes[offset]
      if byte == separator { bits |= 1 << UInt64(offset - block) }
      if byte < 0x20 || byte == 0x7F { hasControl = true }
    }
    append(bits, block: block)
  }

  /// Adds the places of a block's bits: four whether they are there or not, since most blocks have
  /// no more.
  @inline(__always)
  private mutating func append(_ bits: UInt64, block: Int) {
    var bits = bits
    let offset = block &- start
    var found = count
    for _ in 0..<4 {
      // SAFETY: (offsets-in-bounds): blocks before had at most one a byte.
      unsafe base[found] = UInt16(truncatingIfNeeded: offset &+ bits.trailingZeroBitCount)
      found &+= bits == 0 ? 0 : 1
      bits &= bits &- 1
    }
    while bits != 0 {
      unsafe base[found] = UInt16(truncatingIfNeeded: offset &+ bits.trailingZeroBitCount)
      found &+= 1
      bits &= bits &- 1
    }
    count = found
  }
}
