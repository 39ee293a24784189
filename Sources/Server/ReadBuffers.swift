import NIOCore
import Sockets

/// The buffer into which one loop reads from its connections over TLS, one after the other.
///
/// A loop looks at one read at a time: its connections have a buffer in common, idle ones have none, and the
/// bytes of each read are where the cache has those of the last.
///
/// Who has done with a read gives its buffer back; one that is not given back is replaced.
/// Not thread-safe: it lives on its event loop.
final class ReadBuffers: ReadRoom {
  /// Bytes of a read, at most.
  var byteCount: Int {
    didSet { if byteCount != oldValue { free = nil } }
  }
  /// `nil` while a read is looked at.
  private var free: ByteBuffer?

  init(byteCount: Int) { self.byteCount = byteCount }

  /// An empty buffer that nobody else has.
  func take() -> ByteBuffer {
    guard var buffer = free else { return ByteBufferAllocator().buffer(capacity: byteCount) }
    free = nil
    // Takes other memory where somebody has kept the bytes of the last read.
    buffer.clear()
    return buffer
  }

  /// Takes back what `take` has given, in the hands of whoever it came to. Others are not kept, nor what was
  /// given when reads were larger.
  func giveBack(_ buffer: ByteBuffer) {
    if buffer.capacity >= byteCount, buffer.capacity < 2 * byteCount { free = buffer }
  }
}
