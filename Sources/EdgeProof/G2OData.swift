import Signals
import Wire

/// The six parts of a G2O `auth-data` header: `5, 88.221.93.12, 91.52.154.64, 1425914708, 13.9, key-1`.
///
/// Separators are a comma and one space; anything else is malformed, since all of it is signed.
public struct G2OData: BitwiseCopyable, Equatable, Sendable {
  /// LIMIT: two IPv6 addresses, two long numbers and a key id.
  public static let byteCountMax = 512

  public var algorithm: G2OAlgorithm
  /// Where the edge's and the user's address lie.
  public var edgeAddress: ByteRange
  public var clientAddress: ByteRange
  /// Seconds since 1970.
  public var time: UInt64
  /// What the edge calls the request: digits around a point where it was seen, and opaque.
  public var uniqueID: ByteRange
  /// Which key signed it. The header calls it a nonce; it is the same for every request.
  public var keyID: ByteRange

  /// Throws the offset of the first byte that the grammar does not allow.
  public init(scanning text: Span<UInt8>) throws(G2OMalformed) {
    guard text.count <= Self.byteCountMax else {
      throw G2OMalformed(part: .version, offset: Self.byteCountMax)
    }
    var cursor = G2OCursor(text: text)
    let version = try cursor.part(.version)
    guard version.count == 1,
      let algorithm = G2OAlgorithm(rawValue: text[version.start] &- UInt8(ascii: "0"))
    else { throw G2OMalformed(part: .version, offset: version.start) }
    self.algorithm = algorithm
    edgeAddress = try cursor.address(.edgeAddress)
    clientAddress = try cursor.address(.clientAddress)
    time = try cursor.time()
    uniqueID = try cursor.uniqueID()
    keyID = try cursor.keyID()
  }
}

/// Where an `auth-data` header breaks its grammar.
public struct G2OMalformed: Error, Equatable, Sendable {
  public enum Part: String, Sendable {
    case version, edgeAddress, clientAddress, time, uniqueID, keyID
  }

  public var part: Part
  /// In bytes from the header's first.
  public var offset: Int

  public init(part: Part, offset: Int) {
    self.part = part
    self.offset = offset
  }
}

private struct G2OCursor: ~Escapable {
  let text: Span<UInt8>
  var offset = 0

  @_lifetime(copy text)
  init(text: Span<UInt8>) { self.text = text }

  /// The bytes up to the next separator, which is stepped over.
  @_lifetime(self: copy self)
  mutating func part(_ part: G2OMalformed.Part) throws(G2OMalformed) -> ByteRange {
    let start = offset
    while offset < text.count, text[offset] != UInt8(ascii: ",") { offset += 1 }
    guard offset > start, offset + 1 < text.count, text[offset + 1] == UInt8(ascii: " ") else {
      throw G2OMalformed(part: part, offset: min(offset, text.count))
    }
    let range = ByteRange(offset: start, count: offset - start)
    offset += 2
    return range
  }

  @_lifetime(self: copy self)
  mutating func address(_ part: G2OMalformed.Part) throws(G2OMalformed) -> ByteRange {
    let range = try self.part(part)
    guard parseAddress(text, range) != nil else {
      throw G2OMalformed(part: part, offset: range.start)
    }
    return range
  }

  @_lifetime(self: copy self)
  mutating func time() throws(G2OMalformed) -> UInt64 {
    let range = try part(.time)
    // LIMIT: 12 digits are the year 33,658.
    guard range.count <= 12 else { throw G2OMalformed(part: .time, offset: range.start) }
    var seconds: UInt64 = 0
    for index in range.start..<range.end {
      guard isDigit(text[index]) else { throw G2OMalformed(part: .time, offset: index) }
      seconds = seconds * 10 + UInt64(text[index] - UInt8(ascii: "0"))
    }
    return seconds
  }

  @_lifetime(self: copy self)
  mutating func uniqueID() throws(G2OMalformed) -> ByteRange {
    let range = try part(.uniqueID)
    try checkVisible(range, .uniqueID)
    return range
  }

  /// All the rest.
  @_lifetime(self: copy self)
  mutating func keyID() throws(G2OMalformed) -> ByteRange {
    let range = ByteRange(offset: offset, count: text.count - offset)
    guard !range.isEmpty else { throw G2OMalformed(part: .keyID, offset: offset) }
    try checkVisible(range, .keyID)
    return range
  }

  /// Printable ASCII without a space or a comma.
  private func checkVisible(
    _ range: ByteRange, _ part: G2OMalformed.Part
  ) throws(G2OMalformed) {
    for index in range.start..<range.end {
      guard text[index] > 0x20, text[index] < 0x7F, text[index] != UInt8(ascii: ",") else {
        throw G2OMalformed(part: part, offset: index)
      }
    }
  }

  private func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }
}
