/// Questions about borrowed text that need no copy of it.
extension Span where Element == UInt8 {
  /// Whether every byte is below 128. O(count), eight bytes at a time.
  public var isASCII: Bool {
    var index = 0
    while index + 8 <= count {
      if load(UInt64.self, at: index) & 0x8080_8080_8080_8080 != 0 { return false }
      index += 8
    }
    while index < count {
      if self[index] >= 0x80 { return false }
      index += 1
    }
    return true
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
    while index < count {
      if self[index] != other[index] { return false }
      index &+= 1
    }
    return true
  }
}
