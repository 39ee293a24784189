import NIOCore

/// Stands in front of TLS: hands it a read in parts that open to a record's length at most, and gives the
/// read's buffer back, which TLS does not.
///
/// NIOSSL puts together all that it opens before it is told that the read is over, and asks for room for a
/// record more; the memory stays the connection's. Of such parts it never takes more than it begins with, two
/// records' length, whatever the lengths of a peer's records are.
final class TLSRecordFeed: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let buffers: ReadBuffers
  private var records = TLSRecordWalk()

  init(_ buffers: ReadBuffers) { self.buffers = buffers }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let buffer = unwrapInboundIn(data)
    defer { buffers.giveBack(buffer) }
    var start = buffer.readerIndex
    var end = records.advance(over: buffer, from: start)
    guard end < buffer.writerIndex else { return context.fireChannelRead(data) }
    while true {
      context.fireChannelRead(wrapInboundOut(buffer.getSlice(at: start, length: end - start)!))
      guard end < buffer.writerIndex else { return }
      context.fireChannelReadComplete()
      // What it held may have ended the connection.
      guard context.channel.isActive else { return }
      start = end
      end = records.advance(over: buffer, from: start)
    }
  }
}

/// Where the records of TLS end in what is read of them (RFC 8446 5.1).
struct TLSRecordWalk {
  /// Bytes that a record opens to, at most.
  static let plaintextMax = 1 << 14
  /// Bytes of a record before its fragment: type, version and the fragment's length.
  private static let headerByteCount = 5
  /// Bytes of a fragment that are no plaintext, at least: a tag and the type of what is in it.
  private static let overheadMin = 17

  /// Bytes of a header that have come.
  private var headerCount = 0
  private var fragmentByteCount = 0
  /// Bytes of the fragment that have not come.
  private var missing = 0

  /// Goes on over the bytes of `buffer` from index `start` to the end, or to where the next record to end
  /// would make all that have ended since `start` open to more than the longest does. Returns the index.
  ///
  /// More than `start` where there are bytes; what peers send that is no TLS is walked over like it.
  /// O(n) in the number of records.
  mutating func advance(over buffer: ByteBuffer, from start: Int) -> Int {
    var index = start
    var plaintextByteCount = 0
    while index < buffer.writerIndex {
      if missing == 0 {
        readHeader(buffer.getInteger(at: index)!)
        index += 1
        continue
      }
      let count = min(missing, buffer.writerIndex - index)
      if count == missing {
        let opened = max(0, fragmentByteCount - Self.overheadMin)
        if plaintextByteCount > 0, plaintextByteCount + opened > Self.plaintextMax { return index }
        plaintextByteCount += opened
      }
      missing -= count
      index += count
    }
    return index
  }

  private mutating func readHeader(_ byte: UInt8) {
    headerCount += 1
    switch headerCount {
    case Self.headerByteCount - 1: fragmentByteCount = Int(byte) << 8
    case Self.headerByteCount:
      fragmentByteCount |= Int(byte)
      missing = fragmentByteCount
      headerCount = 0
    default: break
    }
  }
}
