import NIOCore
import NIOEmbedded
import Testing

@testable import Sockets

@Suite struct PendingWritesTests {
  /// Takes so many bytes, as a socket that has room for no more.
  private static func take(_ count: Int, from writes: inout PendingWrites) -> [UInt8] {
    var taken: [UInt8] = []
    while taken.count < count, writes.hasFlushed {
      let bytes = writes.next.readableBytesView.prefix(count - taken.count)
      taken += bytes
      _ = writes.take(bytes.count)
    }
    return taken
  }

  @Test(arguments: [20, 5000])
  func `a queue that never empties keeps what is to be written, and no record of what was`(byteCount: Int) {
    var writes = PendingWrites()
    var (expected, taken): ([UInt8], [UInt8]) = ([], [])
    for round in 0..<5000 {
      let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: round), count: byteCount)
      writes.append(ByteBuffer(bytes: bytes), nil)
      writes.markFlushed()
      expected += bytes
      if round >= 10 { taken += Self.take(byteCount, from: &writes) }
      #expect(writes.recordCount <= 200)
    }
    #expect(writes.byteCount == 10 * byteCount)
    taken += Self.take(.max, from: &writes)
    #expect(taken == expected)
    #expect(writes.isEmpty && writes.byteCount == 0 && writes.recordCount == 0)
  }

  @Test func `short writes that wait become one, and a promise is kept with the last byte before it`() {
    let loop = EmbeddedEventLoop()
    var writes = PendingWrites()
    var kept: [Int] = []
    for number in 0..<6 {
      let promise = number == 2 || number == 4 ? loop.makePromise(of: Void.self) : nil
      promise?.futureResult.assumeIsolated().whenSuccess { kept.append(number) }
      writes.append(ByteBuffer(bytes: [UInt8(number)]), promise)
      writes.markFlushed()
    }
    // Nothing is put behind a promise.
    #expect(writes.recordCount == 3)
    #expect(Array(writes.next.readableBytesView) == [0, 1, 2])
    #expect(writes.take(2).isWhole == false)
    writes.take(1).promise?.succeed()
    #expect(kept == [2])
    #expect(Array(writes.next.readableBytesView) == [3, 4])
    writes.take(2).promise?.succeed()
    #expect(kept == [2, 4])
    #expect(Self.take(.max, from: &writes) == [5])
  }

  @Test func `what is not flushed is put to nothing`() {
    var writes = PendingWrites()
    writes.append(ByteBuffer(bytes: [1]), nil)
    writes.markFlushed()
    writes.append(ByteBuffer(bytes: [2]), nil)
    #expect(Self.take(.max, from: &writes) == [1])
    #expect(!writes.hasFlushed && !writes.isEmpty)
    writes.markFlushed()
    #expect(Self.take(.max, from: &writes) == [2])
  }
}
