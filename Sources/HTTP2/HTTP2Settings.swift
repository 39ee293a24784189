/// What one connection may use. libnghttp2 bounds frames; all the rest is bounded here.
public struct HTTP2Settings: Sendable {
  /// LIMIT: Envoy and HAProxy advertise 100; a gateway's batch of 100 in flight must not be the edge.
  public var concurrentStreams: UInt32 = 256
  /// LIMIT: name + value + 32 over all fields of a request; twice what the longest headers need.
  public var headerByteCount = 16_384
  /// LIMIT: fields of a request; nginx and Sozu take 64 to 128.
  public var headerCount = 64
  /// LIMIT: a block beyond this many times the two limits above ends the connection: whoever sends
  /// it is not a client. Up to there the request is refused and the connection stays.
  public var headerAbuseFactor = 4
  /// LIMIT: largest request body in bytes.
  public var bodyByteCount = 1 << 20
  /// LIMIT: one 256-decision message with long headers fits without waiting for a window update.
  public var streamWindow: Int32 = 256 << 10
  /// LIMIT: what a connection may have in flight beyond what was consumed.
  public var connectionWindow: Int32 = 4 << 20
  /// LIMIT: reply bytes that wait on a stream of many messages before its next message is looked
  /// at. As much as its window lets in, so that neither direction stops first.
  public var streamQueuedByteCount = 256 << 10
  /// LIMIT: the same over all streams of a connection: eight that nobody reads.
  public var connectionQueuedByteCount = 2 << 20
  /// LIMIT: bytes of each kind that a stream keeps when its connection rests.
  public var keptByteCount = 4 << 10

  public init() {}
}
