/// Questions about borrowed text that need no copy of it.
extension Span where Element == UInt8 {
  /// Whether these are the bytes of an ASCII text. O(count).
  @inlinable @inline(__always)
  public func isText(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    // SAFETY: a static string's bytes live for ever.
    let other = unsafe Span(_unsafeStart: text.utf8Start, count: text.utf8CodeUnitCount)
    return elementsEqual(other)
  }

  /// Where the text lies without the spaces at its ends. O(spaces).
  public var withoutSpaces: Range<Int> {
    var (start, end) = (0, count)
    while start < end, self[start] == UInt8(ascii: " ") { start += 1 }
    while end > start, self[end - 1] == UInt8(ascii: " ") { end -= 1 }
    return start..<end
  }

  /// Whether every byte is below 128. O(count), eight bytes at a time; a few bytes by two loads.
  @inlinable @inline(__always)
  public var isASCII: Bool {
    let highBits: UInt64 = 0x8080_8080_8080_8080
    var all: UInt64 = 0
    if count >= 8 {
      // The last eight bytes, some of them a second time further down.
      all = load(UInt64.self, at: count &- 8)
      var index = 0
      while index &+ 8 < count {
        all |= load(UInt64.self, at: index)
        index &+= 8
      }
    } else if count >= 4 {
      all = UInt64(load(UInt32.self, at: 0) | load(UInt32.self, at: count &- 4))
    } else if count >= 2 {
      all = UInt64(load(UInt16.self, at: 0) | load(UInt16.self, at: count &- 2))
    } else if count == 1 {
      all = UInt64(self[0])
    }
    return all & highBits == 0
  }

  /// Whether both hold the same bytes. O(count), eight bytes at a time.
  @inlinable @inline(__always)
  public func elementsEqual(_ other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    var index = 0
    while index &+ 8 <= count {
      if load(UInt64.self, at: index) != other.load(UInt64.self, at: index) { return false }
      index &+= 8
    }
    if index == count { return true }
    if index > 0 {
      // The last eight bytes, some of them for the second time.
      let last = count &- 8
      return load(UInt64.self, at: last) == other.load(UInt64.self, at: last)
    }
    if count >= 4 {
      let last = count &- 4
      return load(UInt32.self, at: 0) == other.load(UInt32.self, at: 0)
        && load(UInt32.self, at: last) == other.load(UInt32.self, at: last)
    }
    while index < count {
      if self[index] != other[index] { return false }
      index &+= 1
    }
    return true
  }
}
