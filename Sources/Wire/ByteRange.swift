/// Where some bytes lie in a message: offset and count, both in bytes.
///
/// Four bytes each: a message is at most `Limits.messageByteCount`.
public struct ByteRange: BitwiseCopyable, Equatable, Sendable {
  public var offset: UInt32
  public var count: UInt32

  @inlinable
  public init(offset: Int, count: Int) {
    self.offset = UInt32(truncatingIfNeeded: offset)
    self.count = UInt32(truncatingIfNeeded: count)
  }

  /// No bytes, at offset zero.
  @inlinable public static var empty: ByteRange { ByteRange(offset: 0, count: 0) }

  @inlinable public var start: Int { Int(offset) }
  @inlinable public var end: Int { Int(offset) + Int(count) }
  @inlinable public var isEmpty: Bool { count == 0 }
}
