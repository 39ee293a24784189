import HTTP2
import Wire

/// The unchanging parts of responses.
enum Heads {
  static let mediaType = "application/vnd.postern.v1"
  static let text = [("content-type", "text/plain; charset=utf-8")]

  static let decided = ResponseHead(status: 200, [("content-type", mediaType)])
  static let pong = ResponseHead(status: 200, text)
  static let allowed = ResponseHead(status: 200, text)
  static let unauthorized = ResponseHead(status: 401, text)
  static let forbidden = ResponseHead(status: 403, text)

  /// Refusals, by error code, with an error message as the body.
  static let binaryRefusals = refusals([("content-type", mediaType)])
  /// Refusals with a sentence as the body.
  static let textRefusals = refusals(text)

  /// What `/v1/check` answers for a verdict.
  static func checked(_ verdict: Verdict) -> ResponseHead {
    switch verdict {
    case .allow: allowed
    case .mfa, .review: unauthorized
    case .deny, .revoke: forbidden
    }
  }

  private static func refusals(
    _ headers: [(name: String, value: String)]
  ) -> [ErrorCode: ResponseHead] {
    var heads: [ErrorCode: ResponseHead] = [:]
    for code in ErrorCode.allCases {
      var all = headers + [(name: "postern-error", value: "\(code)")]
      if code.status == 503 { all.append((name: "retry-after", value: "1")) }
      heads[code] = ResponseHead(status: code.status, all)
    }
    return heads
  }
}
