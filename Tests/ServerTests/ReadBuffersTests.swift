import AllocationCounter
import NIOCore
import NIOEmbedded
@testable import Server
import Testing

extension ServerTests {
  /// What a loop reads into, by way of what NIO does for each channel.
  @Suite struct ReadBuffersTests {
    private static let byteCount = 64 << 10

    /// A channel's part of NIO.
    private struct Reader {
      var pool: NIOPooledRecvBufferAllocator

      init(_ buffers: ReadBuffers, on loop: any EventLoop) {
        let shared = SharedReadAllocator(NIOLoopBound(buffers, eventLoop: loop))
        pool = NIOPooledRecvBufferAllocator(capacity: 1, recvAllocator: shared)
      }

      /// Reads so many bytes of a kind.
      mutating func read(_ byte: UInt8, count: Int) -> ByteBuffer {
        let (buffer, read) = pool.buffer(allocator: ByteBufferAllocator()) { buffer in
          buffer.writeRepeatingByte(byte, count: count)
        }
        pool.record(actualReadBytes: read)
        return buffer
      }
    }

    private static func address(of buffer: ByteBuffer) -> Int {
      unsafe buffer.withUnsafeReadableBytes { unsafe Int(bitPattern: $0.baseAddress) }
    }

    @Test func `channels read into the same memory, but for their first read`() {
      let loop = EmbeddedEventLoop()
      let buffers = ReadBuffers(byteCount: Self.byteCount)
      var readers = (0..<3).map { _ in Reader(buffers, on: loop) }
      for index in readers.indices {
        let first = readers[index].read(1, count: 100)
        #expect(first.capacity < 1024)
        buffers.giveBack(first)
      }
      var addresses: Set<Int> = []
      for round in 0..<9 {
        let buffer = readers[round % 3].read(UInt8(round), count: 100 + round)
        #expect(buffer.capacity >= Self.byteCount)
        #expect(buffer.readableBytesView.elementsEqual(repeatElement(UInt8(round), count: 100 + round)))
        addresses.insert(Self.address(of: buffer))
        buffers.giveBack(buffer)
      }
      #expect(addresses.count == 1)
    }

    @Test func `reads become smaller and larger again, and no buffer of another size is kept`() {
      let loop = EmbeddedEventLoop()
      let buffers = ReadBuffers(byteCount: Self.byteCount)
      var reader = Reader(buffers, on: loop)
      _ = reader.read(0, count: 1)
      buffers.giveBack(reader.read(1, count: 50))
      let underWay = reader.read(2, count: 50)
      buffers.byteCount = Self.byteCount / 2
      buffers.giveBack(underWay)
      let smaller = reader.read(3, count: 50)
      #expect(smaller.capacity == Self.byteCount / 2)
      buffers.giveBack(smaller)
      buffers.byteCount = Self.byteCount
      #expect(reader.read(4, count: 50).capacity == Self.byteCount)
    }

    @Test func `bytes that somebody keeps are not overwritten, be the buffer given back or not`() {
      let loop = EmbeddedEventLoop()
      let buffers = ReadBuffers(byteCount: Self.byteCount)
      var reader = Reader(buffers, on: loop)
      _ = reader.read(0, count: 1)
      let kept = reader.read(1, count: 50)
      let other = reader.read(2, count: 50)
      buffers.giveBack(kept)
      let third = reader.read(3, count: 50)
      #expect(kept.readableBytesView.elementsEqual(repeatElement(1, count: 50)))
      #expect(other.readableBytesView.elementsEqual(repeatElement(2, count: 50)))
      #expect(third.readableBytesView.elementsEqual(repeatElement(3, count: 50)))
    }

    @Test func `it is noted when a socket is asked, also for its first read, and nothing older`() {
      let loop = EmbeddedEventLoop()
      let buffers = ReadBuffers(byteCount: Self.byteCount)
      var (old, new) = (Reader(buffers, on: loop), Reader(buffers, on: loop))
      _ = old.read(0, count: 1)
      #expect(buffers.askedAt == nil)
      buffers.isTimed = true
      // Nothing came, and time passes.
      _ = old.read(0, count: 0)
      let before = monotonicNanoseconds()
      #expect(buffers.askedAt.map { $0 <= before } == true)
      _ = new.read(1, count: 1)
      #expect(buffers.askedAt.map { $0 >= before } == true)
      // A batch that came in another way: what was noted is not for the next one that is timed.
      buffers.isTimed = false
      buffers.isTimed = true
      #expect(buffers.askedAt == nil)
    }

    @Test(.enabled(if: allocations_are_counted()))
    func `reads that are given back allocate nothing`() {
      let loop = EmbeddedEventLoop()
      let buffers = ReadBuffers(byteCount: Self.byteCount)
      var readers = [Reader(buffers, on: loop), Reader(buffers, on: loop)]
      for round in 0..<4 { buffers.giveBack(readers[round & 1].read(1, count: 1)) }
      let before = allocation_count()
      for round in 0..<1000 { buffers.giveBack(readers[round & 1].read(1, count: 60_000)) }
      #expect(allocation_count() - before == 0)
    }
  }
}
