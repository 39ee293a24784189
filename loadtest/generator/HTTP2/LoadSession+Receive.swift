import NIOCore

/// Bytes from the server.
extension LoadSession {
  func receive(_ bytes: Span<UInt8>) throws(Fault) {
    if partial.isEmpty {
      let taken = try receiveFrames(bytes)
      if taken < bytes.count { partial.append(bytes.extracting(taken..<bytes.count)) }
    } else {
      var joined: [UInt8] = []
      swap(&joined, &partial)
      joined.append(bytes)
      joined.removeFirst(try receiveFrames(joined.span))
      swap(&joined, &partial)
    }
  }

  /// Takes all whole frames; returns how many bytes they have.
  private func receiveFrames(_ bytes: Span<UInt8>) throws(Fault) -> Int {
    var offset = 0
    while bytes.count - offset >= FrameHeader.byteCount {
      let frame = FrameHeader(bytes, at: offset)
      guard frame.payloadByteCount <= Self.frameByteCountMax else {
        throw Fault(description: "the server does not speak HTTP/2, or sent too large a frame")
      }
      let start = offset + FrameHeader.byteCount
      guard bytes.count - start >= frame.payloadByteCount else { break }
      try receive(frame, bytes.extracting(start..<(start + frame.payloadByteCount)))
      offset = start + frame.payloadByteCount
    }
    return offset
  }

  private func receive(_ frame: FrameHeader, _ payload: Span<UInt8>) throws(Fault) {
    switch frame.type {
    case FrameType.data: try receiveData(frame, payload)
    case FrameType.headers: try receiveHeaders(frame, payload)
    case FrameType.reset where sharesStream:
      throw Fault(description: "the server reset the stream that messages share")
    case FrameType.reset:
      guard payload.count == 4, let place = openPlace(of: frame.stream) else { return }
      resets.append(Reset(place: place, code: payload.bigEndian32(at: 0)))
    case FrameType.settings: try receiveSettings(frame, payload)
    case FrameType.ping where frame.flags & FrameFlag.acknowledge == 0:
      output.writeFrameHeader(
        FrameType.ping, flags: FrameFlag.acknowledge, stream: 0, payloadByteCount: payload.count)
      for index in payload.indices { output.writeInteger(payload[index]) }
    case FrameType.goAway: isGoingAway = true
    case FrameType.windowUpdate:
      guard payload.count == 4 else { throw Fault(description: "a WINDOW_UPDATE has not 4 bytes") }
      let increment = Int(payload.bigEndian32(at: 0) & 0x7FFF_FFFF)
      if frame.stream == 0 {
        sendWindow += increment
      } else if sharesStream {
        sharedWindow += increment
      } else if let place = openPlace(of: frame.stream) {
        exchanges[place].window += increment
      }
      sendBlocked()
    default: break
    }
  }

  private func openPlace(of stream: UInt32) -> Int? {
    let place = place(of: stream)
    return exchanges[place].stream == stream && stream != 0 ? place : nil
  }

  private func receiveData(_ frame: FrameHeader, _ payload: Span<UInt8>) throws(Fault) {
    receivedSinceUpdate += payload.count
    if receivedSinceUpdate > Self.windowMax / 2 {
      writeWindowUpdate(receivedSinceUpdate)
      if sharesStream { writeWindowUpdate(receivedSinceUpdate, stream: Self.sharedStream) }
      receivedSinceUpdate = 0
    }
    if sharesStream {
      received.append(payload.extracting(try unpadded(frame, payload, fixedByteCount: 0)))
      try receiveMessages()
      guard frame.flags & FrameFlag.endStream == 0 || !ended.isEmpty else {
        throw Fault(description: "the server ended the stream that messages share")
      }
      return
    }
    guard let place = openPlace(of: frame.stream) else { return }
    let range = try unpadded(frame, payload, fixedByteCount: 0)
    exchanges[place].reply.append(payload.extracting(range))
    if frame.flags & FrameFlag.endStream != 0 { ended.append(place) }
  }

  private func receiveHeaders(_ frame: FrameHeader, _ payload: Span<UInt8>) throws(Fault) {
    if sharesStream {
      guard !payload.isEmpty, payload[0] == 0x80 | 8 else {
        throw Fault(description: "the server has no stream for messages here; its status is not 200")
      }
      return
    }
    guard let place = openPlace(of: frame.stream) else { return }
    let priority = frame.flags & FrameFlag.priority != 0 ? 5 : 0
    let range = try unpadded(frame, payload, fixedByteCount: priority)
    // The status is the first field; `:status: 200` is 8 in the static table.
    if !range.isEmpty, exchanges[place].reply.isEmpty, payload[range.lowerBound] == 0x80 | 8 {
      exchanges[place].isOK = true
    }
    if frame.flags & FrameFlag.endStream != 0 { ended.append(place) }
  }

  private func unpadded(
    _ frame: FrameHeader, _ payload: Span<UInt8>, fixedByteCount: Int
  ) throws(Fault) -> Range<Int> {
    guard frame.flags & FrameFlag.padded != 0 else {
      guard payload.count >= fixedByteCount else { throw Fault(description: "a frame is too short") }
      return fixedByteCount..<payload.count
    }
    guard payload.count > fixedByteCount + (payload.isEmpty ? 0 : Int(payload[0])) else {
      throw Fault(description: "a frame's padding is longer than the frame")
    }
    return (1 + fixedByteCount)..<(payload.count - Int(payload[0]))
  }

  private func receiveSettings(_ frame: FrameHeader, _ payload: Span<UInt8>) throws(Fault) {
    guard frame.flags & FrameFlag.acknowledge == 0 else { return }
    for offset in stride(from: 0, to: payload.count - 5, by: 6) {
      let name = UInt16(payload[offset]) << 8 | UInt16(payload[offset + 1])
      let value = payload.bigEndian32(at: offset + 2)
      switch name {
      case 1 where value < 4096:
        throw Fault(description: "the server's HPACK table is smaller than 4,096 bytes")
      // Messages that share a stream are as many as its window takes.
      case 3 where !sharesStream: streamCountMax = min(streamCountWanted, Int(value))
      case 4:
        // Open streams move by the difference (RFC 9113 6.9.2).
        let difference = Int(value) - initialStreamWindow
        initialStreamWindow = Int(value)
        sharedWindow += difference
        for place in exchanges.indices where exchanges[place].stream != 0 {
          exchanges[place].window += difference
        }
      case 5: peerFrameByteCountMax = min(Int(value), Self.frameByteCountMax)
      default: break
      }
    }
    output.writeFrameHeader(
      FrameType.settings, flags: FrameFlag.acknowledge, stream: 0, payloadByteCount: 0)
    isReady = true
    sendBlocked()
  }
}

extension [UInt8] {
  mutating func append(_ bytes: Span<UInt8>) {
    // SAFETY: copied before the closure returns.
    unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }
}
