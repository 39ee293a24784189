import Rules
import Wire

/// Reads a bundle's fields one after the other. Every error names the byte.
///
/// INVARIANT (cursor-in-bounds): `0 <= offset <= bytes.count`.
struct BundleCursor: ~Escapable {
  let bytes: Span<UInt8>
  private(set) var offset: Int

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, at offset: Int = 0) {
    precondition(offset >= 0 && offset <= bytes.count)
    self.bytes = bytes
    self.offset = offset
  }

  mutating func read<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: T.Type
  ) throws(BundleError) -> T {
    bytes.load(type, at: try skip(MemoryLayout<T>.size))
  }

  mutating func read(byteCount: Int) throws(BundleError) -> [UInt8] {
    let start = try skip(byteCount)
    return [UInt8](copying: bytes.extracting(start..<offset))
  }

  mutating func readDigest() throws(BundleError) -> ContentDigest {
    ContentDigest(bytes: try read(byteCount: ContentDigest.byteCount))!
  }

  /// Passes over bytes that must be zero.
  mutating func readReserved(byteCount: Int) throws(BundleError) {
    let start = try skip(byteCount)
    for index in start..<offset where bytes[index] != 0 {
      throw BundleError(.malformed, at: index, "a reserved byte is not zero")
    }
  }

  /// Steps over bytes. Returns where they start.
  @discardableResult
  mutating func skip(_ byteCount: Int) throws(BundleError) -> Int {
    let start = offset
    guard byteCount >= 0, byteCount <= bytes.count - start else {
      throw BundleError(
        .truncated, at: bytes.count, "\(byteCount) bytes were to come at \(start); fetch it again")
    }
    offset = start + byteCount
    return start
  }
}
