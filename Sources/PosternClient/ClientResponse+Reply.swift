import HTTP2
import Wire

extension ClientResponse {
  /// The reply to `requests`, or what the server said instead.
  func reply(to requests: [LoginRequest]) throws(PosternFailure) -> Reply {
    guard status == 200 else { throw failure }
    let reply = try PosternMessage.decode(body)
    guard reply.decisions.map(\.correlationID) == requests.map({ $0.correlationID ?? 0 }) else {
      throw .invalidReply("its decisions are not the ones that were asked for")
    }
    return reply
  }

  private var failure: PosternFailure {
    let error = try? ErrorMessage(reading: body.span)
    switch (error, status) {
    case (_, 502...504):
      return .unavailable(retryAfterSeconds: header("retry-after").flatMap { Int($0) })
    case (let error?, _): return .refused(error.code, offset: error.offset, text: error.text)
    default: return .unexpectedStatus(status)
    }
  }
}
