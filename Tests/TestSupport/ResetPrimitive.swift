/// What makes a server reset a stream, by RFC 9113 or by libnghttp2 (CVE-2025-8671). Each is a request of
/// its own: the connection may go on behind it. The last two are answered before their end, and then reset.
public enum ResetPrimitive: String, CaseIterable, Sendable {
  case windowOverflow, upperCaseName, emptyName, connectionHeader, wrongTE, noPath, twoPaths
  case bodyTooLong, bodyTooShort, pseudoHeaderLate, lineFeedInValue, noScheme, emptyPath, responseStatus
  case pseudoHeaderInTrailers, wrongMethod, wrongContentType

  public func frames(on stream: UInt32) -> [Frame] {
    func post(_ headers: [HeaderField], body: [UInt8] = [1]) -> [Frame] {
      RawRequest("POST", "/v1/ping", headers, body: body).frames(on: stream)
    }
    func block(_ fields: [HeaderField]) -> [Frame] {
      let flags = Frame.endHeaders | Frame.endStream
      return [Frame(.headers, flags: flags, stream: stream, fields.flatMap(\.encoded))]
    }
    let method = HeaderField(":method", "GET")
    let scheme = HeaderField(":scheme", "http")
    let path = HeaderField(":path", "/")
    return switch self {
    case .windowOverflow:
      RawRequest("POST", "/v1/ping").headerFrames(on: stream, endStream: false)
        + [.windowUpdate(stream, 0x7FFF_FFFF)]
    case .upperCaseName: post([HeaderField("X-Name", "1")])
    case .emptyName: post([HeaderField("", "1")])
    case .connectionHeader: post([HeaderField("connection", "close")])
    case .wrongTE: post([HeaderField("te", "gzip")])
    case .noPath: block([method, scheme])
    case .twoPaths: block([method, scheme, path, path])
    case .bodyTooLong: post([HeaderField("content-length", "1")], body: [1, 2])
    case .bodyTooShort: post([HeaderField("content-length", "9")])
    case .pseudoHeaderLate: post([HeaderField("x", "1"), path])
    case .lineFeedInValue: post([HeaderField("x", "a\nb")])
    case .noScheme: block([method, path])
    case .emptyPath: block([method, scheme, HeaderField(":path", "")])
    case .responseStatus: block([method, scheme, path, HeaderField(":status", "200")])
    case .pseudoHeaderInTrailers:
      post([]).dropLast() + [Frame(.data, stream: stream, [1])] + block([path])
    case .wrongMethod: RawRequest("GET", "/v1/stream").headerFrames(on: stream, endStream: false)
    case .wrongContentType: RawRequest("POST", "/v1/stream").headerFrames(on: stream, endStream: false)
    }
  }
}
