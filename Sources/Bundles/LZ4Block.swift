import CLZ4
import Wire

/// Raw LZ4 blocks of lengths that the caller knows.
enum LZ4Block {
  /// The block that stands for `bytes`; the bytes themselves when LZ4 does not make them smaller.
  static func stored(_ bytes: Span<UInt8>) -> [UInt8] {
    guard bytes.count > 0 else { return [] }
    let capacity = Int(LZ4_compressBound(Int32(bytes.count)))
    let compressed = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { target, count in
      // SAFETY: both buffers outlive the call; the encoder writes at most `capacity` bytes.
      count = unsafe bytes.withUnsafeBytes { source in
        unsafe Int(
          LZ4_compress_default(
            source.baseAddress?.assumingMemoryBound(to: CChar.self),
            UnsafeMutableRawPointer(target.baseAddress!).assumingMemoryBound(to: CChar.self),
            Int32(source.count), Int32(capacity)))
      }
    }
    guard compressed.count > 0, compressed.count < bytes.count else { return Array(copying: bytes) }
    return compressed
  }

  /// Writes what a block stands for; `false` unless that fills `target` to its last byte.
  static func restore(_ block: Span<UInt8>, to target: UnsafeMutableRawBufferPointer) -> Bool {
    unsafe block.withUnsafeBytes { source in
      guard let start = source.baseAddress, let targetStart = target.baseAddress else {
        return source.count == target.count
      }
      if source.count == target.count {
        // SAFETY: both hold `count` bytes.
        unsafe targetStart.copyMemory(from: start, byteCount: source.count)
        return true
      }
      // SAFETY: both buffers outlive the call; the decoder writes at most `target.count` bytes. Both
      // counts are below 2^31 by their limits.
      return unsafe Int(
        LZ4_decompress_safe(
          start.assumingMemoryBound(to: CChar.self),
          targetStart.assumingMemoryBound(to: CChar.self), Int32(source.count),
          Int32(target.count))) == target.count
    }
  }
}
