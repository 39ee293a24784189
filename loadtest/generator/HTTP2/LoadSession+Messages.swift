import NIOCore
import Wire

/// Many messages on one stream (`/v1/stream`, proto-spec 2.6), as a gateway sends them: what is due
/// together leaves in full DATA frames, and each reply is brought to its exchange by the number in
/// its correlation ids.
///
/// INVARIANT (message-ring): the exchange of message `n` is at `n % ring size`. A number whose place
/// is still taken is left out.
extension LoadSession {
  /// The stream that all messages of a connection share.
  static let sharedStream: UInt32 = 1

  /// Takes a free place for the next message. There is one: the ring is larger than what may be open.
  func takeMessagePlace() -> Int {
    while exchanges[place(ofMessage: nextNumber)].stream != 0 { nextNumber += 1 }
    let place = place(ofMessage: nextNumber)
    exchanges[place].stream = Self.sharedStream
    openCount += 1
    return place
  }

  private func place(ofMessage number: UInt64) -> Int {
    Int(truncatingIfNeeded: number) & (exchanges.count - 1)
  }

  /// Opens the shared stream, once.
  func openSharedStream() {
    guard !hasSentBlock else { return }
    hasSentBlock = true
    sharedWindow = initialStreamWindow
    output.writeFrameHeader(
      FrameType.headers, flags: FrameFlag.endHeaders, stream: Self.sharedStream,
      payloadByteCount: block.first.count)
    output.writeBytes(block.first)
  }

  /// Writes queued messages as DATA frames, as far as the windows reach.
  func writeMessages() {
    var start = 0
    while start < queued.count {
      let room = min(min(sendWindow, sharedWindow), peerFrameByteCountMax)
      let count = min(queued.count - start, room)
      guard count > 0 else { break }
      output.writeFrameHeader(FrameType.data, stream: Self.sharedStream, payloadByteCount: count)
      output.writeBytes(queued[start..<(start + count)])
      start += count
      sendWindow -= count
      sharedWindow -= count
    }
    queued.removeFirst(start)
  }

  /// Takes whole messages off what the server has sent on the shared stream.
  func receiveMessages() throws(Fault) {
    var taken = 0
    defer { received.removeFirst(taken) }
    while received.count - taken >= MessageHeader.byteCount {
      let byteCount = MessageHeader.byteCount + number(at: taken + 4, byteCount: 4)
      guard received.count - taken >= byteCount else { return }
      let message = received[taken..<(taken + byteCount)]
      let isError = received[taken + 1] == MessageKind.error.rawValue
      let place = isError ? firstUnanswered() : place(ofReplyAt: taken, byteCount: byteCount)
      guard let place, exchanges[place].stream != 0 else {
        throw Fault(description: "the server answered on the stream what was not asked")
      }
      exchanges[place].isOK = !isError
      exchanges[place].reply.append(contentsOf: message)
      ended.append(place)
      taken += byteCount
    }
  }

  private func place(ofReplyAt start: Int, byteCount: Int) -> Int? {
    // A decision reply's id stands behind its length and its verdicts (proto-spec 5.1).
    guard byteCount >= MessageHeader.byteCount + 16 else { return nil }
    let id = number(at: start + MessageHeader.byteCount + 8, byteCount: 8)
    return place(ofMessage: UInt64(bitPattern: Int64(id)) >> 10)
  }

  /// A refused message is the first one without an answer.
  private func firstUnanswered() -> Int? {
    exchanges.indices.filter { exchanges[$0].stream != 0 }
      .min { exchanges[$0].number < exchanges[$1].number }
  }

  private func number(at offset: Int, byteCount: Int) -> Int {
    (0..<byteCount).reversed().reduce(0) { $0 << 8 | Int(received[offset + $1]) }
  }
}
