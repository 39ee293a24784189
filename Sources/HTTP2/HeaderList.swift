import CNghttp2
import Wire

/// Headers of one response, built while answering. One a session: it is emptied and used again.
public struct HeaderList: ~Copyable {
  var bytes = ByteWriter(capacity: 1024)
  var fields: [HeaderRange] = []

  public init() {}

  public mutating func removeAll() {
    bytes.removeAll()
    fields.removeAll(keepingCapacity: true)
  }

  /// Appends a header. In the value, control bytes (which would break the header) become spaces,
  /// and spaces at its ends (which clients refuse: RFC 9113 8.2.1) are left out. The name must be
  /// lower-case.
  public mutating func append(_ name: StaticString, _ value: Span<UInt8>) {
    append(name, Span(), value)
  }

  public mutating func append(_ name: StaticString, _ value: String) {
    append(name, value.utf8Span.span)
  }

  /// Appends a header whose value `write` writes: visible ASCII, without spaces at its ends.
  public mutating func append(_ name: StaticString, writing write: (inout ByteWriter) -> Void) {
    let start = bytes.count
    bytes.append(name)
    let valueStart = bytes.count
    write(&bytes)
    add(from: start, valueStart)
  }

  /// Appends a header named `prefix-suffix`. In the suffix, capitals become small and what is no
  /// letter, digit or hyphen becomes a hyphen.
  public mutating func append(
    _ prefix: StaticString, _ suffix: Span<UInt8>, _ value: Span<UInt8>
  ) {
    let nameStart = bytes.count
    bytes.append(prefix)
    if suffix.count > 0 { bytes.append(UInt8(ascii: "-")) }
    for index in suffix.indices { bytes.append(Self.nameByte(suffix[index])) }
    let valueStart = bytes.count
    for index in Self.trimmed(value) {
      let byte = value[index]
      bytes.append(Self.isSpace(byte) ? UInt8(ascii: " ") : byte)
    }
    add(from: nameStart, valueStart)
  }

  private mutating func add(from start: Int, _ valueStart: Int) {
    fields.append(
      HeaderRange(
        name: ByteRange(offset: start, count: valueStart - start),
        value: ByteRange(offset: valueStart, count: bytes.count - valueStart)))
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte <= 0x20 || byte == 0x7F }

  /// Where a value lies without the spaces and control bytes at its ends.
  private static func trimmed(_ value: Span<UInt8>) -> Range<Int> {
    var start = 0
    var end = value.count
    while start < end, isSpace(value[start]) { start += 1 }
    while end > start, isSpace(value[end - 1]) { end -= 1 }
    return start..<end
  }

  private static func nameByte(_ byte: UInt8) -> UInt8 {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
    default: UInt8(ascii: "-")
    }
  }
}
