import NIOCore

/// The frames that a load generator meets (RFC 9113 6).
enum FrameType {
  static let data: UInt8 = 0
  static let headers: UInt8 = 1
  static let reset: UInt8 = 3
  static let settings: UInt8 = 4
  static let ping: UInt8 = 6
  static let goAway: UInt8 = 7
  static let windowUpdate: UInt8 = 8
}

/// Frame flags.
enum FrameFlag {
  static let endStream: UInt8 = 0x1
  static let acknowledge: UInt8 = 0x1
  static let endHeaders: UInt8 = 0x4
  static let padded: UInt8 = 0x8
  static let priority: UInt8 = 0x20
}

/// The nine bytes in front of a frame's payload.
struct FrameHeader {
  static let byteCount = 9

  var payloadByteCount: Int
  var type: UInt8
  var flags: UInt8
  var stream: UInt32

  /// Reads the header at an offset that has nine bytes behind it.
  init(_ bytes: Span<UInt8>, at offset: Int) {
    payloadByteCount =
      Int(bytes[offset]) << 16 | Int(bytes[offset + 1]) << 8 | Int(bytes[offset + 2])
    type = bytes[offset + 3]
    flags = bytes[offset + 4]
    stream = bytes.bigEndian32(at: offset + 5) & 0x7FFF_FFFF
  }
}

extension Span where Element == UInt8 {
  func bigEndian32(at offset: Int) -> UInt32 {
    UInt32(self[offset]) << 24 | UInt32(self[offset + 1]) << 16 | UInt32(self[offset + 2]) << 8
      | UInt32(self[offset + 3])
  }
}

extension ByteBuffer {
  mutating func writeFrameHeader(
    _ type: UInt8, flags: UInt8 = 0, stream: UInt32, payloadByteCount: Int
  ) {
    writeInteger(UInt32(payloadByteCount) << 8 | UInt32(type))
    writeInteger(flags)
    writeInteger(stream)
  }
}
