import HTTP2
import Tables
import Wire

/// `POST /v1/decide`: a message of decision requests in, a message of verdicts out.
extension LoopService {
  mutating func decide(
    _ stream: HTTP2Stream, _ session: ServerSession, _ tables: borrowing PublishedTables,
    arrival: UInt64
  ) {
    guard stream.method.isText("POST") else {
      return refuse(
        stream, session, WireError(.methodNotAllowed, at: 0), asText: false, allow: "POST")
    }
    if let fault = stream.wireError { return refuse(stream, session, fault, asText: false) }
    guard stream.contentType.isMediaType else {
      return refuse(stream, session, WireError(.unsupportedMediaType, at: 0), asText: false)
    }
    do throws(WireError) {
      if stream.progress.hasBegun || session.isInPieces(stream) {
        return try decideInParts(stream, session, tables, arrival: arrival)
      }
      let message = session.bodyBytes(of: stream)
      let elapsed = try reply(to: message, tables, arrival: arrival, into: &stream.response)
      session.respond(to: stream, Heads.decided)
      measure(decisions: message.decisionCount, endingAt: arrival &+ elapsed)
      countRequest(.decide, arrival: arrival)
    } catch {
      refuse(stream, session, error, asText: false)
    }
  }

  /// Appends the reply to a message, compressed or not; throws where the loop has no time for it. On
  /// error what was appended is to be discarded. Returns the nanoseconds from `arrival` to the last
  /// verdict.
  mutating func reply(
    to message: Span<UInt8>, _ tables: borrowing PublishedTables, arrival: UInt64,
    into reply: inout ByteWriter
  ) throws(WireError) -> UInt64 {
    guard message.isCompressed else {
      if isPressed { try admit(message, decisions: message.decisionCount, tables) }
      return try decider.decideMessage(message, tables, arrival: arrival, into: &reply)
    }
    try plain.decompress(message, .request)
    if isPressed {
      // SAFETY: nobody changes what was decompressed before the call returns.
      let bytes = unsafe _overrideLifetime(plain.span, copying: ())
      try admit(bytes, decisions: bytes.decisionCount, tables)
    }
    let least = settings.compressedReplyByteCountMin
    guard least > 0 else {
      return try decider.decideMessage(in: plain, tables, arrival: arrival, into: &reply)
    }
    // Where it is compressed, a stream does not keep the room for what it was before.
    unpacked.removeAll()
    let elapsed = try decider.decideMessage(in: plain, tables, arrival: arrival, into: &unpacked)
    if unpacked.count < least {
      reply.append(unpacked.span)
    } else {
      // Whoever compresses requests reads compressed replies (proto-spec 3.4).
      try packed.compress(reply: unpacked)
      reply.append(packed.span)
    }
    return elapsed
  }
}

extension ByteWriter {
  /// Replaces the content by the compressed form of the reply that is another's.
  fileprivate mutating func compress(reply: borrowing ByteWriter) throws(WireError) {
    try compress(reply.span, .reply)
  }
}

extension Span where Element == UInt8 {
  /// Whether the message's header says that the body is compressed. The header is not checked.
  fileprivate var isCompressed: Bool {
    count >= MessageHeader.byteCount && self[2] & UInt8(MessageFlags.compressed.rawValue) != 0
  }

  /// How many decisions the message's header says there are, 1 where there is no header. A compressed
  /// message has the same header.
  var decisionCount: Int {
    count >= MessageHeader.byteCount ? Int(load(UInt16.self, at: 12)) : 1
  }

  /// Whether this is the protocol's media type, with or without parameters.
  var isMediaType: Bool {
    let type: StaticString = "application/vnd.postern.v1"
    guard hasPrefix(type) else { return false }
    let byteCount = type.utf8CodeUnitCount
    return count == byteCount || self[byteCount] == UInt8(ascii: ";")
      || self[byteCount] == UInt8(ascii: " ")
  }
}
