import NIOCore
import Wire

/// One connection of the generator: the client half of HTTP/2, as much as it takes to send POSTs
/// and read their replies.
///
/// A client on libnghttp2 spends as much on a request as the server does, and from one core could
/// never show what the server can do. This one writes header blocks that were encoded once, reads of
/// a response's header block only the status, and takes what no server should send as a fault.
///
/// INVARIANT (ring): the exchange of stream `s` is at `s / 2 % ring size`. A stream number whose
/// place is still taken is left out, as RFC 9113 5.1.1 allows.
final class LoadSession {
  /// Why the connection cannot go on.
  struct Fault: Error, CustomStringConvertible {
    var description: String
  }

  /// A stream that ended without a reply.
  struct Reset {
    var place: Int
    var code: UInt32
  }

  /// LIMIT: RFC 9113 6.5.2; no larger frame was allowed by our settings.
  static let frameByteCountMax = 16_384
  /// LIMIT: how much the server may send before it hears from us again (RFC 9113 6.9.1).
  static let windowMax = 0x7FFF_FFFF
  private static let defaultWindow = 65_535

  let block: RequestBlock
  var exchanges: [Exchange]
  let streamCountWanted: Int
  var streamCountMax: Int
  var openCount = 0
  private var nextStream: UInt32 = 1
  var nextNumber: UInt64 = 0

  var isReady = false
  var isGoingAway = false
  var hasSentBlock = false
  var sendWindow = defaultWindow
  var initialStreamWindow = defaultWindow
  var peerFrameByteCountMax = frameByteCountMax
  var receivedSinceUpdate = 0
  /// Places of requests that wait for a window, the oldest first.
  private var blocked: [Int] = []

  /// Messages leave as LZ4 blocks.
  let compresses: Bool
  var compressor = MessageCompressor()

  /// All messages share one stream.
  let sharesStream: Bool
  /// How much the server still takes on it, messages that wait to be sent, and replies as they come.
  var sharedWindow = 0
  var queued: [UInt8] = []
  var received: [UInt8] = []

  /// A frame that has not come whole.
  var partial: [UInt8] = []
  /// What is to be written to the socket.
  var output: ByteBuffer
  /// Places of the exchanges whose replies are complete. The owner takes and releases them.
  var ended: [Int] = []
  var resets: [Reset] = []

  /// Up to `streamCount` requests at once, or as many as the server allows; on one stream where they
  /// share it.
  init(
    _ block: RequestBlock, streamCount: Int, sharesStream: Bool = false, compresses: Bool = false,
    allocator: ByteBufferAllocator
  ) {
    self.block = block
    self.sharesStream = sharesStream
    self.compresses = compresses
    streamCountWanted = streamCount
    streamCountMax = streamCount
    var ringCount = 64
    while ringCount < streamCount * 4 { ringCount *= 2 }
    exchanges = Array(repeating: Exchange(), count: ringCount)
    output = allocator.buffer(capacity: 256)
    writePreface()
  }

  /// How many more requests may be sent now.
  var freeCount: Int { isReady && !isGoingAway ? streamCountMax - openCount : 0 }

  private func writePreface() {
    output.writeString("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    let settings: [(UInt16, UInt32)] = [(2, 0), (4, UInt32(Self.windowMax))]
    output.writeFrameHeader(FrameType.settings, stream: 0, payloadByteCount: settings.count * 6)
    for (name, value) in settings {
      output.writeInteger(name)
      output.writeInteger(value)
    }
    writeWindowUpdate(Self.windowMax - Self.defaultWindow)
  }

  func writeWindowUpdate(_ byteCount: Int, stream: UInt32 = 0) {
    output.writeFrameHeader(FrameType.windowUpdate, stream: stream, payloadByteCount: 4)
    output.writeInteger(UInt32(byteCount))
  }

  // MARK: Requests

  /// Sends a message with fresh correlation ids. There is a free stream.
  func send(_ message: PreparedMessage, index: Int, intended: UInt64) throws(Fault) {
    let place = sharesStream ? takeMessagePlace() : try takePlace()
    exchanges[place].message = index
    exchanges[place].number = nextNumber
    exchanges[place].intended = intended
    exchanges[place].body.removeAll(keepingCapacity: true)
    exchanges[place].body.append(contentsOf: message.bytes)
    for decision in message.idOffsets.indices {
      let id = PreparedMessage.correlationID(number: nextNumber, decision: decision)
      exchanges[place].body.store(id, at: message.idOffsets[decision])
    }
    if compresses {
      do throws(WireError) {
        try compressor.compress(&exchanges[place].body, .request)
      } catch {
        throw Fault(description: "a message cannot be compressed: \(error.code) at byte \(error.offset)")
      }
    }
    exchanges[place].sentCount = 0
    exchanges[place].window = initialStreamWindow
    exchanges[place].isOK = false
    exchanges[place].reply.removeAll(keepingCapacity: true)
    nextNumber += 1
    if sharesStream {
      openSharedStream()
      return queued.append(contentsOf: exchanges[place].body)
    }

    let fields = hasSentBlock ? block.further : block.first
    hasSentBlock = true
    output.writeFrameHeader(
      FrameType.headers, flags: FrameFlag.endHeaders, stream: exchanges[place].stream,
      payloadByteCount: fields.count)
    output.writeBytes(fields)
    if !sendBody(at: place) { blocked.append(place) }
  }

  private func takePlace() throws(Fault) -> Int {
    while true {
      guard nextStream < 0x7FFF_FFFF else {
        throw Fault(description: "the connection's stream numbers are used up; use more connections")
      }
      let place = self.place(of: nextStream)
      let stream = nextStream
      nextStream += 2
      if exchanges[place].stream == 0 {
        exchanges[place].stream = stream
        openCount += 1
        return place
      }
    }
  }

  func place(of stream: UInt32) -> Int { Int(stream >> 1) & (exchanges.count - 1) }

  /// Whether all of it could be sent.
  private func sendBody(at place: Int) -> Bool {
    while exchanges[place].sentCount < exchanges[place].body.count {
      let left = exchanges[place].body.count - exchanges[place].sentCount
      let room = min(sendWindow, exchanges[place].window)
      let count = min(left, min(room, peerFrameByteCountMax))
      guard count > 0 else { return false }
      output.writeFrameHeader(
        FrameType.data, flags: count == left ? FrameFlag.endStream : 0,
        stream: exchanges[place].stream, payloadByteCount: count)
      let start = exchanges[place].sentCount
      output.writeBytes(exchanges[place].body[start..<(start + count)])
      exchanges[place].sentCount += count
      exchanges[place].window -= count
      sendWindow -= count
    }
    return true
  }

  func sendBlocked() {
    if sharesStream { return writeMessages() }
    guard !blocked.isEmpty else { return }
    let waiting = blocked
    blocked.removeAll(keepingCapacity: true)
    for place in waiting where exchanges[place].stream != 0 {
      if sendWindow <= 0 || !sendBody(at: place) { blocked.append(place) }
    }
  }

  /// Makes room for the next request. The exchange's reply has been read.
  func release(_ place: Int) {
    exchanges[place].stream = 0
    openCount -= 1
  }
}

extension [UInt8] {
  /// Overwrites eight bytes, little-endian.
  fileprivate mutating func store(_ value: UInt64, at offset: Int) {
    precondition(offset >= 0 && offset <= count - 8)
    // SAFETY: in bounds by the line above.
    unsafe withUnsafeMutableBytes { bytes in
      unsafe bytes.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt64.self)
    }
  }
}
