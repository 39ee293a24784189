import EdgeProof
import Testing
import Wire

struct G2ODataTests {
  private func scan(_ text: String) throws -> G2OData {
    let bytes = Array(text.utf8)
    return try G2OData(scanning: bytes.span)
  }

  private func text(_ range: ByteRange, of text: String) -> String {
    String(decoding: Array(text.utf8)[range.start..<range.end], as: UTF8.self)
  }

  @Test func `IPv6 addresses are addresses`() throws {
    let header = "5, 2001:db8::c0FF, ::ffff:1.2.3.4, 1425914708, 1.2, key-1"
    let data = try scan(header)
    #expect(data.algorithm == .hmacSHA256)
    #expect(text(data.edgeAddress, of: header) == "2001:db8::c0FF")
    #expect(text(data.clientAddress, of: header) == "::ffff:1.2.3.4")
    #expect(data.time == 1_425_914_708)
    #expect(text(data.uniqueID, of: header) == "1.2")
    #expect(text(data.keyID, of: header) == "key-1")
  }

  @Test(arguments: [
    ("", G2OMalformed.Part.version, 0),
    ("5", .version, 1),
    ("6, 1.2.3.4, 1.2.3.4, 1, 1.2, k", .version, 0),
    ("0, 1.2.3.4, 1.2.3.4, 1, 1.2, k", .version, 0),
    ("55, 1.2.3.4, 1.2.3.4, 1, 1.2, k", .version, 0),
    ("5,1.2.3.4, 1.2.3.4, 1, 1.2, k", .version, 1),
    ("5,  1.2.3.4, 1.2.3.4, 1, 1.2, k", .edgeAddress, 3),
    (" 5, 1.2.3.4, 1.2.3.4, 1, 1.2, k", .version, 0),
    ("5, 1.2.3, 1.2.3.4, 1, 1.2, k", .edgeAddress, 3),
    ("5, 1.2.3.4 , 1.2.3.4, 1, 1.2, k", .edgeAddress, 3),
    ("5, 1.2.3.4, host, 1, 1.2, k", .clientAddress, 12),
    ("5, 1.2.3.4, 1.2.3.4, -1, 1.2, k", .time, 21),
    ("5, 1.2.3.4, 1.2.3.4, 1234567890123, 1.2, k", .time, 21),
    ("5, 1.2.3.4, 1.2.3.4, , 1.2, k", .time, 21),
    ("5, 1.2.3.4, 1.2.3.4, 1, 1 2, k", .uniqueID, 25),
    ("5, 1.2.3.4, 1.2.3.4, 1, , k", .uniqueID, 24),
    ("5, 1.2.3.4, 1.2.3.4, 1, 1.2, ", .keyID, 29),
    ("5, 1.2.3.4, 1.2.3.4, 1, 1.2,", .uniqueID, 27),
    ("5, 1.2.3.4, 1.2.3.4, 1, 1.2, k k", .keyID, 30),
    ("5, 1.2.3.4, 1.2.3.4, 1, 1.2, k, k", .keyID, 30),
    ("5, 1.2.3.4, 1.2.3.4, 1, 1.2, k ", .keyID, 30),
    ("5, 1.2.3.4, 1.2.3.4, 1, 1.2, k\u{7F}", .keyID, 30),
  ])
  func `what the grammar does not allow is malformed`(
    header: String, part: G2OMalformed.Part, offset: Int
  ) {
    #expect(throws: G2OMalformed(part: part, offset: offset)) { try scan(header) }
  }

  @Test func `a unique id is opaque`() throws {
    let header = "5, 1.2.3.4, 1.2.3.4, 1, 0a/f=, k"
    #expect(text(try scan(header).uniqueID, of: header) == "0a/f=")
  }

  @Test func `a header beyond the limit is malformed`() {
    let long = "5, 1.2.3.4, 1.2.3.4, 1, 1.2, " + String(repeating: "k", count: 600)
    #expect(throws: G2OMalformed.self) { try scan(long) }
  }

  @Test func `no prefix of a header is one, but of its key id`() throws {
    let header = "5, 1.2.3.4, 1.2.3.4, 1, 1.2, k"
    for count in 0..<header.utf8.count {
      #expect(throws: G2OMalformed.self) { try scan(String(header.prefix(count))) }
    }
    #expect(throws: Never.self) { try scan(header) }
  }
}
