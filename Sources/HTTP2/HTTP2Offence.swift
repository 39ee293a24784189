import CNghttp2

/// Why a connection was ended by us, or one of its requests: what the peer did, or was too slow to do.
///
/// Each case is one row of what is counted, so its name is part of the metrics.
public enum HTTP2Offence: UInt8, CaseIterable, Sendable {
  /// Most of very many requests within a second were reset by the peer (CVE-2023-44487).
  case rapidReset
  /// The peer made us reset streams, again and again (CVE-2025-8671).
  case inducedReset
  /// Frames that are wrong for their stream, again and again.
  case invalidFrame
  /// A header block of too many frames (CVE-2024-28182).
  case continuationFlood
  /// Headers far over the limits, as they came or unpacked (CVE-2016-1544, CVE-2026-49975).
  case headerBomb
  /// PING or SETTINGS frames without requests to justify them (CVE-2019-9512, CVE-2019-9515).
  case controlFlood
  /// DATA frames without data, one behind the other (CVE-2019-9518).
  case emptyData
  /// Frames that carry no request and ask for no answer, without end.
  case glitch
  /// HEADERS or DATA behind the end of a stream (RFC 9113 5.1).
  case closedStream
  /// HEADERS on a stream that was passed over (RFC 9113 5.1.1).
  case lowerStream
  /// Anything else that RFC 9113 or RFC 7541 forbids.
  case protocolError
  /// The preface and the settings did not come in time.
  case slowPreface
  /// A header block did not end in time.
  case slowHeaders
  /// A body, or a message of a stream of many, did not end in time: the request alone is ended.
  case slowBody
  /// Replies wait, and the peer does not take them. Where a stream of many messages alone is ended, it is
  /// counted, and the connection goes on.
  case stalledOutput
  /// libnghttp2 could not go on: no memory.
  case failure

  /// As it stands in the metrics.
  public var name: String { "\(self)" }

  /// What the peer is told (RFC 9113 7).
  var errorCode: UInt32 {
    switch self {
    case .closedStream: NGHTTP2_STREAM_CLOSED.rawValue
    case .lowerStream, .protocolError: NGHTTP2_PROTOCOL_ERROR.rawValue
    case .slowPreface: NGHTTP2_SETTINGS_TIMEOUT.rawValue
    case .slowBody: NGHTTP2_CANCEL.rawValue
    case .failure: NGHTTP2_INTERNAL_ERROR.rawValue
    default: NGHTTP2_ENHANCE_YOUR_CALM.rawValue
    }
  }
}
