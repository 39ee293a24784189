import CNghttp2

/// Why a connection cannot go on.
public enum HTTP2Error: Error, Equatable, Sendable {
  /// The peer broke the protocol; libnghttp2's error number.
  case connection(code: Int32)
  /// The peer went over a limit of ours.
  case offence(HTTP2Offence)
  /// libnghttp2 could not make a session: no memory.
  case outOfMemory
}

extension HTTP2Error: CustomStringConvertible {
  public var description: String {
    switch self {
    case .connection(let code):
      // SAFETY: nghttp2_strerror returns a static C string for every number.
      unsafe "http/2 connection error: \(String(cString: nghttp2_strerror(code)))"
    case .offence(let offence): "http/2 connection ended for `\(offence.name)`"
    case .outOfMemory: "out of memory for an http/2 session"
    }
  }
}
