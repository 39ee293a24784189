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
    do {
      let elapsed: UInt64
      if stream.bodyBytes.isCompressed {
        try plain.decompress(stream.bodyBytes, .request)
        if isPressed {
          let tenant = TenantShares.Tenant(ofMessage: plain.span)
          let count = plain.span.decisionCount
          try admit(tenant, decisions: count)
        }
        elapsed = try decider.decideMessage(
          in: plain, tables, arrival: arrival, into: &stream.response)
      } else {
        if isPressed {
          let tenant = TenantShares.Tenant(ofMessage: stream.bodyBytes)
          try admit(tenant, decisions: stream.bodyBytes.decisionCount)
        }
        elapsed = try decider.decideMessage(
          stream.bodyBytes, tables, arrival: arrival, into: &stream.response)
      }
      session.respond(to: stream, Heads.decided)
      measure(decisions: stream.bodyBytes.decisionCount, endingAt: arrival &+ elapsed)
      metrics.countRequest(.decide, nanoseconds: elapsed)
    } catch {
      refuse(stream, session, error, asText: false)
    }
  }
}

extension Span where Element == UInt8 {
  /// Whether the message's header says that the body is compressed. The header is not checked.
  fileprivate var isCompressed: Bool {
    count >= MessageHeader.byteCount && self[2] & UInt8(MessageFlags.compressed.rawValue) != 0
  }

  /// How many decisions the message's header says there are, 1 where there is no header. A compressed
  /// message has the same header.
  fileprivate var decisionCount: Int {
    count >= MessageHeader.byteCount ? Int(load(UInt16.self, at: 12)) : 1
  }

  /// Whether this is the protocol's media type, with or without parameters.
  fileprivate var isMediaType: Bool {
    let type: StaticString = "application/vnd.postern.v1"
    guard hasPrefix(type) else { return false }
    let byteCount = type.utf8CodeUnitCount
    return count == byteCount || self[byteCount] == UInt8(ascii: ";")
      || self[byteCount] == UInt8(ascii: " ")
  }
}
