import HTTP2
import TestSupport
import Testing

@Suite struct ResponseHeaderTests {
  /// The headers of a response whose head has one more, as they arrive.
  private static func sent(_ headers: borrowing HeaderList) throws -> [HeaderField] {
    let session = try TestSession()
    try session.receive(RawRequest("GET", "/").frames(on: 1))
    let stream = try #require(session.session.takeRequest())
    session.session.respond(
      to: stream, ResponseHead(status: 403, [("content-type", "text/plain")]), headers)
    session.takeOutput()
    return try #require(session.responses[1]).headers
  }

  @Test func `headers arrive in order behind the head's own`() throws {
    var headers = HeaderList()
    headers.append("a", "1")
    headers.append("b", [0x32].span)
    headers.append("c", Array("Name_1/é".utf8).span, [0x33].span)
    #expect(
      try Self.sent(headers) == [
        HeaderField(":status", "403"), HeaderField("content-type", "text/plain"),
        HeaderField("a", "1"), HeaderField("b", "2"), HeaderField("c-name-1---", "3"),
      ])
    headers.removeAll()
    #expect(try Self.sent(headers).count == 2)
  }

  @Test func `a value cannot end its header, and has no space at its ends`() throws {
    var headers = HeaderList()
    for byte in 0...0xFF as ClosedRange<UInt8> {
      headers.removeAll()
      headers.append("a", [byte, 0x78, byte, 0x79, byte].span)
      let value = try #require(try Self.sent(headers).last).value
      if byte <= 0x20 || byte == 0x7F {
        #expect(value == [0x78, 0x20, 0x79], "\(byte)")
      } else {
        #expect(value == [byte, 0x78, byte, 0x79, byte], "\(byte)")
      }
    }
    headers.removeAll()
    headers.append("a", Array(" \r\n\t".utf8).span)
    #expect(try Self.sent(headers).last == HeaderField("a", ""))
  }
}
