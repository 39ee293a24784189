import TestSupport

/// What honest clients do that resembles an attack.
public enum HonestHabit: String, CaseIterable, Sendable {
  /// 1 in 100 requests is given up (rapid reset).
  case cancels
  /// All that is in flight is given up at once, now and then, as when a deadline passes.
  case givesUp
  /// The body of a check is begun, and given up once its answer is there (rapid reset).
  case givesUpBodies
  /// A PING beside every request, to measure the round trip (control flood).
  case pings
  /// SETTINGS now and then.
  case settings
  /// A window update of the connection and of the stream for every DATA frame (glitches).
  case windowUpdates
  /// Windows so small that a reply comes in hundreds of frames, each with its updates.
  case smallWindows
  /// Frames of types that nobody defines, and of RFC 9218, beside every request (glitches).
  case unknownFrames
  /// Padding in all frames that may have it (glitches, empty DATA).
  case padding
  /// As many requests in flight as may be (more streams than allowed).
  case fullHouse
  /// A PRIORITY frame and a priority with each request (glitches).
  case priorities
  /// Headers in CONTINUATION frames of a few bytes (continuation flood).
  case continuations
  /// Bodies of many small DATA frames, the last one empty (empty DATA).
  case smallData
  /// Trailers behind a body.
  case trailers
  /// The longest headers that are read (header bomb).
  case longHeaders
  /// Compressed messages, now and then one of the most decisions and nearly the most bytes (LZ4 bomb).
  case compressed
  /// Stream numbers that skip some (lower stream).
  case skippedStreams
  /// A body longer than it may be: answered and reset by us (induced resets).
  case tooLong
  /// A wrong method now and then, by a body that is still to come: answered and reset by us.
  case wrongMethod
  /// The same with a wrong content type.
  case wrongContentType
  /// A body now and then that is not as long as its header says: reset by us.
  case wrongLength
  /// All of these, and requests that are given up.
  case clumsy

  /// Whether it gives requests up.
  public var givesRequestsUp: Bool { [.cancels, .givesUp, .clumsy].contains(self) }

  /// How it makes us reset streams now and then.
  var slips: [ResetPrimitive] {
    switch self {
    case .wrongMethod: [.wrongMethod]
    case .wrongContentType: [.wrongContentType]
    case .wrongLength: [.bodyTooShort, .bodyTooLong]
    case .clumsy: [.wrongMethod, .bodyTooShort, .wrongContentType, .bodyTooLong]
    default: []
    }
  }
}
