/// A request as a test sends it, right or wrong.
public struct RawRequest: Equatable, Sendable {
  public var method: String
  public var path: String
  public var headers: [HeaderField]
  public var body: [UInt8]

  public init(
    _ method: String, _ path: String, _ headers: [HeaderField] = [], body: [UInt8] = []
  ) {
    self.method = method
    self.path = path
    self.headers = headers
    self.body = body
  }

  /// `POST /v1/decide` of a message.
  public static func decide(_ message: [UInt8]) -> RawRequest {
    RawRequest(
      "POST", "/v1/decide", [HeaderField("content-type", "application/vnd.postern.v1")],
      body: message)
  }

  /// `POST /v1/stream` of messages, one behind the other.
  public static func stream(_ messages: [[UInt8]] = []) -> RawRequest {
    RawRequest(
      "POST", "/v1/stream", [HeaderField("content-type", "application/vnd.postern.v1")],
      body: messages.flatMap { $0 })
  }

  /// `GET /v1/check/` of a trigger, and what follows it.
  public static func check(
    _ trigger: String, _ headers: [HeaderField] = [], method: String = "GET"
  ) -> RawRequest {
    RawRequest(method, "/v1/check/" + trigger, headers)
  }

  /// Its header block (RFC 7541): as most clients', with references to the static table.
  public var headerBlock: [UInt8] {
    let pseudo = [
      HeaderField(":method", method), HeaderField(":scheme", "http"), HeaderField(":path", path),
      HeaderField(":authority", "postern.example"),
    ]
    return (pseudo + headers).flatMap(\.encodedByStaticTable)
  }

  /// All its frames, without regard to flow control. Blocks and bodies are cut to `frameByteCount`.
  public func frames(on stream: UInt32, frameByteCount: Int = 16_384) -> [Frame] {
    headerFrames(on: stream, endStream: body.isEmpty, frameByteCount: frameByteCount)
      + dataFrames(on: stream, frameByteCount: frameByteCount)
  }

  public func headerFrames(
    on stream: UInt32, endStream: Bool, frameByteCount: Int = 16_384
  ) -> [Frame] {
    let parts = headerBlock.chunks(of: frameByteCount)
    return parts.enumerated().map { index, part in
      var flags: UInt8 = index == parts.count - 1 ? Frame.endHeaders : 0
      if index == 0, endStream { flags |= Frame.endStream }
      return Frame(index == 0 ? .headers : .continuation, flags: flags, stream: stream, part)
    }
  }

  public func dataFrames(on stream: UInt32, frameByteCount: Int = 16_384) -> [Frame] {
    let parts = body.chunks(of: frameByteCount)
    return parts.enumerated().map { index, part in
      Frame(.data, flags: index == parts.count - 1 ? Frame.endStream : 0, stream: stream, part)
    }
  }
}

extension [UInt8] {
  /// Parts of `count` bytes, the last one shorter.
  public func chunks(of count: Int) -> [[UInt8]] {
    stride(from: 0, to: self.count, by: count).map {
      Array(self[$0..<Swift.min($0 + count, self.count)])
    }
  }
}
