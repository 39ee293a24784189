import CNghttp2

/// The nine bytes that every frame begins with (RFC 9113 4.1).
struct FrameHead: BitwiseCopyable {
  static let byteCount = 9

  /// Bytes of the payload, padding included.
  var payloadByteCount: Int
  var type: UInt8
  var flags: UInt8
  /// Without the reserved bit.
  var stream: UInt32

  /// Reads the head at `offset`, behind which there must be as many bytes as it has.
  @inline(__always)
  init(_ bytes: Span<UInt8>, at offset: Int) {
    precondition(offset >= 0 && offset + Self.byteCount <= bytes.count)
    // SAFETY: the line above; an integer has no invalid bit pattern.
    let first = unsafe UInt64(
      bigEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    payloadByteCount = Int(first >> 40)
    type = UInt8(truncatingIfNeeded: first >> 32)
    flags = UInt8(truncatingIfNeeded: first >> 24)
    let stream = UInt32(truncatingIfNeeded: first << 8) | UInt32(bytes[offset + 8])
    self.stream = stream & 0x7FFF_FFFF
  }

  /// The head as it is sent.
  var bytes: InlineArray<9, UInt8> {
    func byte(_ value: UInt32, _ place: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: value &>> (8 &* place)) }
    let length = UInt32(truncatingIfNeeded: payloadByteCount)
    return [
      byte(length, 2), byte(length, 1), byte(length, 0), type, flags,
      byte(stream, 3), byte(stream, 2), byte(stream, 1), byte(stream, 0),
    ]
  }

  var endsStream: Bool { UInt32(flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0 }
  var endsHeaders: Bool { UInt32(flags) & NGHTTP2_FLAG_END_HEADERS.rawValue != 0 }
  var isAcknowledgement: Bool { UInt32(flags) & NGHTTP2_FLAG_ACK.rawValue != 0 }
  /// A frame of headers, all of a head, behind which data comes.
  var beginsWholeHeaders: Bool {
    let ends = UInt32(flags) & (NGHTTP2_FLAG_END_HEADERS.rawValue | NGHTTP2_FLAG_END_STREAM.rawValue)
    return UInt32(type) == NGHTTP2_HEADERS.rawValue && ends == NGHTTP2_FLAG_END_HEADERS.rawValue
  }
  /// A frame of data, the last of its stream, without padding.
  var isLastData: Bool {
    let marks = UInt32(flags) & (NGHTTP2_FLAG_PADDED.rawValue | NGHTTP2_FLAG_END_STREAM.rawValue)
    return UInt32(type) == NGHTTP2_DATA.rawValue && marks == NGHTTP2_FLAG_END_STREAM.rawValue
  }
  /// A frame of headers that is all of a header block and nothing else.
  var isWholeBlock: Bool {
    let marks = UInt32(flags) &
      (NGHTTP2_FLAG_END_HEADERS.rawValue | NGHTTP2_FLAG_PADDED.rawValue | NGHTTP2_FLAG_PRIORITY.rawValue)
    return UInt32(type) == NGHTTP2_HEADERS.rawValue && marks == NGHTTP2_FLAG_END_HEADERS.rawValue
  }
  /// A frame of a header block, PUSH_PROMISE's too: that libnghttp2 takes none from a client only it knows.
  var isOfHeaders: Bool {
    switch nghttp2_frame_type(UInt32(type)) {
    case NGHTTP2_HEADERS, NGHTTP2_CONTINUATION, NGHTTP2_PUSH_PROMISE: true
    default: false
    }
  }
  var isGoAway: Bool { UInt32(type) == NGHTTP2_GOAWAY.rawValue }
  var isPadded: Bool { UInt32(flags) & NGHTTP2_FLAG_PADDED.rawValue != 0 }
}
