/// A growable run of plain values that is filled, read, emptied and filled again.
///
/// It keeps its memory when emptied, so a loop that reuses one allocates only when it holds more
/// than ever before. Unlike an `Array` it has one owner, and an append checks nothing but the room.
///
/// INVARIANT (scratch-in-bounds): `0 <= count <= capacity`, and the first `count` values of `base`
/// are initialised.
@safe
public struct ScratchList<Element: BitwiseCopyable>: ~Copyable {
  @usableFromInline var base: UnsafeMutablePointer<Element>
  @usableFromInline var capacity: Int
  @usableFromInline var storedCount = 0

  /// Room for `capacity` values before the first growth.
  public init(capacity: Int = 64) {
    precondition(capacity > 0)
    unsafe base = .allocate(capacity: capacity)
    self.capacity = capacity
  }

  deinit { unsafe base.deallocate() }

  @inlinable
  public var count: Int { storedCount }

  @inlinable
  public var isEmpty: Bool { count == 0 }

  @inlinable
  public var indices: Range<Int> { 0..<count }

  /// Traps out of bounds. O(1).
  @inlinable
  public subscript(index: Int) -> Element {
    @inline(__always) get {
      precondition(index >= 0 && index < count)
      // SAFETY: (scratch-in-bounds) and the line above.
      return unsafe base[index]
    }
    @inline(__always) set {
      precondition(index >= 0 && index < count)
      // SAFETY: (scratch-in-bounds) and the line above.
      unsafe base[index] = newValue
    }
  }

  /// Amortised O(1).
  @inlinable @inline(__always)
  public mutating func append(_ element: Element) {
    let place = extend()
    // SAFETY: `extend` made room for the value.
    unsafe (base + place).initialize(to: element)
  }

  /// Appends what `body` writes, `count` values at most: whether there is room is asked once for all of them.
  @inlinable @inline(__always)
  public mutating func append(upTo count: Int, _ body: (inout OutputSpan<Element>) -> Void) {
    while capacity &- storedCount < count { grow() }
    // SAFETY: the room behind the values; all of `Element` is bits, so that nothing is there to be destroyed.
    let room = unsafe UnsafeMutableBufferPointer(start: base + storedCount, count: count)
    var output = unsafe OutputSpan(buffer: room, initializedCount: 0)
    body(&output)
    storedCount &+= unsafe output.finalize(for: room)
  }

  /// Forgets the values and keeps the memory. O(1).
  @inlinable @inline(__always)
  public mutating func removeAll() { storedCount = 0 }

  /// Forgets the values from `index` on. Traps out of bounds. O(1).
  @inlinable
  public mutating func removeAll(from index: Int) {
    precondition(index >= 0 && index <= count)
    storedCount = index
  }

  /// Makes room for a value and counts it. Returns its place.
  @inlinable @inline(__always)
  mutating func extend() -> Int {
    let place = storedCount
    if place == capacity { grow() }
    storedCount = place &+ 1
    return place
  }

  @inlinable @inline(never)
  mutating func grow() {
    let grown = UnsafeMutablePointer<Element>.allocate(capacity: 2 * capacity)
    // SAFETY: both hold `count` values, and the new memory cannot overlap the old.
    unsafe grown.initialize(from: base, count: count)
    unsafe base.deallocate()
    unsafe base = grown
    capacity *= 2
  }
}
