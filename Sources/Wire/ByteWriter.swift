/// A growable run of bytes that is filled, lent out as a `Span`, emptied and filled again.
///
/// It keeps its memory when emptied, so a loop that reuses one allocates only while its largest
/// message grows. It owns its memory alone; multi-byte integers are written little-endian.
///
/// INVARIANT (writer-in-bounds): `0 <= count <= capacity`, and `base` has `capacity` bytes.
@safe
public struct ByteWriter: ~Copyable {
  @usableFromInline var base: UnsafeMutableRawPointer
  /// Bytes that there is memory for.
  public internal(set) var capacity: Int
  @usableFromInline var storedCount = 0

  @inlinable public var count: Int { storedCount }

  public var isEmpty: Bool { count == 0 }

  /// Room for `capacity` bytes before the first growth.
  public init(capacity: Int = 256) {
    precondition(capacity > 0)
    unsafe base = .allocate(byteCount: capacity, alignment: 16)
    self.capacity = capacity
  }

  deinit { unsafe base.deallocate() }

  /// The bytes written so far.
  public var span: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      // SAFETY: (writer-in-bounds), every byte below `count` was written, and the span borrows us.
      let span = unsafe Span<UInt8>(_unsafeStart: base.assumingMemoryBound(to: UInt8.self), count: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// As `span`, for an owner that is a class: its lifetime is the caller's to guarantee.
  @unsafe public var unsafeSpan: Span<UInt8> {
    @_lifetime(immortal)
    get {
      let span = unsafe Span<UInt8>(_unsafeStart: base.assumingMemoryBound(to: UInt8.self), count: count)
      return unsafe _overrideLifetime(span, copying: ())
    }
  }

  /// Copies bytes written before to memory of the caller's. Traps out of bounds.
  @unsafe public func copy(_ range: Range<Int>, to target: UnsafeMutableRawPointer) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    // SAFETY: in bounds by the line above; the caller has room for `range.count` bytes.
    unsafe target.copyMemory(from: base + range.lowerBound, byteCount: range.count)
  }

  /// Appends an integer, little-endian. Amortised O(1).
  @inlinable @inline(__always)
  public mutating func append<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
    let offset = extend(by: MemoryLayout<T>.size)
    // SAFETY: `extend` made room for these bytes.
    unsafe base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
  }

  /// Appends four words, little-endian, in one step.
  @inlinable @inline(__always)
  public mutating func append(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) {
    let offset = extend(by: 32)
    // SAFETY: `extend` made room for these bytes.
    unsafe base.storeBytes(of: a.littleEndian, toByteOffset: offset, as: UInt64.self)
    unsafe base.storeBytes(of: b.littleEndian, toByteOffset: offset &+ 8, as: UInt64.self)
    unsafe base.storeBytes(of: c.littleEndian, toByteOffset: offset &+ 16, as: UInt64.self)
    unsafe base.storeBytes(of: d.littleEndian, toByteOffset: offset &+ 24, as: UInt64.self)
  }

  /// Appends borrowed bytes. O(count).
  @inlinable @inline(__always)
  public mutating func append(_ bytes: Span<UInt8>) {
    let offset = extend(by: bytes.count)
    unsafe bytes.withUnsafeBytes { source in
      guard let start = source.baseAddress else { return }
      // SAFETY: `extend` made room for these bytes, and nobody else can hold our memory.
      unsafe (base + offset).copyMemory(from: start, byteCount: source.count)
    }
  }

  /// Appends a part of `text`. Of a short one 64 bytes are copied, where there are as many: how long it is
  /// differs from reply to reply, and nothing waits for it then. O(count).
  @inlinable @inline(__always)
  public mutating func append(_ range: ByteRange, of text: Span<UInt8>) {
    guard range.count <= 64, range.start <= text.count &- 64 else {
      return append(text.extracting(range))
    }
    let offset = extend(by: 64)
    // SAFETY: `extend` made room for these bytes, `text` has them by the guard, and nobody else can hold our
    // memory.
    unsafe text.withUnsafeBytes { source in
      unsafe (base + offset).copyMemory(from: source.baseAddress! + range.start, byteCount: 64)
    }
    truncate(to: offset &+ Int(range.count))
  }

  /// Appends text as UTF-8. O(count); a native string is not copied first.
  public mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { utf8 in
      // SAFETY: the buffer is valid inside the closure, and the span does not leave it.
      unsafe append(utf8.span)
    }
  }

  /// Overwrites bytes written before with an integer, little-endian. Traps out of bounds.
  @inlinable @inline(__always)
  public mutating func store<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at offset: Int) {
    precondition(offset >= 0 && offset <= count - MemoryLayout<T>.size)
    // SAFETY: in bounds by the line above.
    unsafe base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
  }

  /// Forgets the bytes and keeps the memory. O(1).
  public mutating func removeAll() { storedCount = 0 }

  /// Forgets the bytes from `byteCount` on. O(1).
  @inlinable @inline(__always)
  public mutating func truncate(to byteCount: Int) {
    precondition(byteCount >= 0 && byteCount <= count)
    storedCount = byteCount
  }

  /// Forgets the first `byteCount` bytes; those behind them move up. O(bytes that stay).
  public mutating func removeFirst(_ byteCount: Int) {
    precondition(byteCount >= 0 && byteCount <= count)
    storedCount -= byteCount
    // SAFETY: (writer-in-bounds) held before: source and target lie in our memory. They may overlap.
    if byteCount > 0 { unsafe base.copyMemory(from: base + byteCount, byteCount: count) }
  }

  /// Gives memory above `byteCount` back, so that one large message is not paid for ever.
  /// Only for an empty writer.
  public mutating func shrink(to byteCount: Int) {
    precondition(count == 0 && byteCount > 0)
    guard capacity > byteCount else { return }
    unsafe base.deallocate()
    unsafe base = .allocate(byteCount: byteCount, alignment: 16)
    capacity = byteCount
  }

  /// Lets `body` write up to `byteCount` bytes behind the last one; it returns how many it wrote.
  /// For C functions that fill a buffer.
  public mutating func appendUnsafe(
    upTo byteCount: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int
  ) {
    let offset = extend(by: byteCount)
    let written = unsafe body(UnsafeMutableRawBufferPointer(start: base + offset, count: byteCount))
    precondition(written >= 0 && written <= byteCount)
    storedCount = offset + written
  }

  /// Makes room for `byteCount` more bytes and counts them as written. Returns where they start.
  @usableFromInline @inline(__always)
  mutating func extend(by byteCount: Int) -> Int {
    let offset = count
    if byteCount > capacity - offset { grow(toHold: offset + byteCount) }
    storedCount = offset + byteCount
    return offset
  }

  @usableFromInline @inline(never)
  mutating func grow(toHold needed: Int) {
    let newCapacity = Self.capacity(toHold: needed, behind: capacity)
    let newBase = UnsafeMutableRawPointer.allocate(byteCount: newCapacity, alignment: 16)
    // SAFETY: both have at least `count` bytes, and the new memory cannot overlap the old.
    unsafe newBase.copyMemory(from: base, byteCount: count)
    unsafe base.deallocate()
    unsafe base = newBase
    capacity = newCapacity
  }

  /// LIMIT: from here on a run grows by a quarter: thousands may grow at once, and what doubles has up to
  /// half of its memory for nothing.
  private static let largeByteCount = 64 << 10

  /// A power of two or, where it is large, as many eighths of the next one as it takes: what grows from odd
  /// pieces to a limit has no room left over, and what is a little larger each time does not grow each time.
  private static func capacity(toHold needed: Int, behind capacity: Int) -> Int {
    let isLarge = max(needed, capacity * 2) > largeByteCount
    let least = max(needed, isLarge ? capacity + capacity / 4 : capacity * 2)
    let power = 1 << (Int.bitWidth - (least - 1).leadingZeroBitCount)
    let step = isLarge ? power / 8 : power
    return (least + step - 1) / step * step
  }
}
