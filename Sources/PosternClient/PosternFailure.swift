/// Why there is no decision.
public enum PosternFailure: Error, Equatable, Sendable {
  /// The question cannot be put in a message; nothing was sent.
  case invalidRequest(String)
  /// The server refused the message: its code, the offset of the first bad byte, and a sentence.
  case refused(ErrorCode, offset: Int, text: String)
  /// The server, or a proxy before it, has no room now.
  case unavailable(retryAfterSeconds: Int?)
  /// Another answer than this protocol's.
  case unexpectedStatus(Int)
  /// A reply that cannot be read, or that does not answer the question.
  case invalidReply(String)
  /// The answer did not come within the call's deadline.
  case deadlineExceeded
  /// The task that asked was cancelled.
  case cancelled
  /// There is no connection, or the client waits before it tries again.
  case connectionFailed(String)
  /// The connection, or the request on it, ended before the answer came.
  case connectionLost(String)
  /// More calls are under way than `PosternClient.Configuration.pendingCallCountMax`.
  case tooManyCalls
  /// The client was closed.
  case closed
}

extension PosternFailure: CustomStringConvertible {
  public var description: String {
    switch self {
    case .invalidRequest(let problem): "the request cannot be sent: \(problem)"
    case .refused(let code, let offset, let text): "refused: \(code) at byte \(offset): \(text)"
    case .unavailable(.some(let seconds)): "the server is overloaded; retry after \(seconds) s"
    case .unavailable(.none): "the server is overloaded or away; retry later"
    case .unexpectedStatus(let status):
      "unexpected http status \(status); check that this address is a postern's"
    case .invalidReply(let problem): "unreadable reply: \(problem)"
    case .deadlineExceeded: "no answer within the deadline"
    case .cancelled: "cancelled by the caller"
    case .connectionFailed(let problem): "not connected: \(problem)"
    case .connectionLost(let problem): "connection lost: \(problem)"
    case .tooManyCalls: "too many calls are waiting for an answer"
    case .closed: "the client is closed"
    }
  }
}
