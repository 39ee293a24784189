import NIOCore

/// What a channel was told to write and its socket has not taken, in its order.
struct PendingWrites {
  private struct Write {
    var bytes: ByteBuffer
    var promise: EventLoopPromise<Void>?
  }

  /// LIMIT: entries that are gone and not given back yet.
  private static let goneCountMax = 64

  private var writes: [Write] = []
  /// Those before it have been taken.
  private var first = 0
  /// Those before it may be sent.
  private var flushedEnd = 0
  private(set) var byteCount = 0

  var isEmpty: Bool { first == writes.count }
  var hasFlushed: Bool { first < flushedEnd }
  /// Writes that are kept, those among them that are gone.
  var recordCount: Int { writes.count }

  mutating func append(_ bytes: ByteBuffer, _ promise: EventLoopPromise<Void>?) {
    byteCount += bytes.readableBytes
    writes.append(Write(bytes: bytes, promise: promise))
  }

  /// LIMIT: bytes of a write that is put to the one before it, and of both: a peer that takes little at a
  /// time is not to be sent each short reply by itself.
  private static let joinedByteCountMax = (one: 4 << 10, all: 16 << 10)

  mutating func markFlushed() {
    let last = writes.count - 1
    if flushedEnd == last, last > first, writes[last - 1].promise == nil,
      writes[last].bytes.readableBytes <= Self.joinedByteCountMax.one,
      // Of one that others have too, all its room would be copied.
      writes[last - 1].bytes.capacity <= Self.joinedByteCountMax.all,
      writes[last - 1].bytes.writerIndex + writes[last].bytes.readableBytes <= Self.joinedByteCountMax.all
    {
      let joined = writes.removeLast()
      writes[last - 1].bytes.writeImmutableBuffer(joined.bytes)
      writes[last - 1].promise = joined.promise
    }
    flushedEnd = writes.count
  }

  /// The bytes to be sent next. There have to be some that may be.
  var next: ByteBuffer { writes[first].bytes }

  /// Some of the next write's bytes are gone. Where all are, the write is: its promise is to be kept.
  mutating func take(_ count: Int) -> (isWhole: Bool, promise: EventLoopPromise<Void>?) {
    byteCount -= count
    writes[first].bytes.moveReaderIndex(forwardBy: count)
    guard writes[first].bytes.readableBytes == 0 else { return (false, nil) }
    let promise = writes[first].promise
    // Its bytes go now, not when all are gone.
    writes[first].bytes = ByteBuffer()
    first += 1
    if isEmpty {
      writes = []
      first = 0
      flushedEnd = 0
    } else if first >= Self.goneCountMax, 2 * first >= writes.count {
      writes.removeFirst(first)
      flushedEnd -= first
      first = 0
    }
    return (true, promise)
  }

  /// Empties it. Returns the promises that are to be broken.
  mutating func removeAll() -> [EventLoopPromise<Void>] {
    defer { self = PendingWrites() }
    return writes[first...].compactMap(\.promise)
  }
}
