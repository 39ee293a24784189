import NIOCore

/// The buffer into which one loop reads from its connections, one after the other.
///
/// NIO keeps a buffer for each channel, as large as the largest read it has had, for as long as the
/// connection stays. A loop looks at one read at a time: its connections have a buffer in common, idle
/// ones have none, and the bytes of each read are where the cache has those of the last.
///
/// Who has done with a read gives its buffer back; one that is not given back is replaced.
/// Not thread-safe: it lives on its event loop.
final class ReadBuffers {
  /// Bytes of a read, at most.
  var byteCount: Int {
    didSet { if byteCount != oldValue { free = nil } }
  }
  /// `nil` while a read is looked at.
  private var free: ByteBuffer?
  /// Whether it is noted when sockets are asked for bytes.
  var isTimed = false { didSet { askedAt = nil } }
  /// When a socket was asked last, in nanoseconds; `nil` where none was since that is noted.
  private(set) var askedAt: UInt64?

  init(byteCount: Int) { self.byteCount = byteCount }

  /// An empty buffer that nobody else has.
  func take(_ allocator: ByteBufferAllocator) -> ByteBuffer {
    guard var buffer = free else { return allocator.buffer(capacity: byteCount) }
    free = nil
    // Takes other memory where somebody has kept the bytes of the last read.
    buffer.clear()
    return buffer
  }

  /// A socket is asked next, be it for the bytes of one of these buffers or not.
  func willRead() { if isTimed { askedAt = monotonicNanoseconds() } }

  /// Takes back what `take` has given, in the hands of whoever it came to. Others are not kept, nor what was
  /// given when reads were larger.
  func giveBack(_ buffer: ByteBuffer) {
    if buffer.capacity >= byteCount, buffer.capacity < 2 * byteCount { free = buffer }
  }
}

/// Lets a channel read into its loop's buffer.
struct SharedReadAllocator: RecvByteBufferAllocator {
  /// LIMIT: NIO keeps what a channel's first read was made into: it is small. It holds a preface and
  /// settings, or the request line of who speaks another protocol.
  private static let firstByteCount = 512

  let buffers: NIOLoopBound<ReadBuffers>
  private var hasRead = false

  init(_ buffers: NIOLoopBound<ReadBuffers>) { self.buffers = buffers }

  func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
    buffers.value.willRead()
    return hasRead ? buffers.value.take(allocator) : allocator.buffer(capacity: Self.firstByteCount)
  }

  /// Always true: NIO would read into the buffer that it keeps if the next one were not larger.
  mutating func record(actualReadBytes: Int) -> Bool {
    hasRead = true
    return true
  }
}
