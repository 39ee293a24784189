import NIOCore

/// Buffers of one loop in which replies go to the channel: they come back as soon as the socket has
/// taken the bytes, which is at once as a rule, and the next connection's replies find them warm.
///
/// Not thread-safe: they live on their event loop.
final class OutputBuffers {
  /// LIMIT: a peer that does not read keeps one of them from the others. It is not to keep much more
  /// than waits for it: so there is one for the replies of a few requests, and one for more.
  static let smallByteCount = 4 << 10

  private var small: ByteBuffer?
  private var large: ByteBuffer?

  /// An empty buffer that nobody else has, with room for `byteCount` bytes.
  func take(_ byteCount: Int, _ allocator: ByteBufferAllocator) -> ByteBuffer {
    if byteCount <= Self.smallByteCount {
      return Self.cleared(small.take()) ?? allocator.buffer(capacity: Self.smallByteCount)
    }
    return Self.cleared(large.take())
      ?? allocator.buffer(capacity: max(byteCount, ConnectionHandler.outputByteCount))
  }

  private static func cleared(_ buffer: consuming ByteBuffer?) -> ByteBuffer? {
    guard var buffer else { return nil }
    buffer.clear()
    return buffer
  }

  /// Takes back what nobody else has any more.
  func giveBack(_ buffer: ByteBuffer) {
    if buffer.capacity <= Self.smallByteCount { small = buffer } else { large = buffer }
  }
}
