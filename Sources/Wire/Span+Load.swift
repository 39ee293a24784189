/// Wide little-endian loads: the one place where `Wire` and the scanners step around `Span`'s
/// element-wise access. Every load is bounds-checked.
extension Span where Element == UInt8 {
  /// Loads a little-endian integer whose first byte is at `offset`. Traps out of bounds. O(1).
  @inlinable @inline(__always)
  public func load<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, at offset: Int) -> T {
    precondition(offset >= 0 && offset <= count &- MemoryLayout<T>.size)
    // SAFETY: in bounds by the line above; an integer has no invalid bit pattern.
    return unsafe T(
      littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: type))
  }

  /// The bytes that `range` names. Traps out of bounds. O(1), copies nothing.
  @inlinable @inline(__always)
  @_lifetime(copy self)
  public func extracting(_ range: ByteRange) -> Span<UInt8> {
    extracting(range.start..<range.end)
  }
}

extension Array where Element == UInt8 {
  /// A copy of borrowed bytes. Allocates: not for the path of a decision.
  public init(copying bytes: Span<UInt8>) {
    self.init(capacity: bytes.count) { output in
      for index in bytes.indices { output.append(bytes[index]) }
    }
  }
}

extension String {
  /// Text from borrowed bytes, ill-formed UTF-8 repaired. Allocates: for people, not for the path
  /// of a decision.
  public init(repairing bytes: Span<UInt8>) {
    self.init(decoding: [UInt8](copying: bytes), as: UTF8.self)
  }
}
