/// Takes a channel's bytes where they were read, past its pipeline.
///
/// What a pipeline does for each read, with a buffer that is counted and two events, costs as much as a small
/// request's decision.
public protocol SocketReader: AnyObject {
  /// Bytes have come. They are there until this returns.
  func receive(_ bytes: Span<UInt8>)
}
