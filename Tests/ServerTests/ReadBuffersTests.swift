import AllocationCounter
import NIOCore
@testable import Server
import Testing

extension ServerTests {
  /// What a loop reads into.
  @Suite struct ReadBuffersTests {
    private static let byteCount = 64 << 10

    /// Reads so many bytes of a kind, as a channel does.
    private static func read(_ byte: UInt8, count: Int, into buffers: ReadBuffers) -> ByteBuffer {
      var buffer = buffers.take()
      buffer.writeRepeatingByte(byte, count: count)
      return buffer
    }

    private static func address(of buffer: ByteBuffer) -> Int {
      unsafe buffer.withUnsafeReadableBytes { unsafe Int(bitPattern: $0.baseAddress) }
    }

    @Test func `channels read into the same memory`() {
      let buffers = ReadBuffers(byteCount: Self.byteCount)
      var addresses: Set<Int> = []
      for round in 0..<9 {
        let buffer = Self.read(UInt8(round), count: 100 + round, into: buffers)
        #expect(buffer.capacity >= Self.byteCount)
        #expect(buffer.readableBytesView.elementsEqual(repeatElement(UInt8(round), count: 100 + round)))
        addresses.insert(Self.address(of: buffer))
        buffers.giveBack(buffer)
      }
      #expect(addresses.count == 1)
    }

    @Test func `reads become smaller and larger again, and no buffer of another size is kept`() {
      let buffers = ReadBuffers(byteCount: Self.byteCount)
      buffers.giveBack(Self.read(1, count: 50, into: buffers))
      let underWay = Self.read(2, count: 50, into: buffers)
      buffers.byteCount = Self.byteCount / 2
      buffers.giveBack(underWay)
      let smaller = Self.read(3, count: 50, into: buffers)
      #expect(smaller.capacity == Self.byteCount / 2)
      buffers.giveBack(smaller)
      buffers.byteCount = Self.byteCount
      #expect(Self.read(4, count: 50, into: buffers).capacity == Self.byteCount)
    }

    @Test func `bytes that somebody keeps are not overwritten, be the buffer given back or not`() {
      let buffers = ReadBuffers(byteCount: Self.byteCount)
      let kept = Self.read(1, count: 50, into: buffers)
      let other = Self.read(2, count: 50, into: buffers)
      buffers.giveBack(kept)
      let third = Self.read(3, count: 50, into: buffers)
      #expect(kept.readableBytesView.elementsEqual(repeatElement(1, count: 50)))
      #expect(other.readableBytesView.elementsEqual(repeatElement(2, count: 50)))
      #expect(third.readableBytesView.elementsEqual(repeatElement(3, count: 50)))
    }

    @Test(.enabled(if: allocations_are_counted()))
    func `reads that are given back allocate nothing`() {
      let buffers = ReadBuffers(byteCount: Self.byteCount)
      buffers.giveBack(Self.read(1, count: 1, into: buffers))
      let before = allocation_count()
      for _ in 0..<1000 { buffers.giveBack(Self.read(1, count: 60_000, into: buffers)) }
      #expect(allocation_count() - before == 0)
    }
  }
}
