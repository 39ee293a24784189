import TestSupport
import Wire

/// One message of a `/v1/stream` response.
enum StreamedMessage: Equatable {
  case reply(Reply)
  case error(ErrorMessage)

  /// The correlation ids of a reply.
  var ids: [UInt64]? {
    if case .reply(let reply) = self { reply.decisions.map(\.correlationID) } else { nil }
  }
}

/// An open `/v1/stream`, written to message by message or byte by byte.
struct MessageStream {
  let client: RawClient
  let id: UInt32

  /// Sends the request's headers.
  init(_ client: RawClient) throws {
    self.client = client
    id = client.takeStreamID()
    try client.send(RawRequest.stream().headerFrames(on: id, endStream: false))
  }

  func send(_ bytes: [UInt8], ends: Bool = false) throws {
    try client.send([Frame(.data, flags: ends ? Frame.endStream : 0, stream: id, bytes)])
  }

  /// Sends as soon as the windows allow it.
  func sendWithinWindow(_ bytes: [UInt8]) throws {
    for part in bytes.chunks(of: 16_384) {
      _ = try client.sendWithinWindow(Frame(.data, stream: id, part))
    }
  }

  func end() throws { try send([], ends: true) }

  /// The messages that have come so far, the last one whole.
  func messages() throws -> [StreamedMessage] {
    try client.responses[id]?.streamedMessages() ?? []
  }

  /// Reads until `count` messages have come.
  func messages(atLeast count: Int) throws -> [StreamedMessage] {
    while try messages().count < count { try client.receive() }
    return try messages()
  }

  /// Reads to the end of the response.
  func rest() throws -> [StreamedMessage] { try client.response(on: id).streamedMessages() }
}

extension RawResponse {
  /// The reply in the body, compressed or not.
  func plainReply() throws -> Reply {
    guard try MessageHeader(reading: body.span, expecting: .reply).flags == .compressed else {
      return try reply()
    }
    var plain = ByteWriter()
    try plain.decompress(body.span, .reply)
    return try Reply(reading: plain.span)
  }

  /// The messages in the body; a part of one at its end is left out.
  func streamedMessages() throws -> [StreamedMessage] {
    var messages: [StreamedMessage] = []
    var start = 0
    while body.count - start >= MessageHeader.byteCount {
      let rest = body.span.extracting(start...)
      let kind: MessageKind = rest[1] == MessageKind.error.rawValue ? .error : .reply
      let count = try MessageHeader.firstByteCount(in: rest, expecting: kind) ?? .max
      guard count <= rest.count else { break }
      let message = rest.extracting(0..<count)
      if kind == .error {
        messages.append(.error(try ErrorMessage(reading: message)))
      } else if try MessageHeader(reading: message, expecting: .reply).flags == .compressed {
        var plain = ByteWriter()
        try plain.decompress(message, .reply)
        messages.append(.reply(try Reply(reading: plain.span)))
      } else {
        messages.append(.reply(try Reply(reading: message)))
      }
      start += count
    }
    return messages
  }
}
