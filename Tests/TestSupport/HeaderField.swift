/// One header, its value as bytes: tests send what is no text as well.
public struct HeaderField: Equatable, Sendable {
  public var name: String
  public var value: [UInt8]

  public init(_ name: String, _ value: String) { self.init(name, Array(value.utf8)) }

  public init(_ name: String, _ value: [UInt8]) {
    self.name = name
    self.value = value
  }

  /// As an HPACK literal without indexing or Huffman coding (RFC 7541 6.2.2).
  public var encoded: [UInt8] {
    [0] + Self.string(Array(name.utf8)) + Self.string(value)
  }

  /// As above, what the static table has in a reference to it.
  public var encodedByStaticTable: [UInt8] {
    switch (name, String(decoding: value, as: UTF8.self)) {
    case (":method", "GET"): [0x82]
    case (":method", "POST"): [0x83]
    case (":scheme", "http"): [0x86]
    case (":authority", _): [0x01] + Self.string(value)
    case (":path", _): [0x04] + Self.string(value)
    case ("content-type", _): [0x0F, 0x10] + Self.string(value)
    default: encoded
    }
  }

  private static func string(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count >= 127 else { return [UInt8(bytes.count)] + bytes }
    var encoded: [UInt8] = [127]
    var rest = bytes.count - 127
    while rest >= 128 {
      encoded.append(UInt8(rest % 128) | 0x80)
      rest /= 128
    }
    return encoded + [UInt8(rest)] + bytes
  }
}
