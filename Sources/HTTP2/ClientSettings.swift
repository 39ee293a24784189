/// What one client connection may use, and what it grants its server.
public struct ClientSettings: Sendable {
  /// LIMIT: requests on the wire at a time; the server's own limit counts as well. More wait.
  public var concurrentStreams = 256
  /// LIMIT: name + value + 32 over all fields of a response (RFC 9113 6.5.2).
  public var headerByteCount = 16_384
  /// LIMIT: fields of a response; ours have fewer than 16.
  public var headerCount = 64
  /// LIMIT: largest response body in bytes; the largest message there is.
  public var bodyByteCount = 1 << 20
  /// LIMIT: a whole response fits without waiting for a window update.
  public var streamWindow: Int32 = 1 << 20
  /// LIMIT: what a server may have in flight beyond what was consumed.
  public var connectionWindow: Int32 = 16 << 20

  public init() {}
}
