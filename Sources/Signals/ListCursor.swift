import Wire

/// Steps through the members of a list signal, in place.
public struct ListCursor: BitwiseCopyable {
  @usableFromInline var offset: Int
  @usableFromInline let end: Int
  @usableFromInline let format: ListFormat

  public init(_ value: SignalValue) {
    offset = value.text.start
    end = value.text.end
    format = ListFormat(rawValue: UInt8(truncatingIfNeeded: value.low)) ?? .lengths
  }

  /// The next member's bytes, `nil` after the last. O(bytes of the member).
  @inlinable @inline(__always)
  public mutating func next(in bytes: Span<UInt8>) -> ByteRange? {
    format == .lengths ? nextWithLength(in: bytes) : nextDelimited(in: bytes)
  }

  @usableFromInline
  mutating func nextDelimited(in bytes: Span<UInt8>) -> ByteRange? {
    format == .commas ? nextBetweenCommas(in: bytes) : nextCode(in: bytes)
  }

  /// Members that are empty or only spaces are passed over.
  private mutating func nextBetweenCommas(in bytes: Span<UInt8>) -> ByteRange? {
    while offset < end {
      var start = offset
      var stop = bytes.firstIndex(of: UInt8(ascii: ","), from: start, to: end) ?? end
      offset = stop + 1
      while start < stop, bytes[start] == UInt8(ascii: " ") { start += 1 }
      while stop > start, bytes[stop - 1] == UInt8(ascii: " ") { stop -= 1 }
      if start < stop { return ByteRange(offset: start, count: stop - start) }
    }
    return nil
  }

  /// Empty items are passed over, and so is one without ":", which a scanned list has not.
  private mutating func nextCode(in bytes: Span<UInt8>) -> ByteRange? {
    while offset < end {
      let start = offset
      let stop = bytes.firstIndex(of: UInt8(ascii: "|"), from: start, to: end) ?? end
      offset = stop + 1
      if let colon = bytes.firstIndex(of: UInt8(ascii: ":"), from: start, to: stop) {
        return ByteRange(offset: start, count: colon - start)
      }
    }
    return nil
  }

  /// Lengths that the request reader has checked.
  @inlinable @inline(__always)
  mutating func nextWithLength(in bytes: Span<UInt8>) -> ByteRange? {
    guard offset &+ 2 <= end else { return nil }
    let member = ByteRange(
      offset: offset &+ 2, count: Int(bytes.load(UInt16.self, at: offset)))
    offset = member.end
    return member
  }
}
