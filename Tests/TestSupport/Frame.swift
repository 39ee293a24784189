/// One HTTP/2 frame (RFC 9113 4.1), as bytes that a test may cut, reorder or spoil.
public struct Frame: Equatable, Sendable {
  public enum Kind: UInt8, Sendable {
    case data, headers, priority, rstStream, settings, pushPromise, ping, goAway, windowUpdate
    case continuation
  }

  public static let headerByteCount = 9
  public static let endStream: UInt8 = 0x1
  public static let acknowledgement: UInt8 = 0x1
  public static let endHeaders: UInt8 = 0x4
  /// What a client says first (RFC 9113 3.4).
  public static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  public var kind: Kind
  public var flags: UInt8
  public var stream: UInt32
  public var payload: [UInt8]

  public init(_ kind: Kind, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) {
    self.kind = kind
    self.flags = flags
    self.stream = stream
    self.payload = payload
  }

  public var bytes: [UInt8] {
    let count = UInt32(payload.count)
    return [
      UInt8(count >> 16), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF), kind.rawValue, flags,
    ]
      + bigEndian(stream) + payload
  }

  /// Takes the first whole frame off `bytes`; `nil` when there is none yet. Frames of a kind that
  /// RFC 9113 does not define are taken off and left out.
  public static func take(from bytes: inout [UInt8]) -> Frame? {
    while bytes.count >= headerByteCount {
      let end = headerByteCount + Int(bytes[0]) << 16 + Int(bytes[1]) << 8 + Int(bytes[2])
      guard bytes.count >= end else { return nil }
      defer { bytes.removeFirst(end) }
      guard let kind = Kind(rawValue: bytes[3]) else { continue }
      return Frame(
        kind, flags: bytes[4], stream: number(bytes[5..<9]) & 0x7FFF_FFFF,
        Array(bytes[headerByteCount..<end]))
    }
    return nil
  }

  // MARK: Common frames

  public static func settings(_ entries: [(id: UInt16, value: UInt32)] = []) -> Frame {
    Frame(
      .settings, entries.flatMap { [UInt8($0.id >> 8), UInt8($0.id & 0xFF)] + bigEndian($0.value) })
  }

  public static func reset(_ stream: UInt32, code: UInt32 = 8) -> Frame {
    Frame(.rstStream, stream: stream, bigEndian(code))
  }

  /// The bytes of a frame of a type that RFC 9113 does not define.
  public static func unknown(
    type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []
  ) -> [UInt8] {
    var bytes = Frame(.data, flags: flags, stream: stream, payload).bytes
    bytes[3] = type
    return bytes
  }

  public static func ping(_ payload: UInt64 = 0, flags: UInt8 = 0) -> Frame {
    Frame(.ping, flags: flags, (0..<8).map { UInt8(truncatingIfNeeded: payload >> (56 - 8 * $0)) })
  }

  public static func windowUpdate(_ stream: UInt32, _ increment: UInt32) -> Frame {
    Frame(.windowUpdate, stream: stream, bigEndian(increment))
  }
}

func bigEndian(_ number: UInt32) -> [UInt8] {
  (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
}

/// A big-endian number of up to four bytes.
func number(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }
