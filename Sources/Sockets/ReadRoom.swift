import NIOCore

/// Where a loop's channels read into, one after the other, for their pipelines.
public protocol ReadRoom: AnyObject {
  /// An empty buffer that nobody else has.
  func take() -> ByteBuffer
  /// One that has not been read into, or that nobody wants any more.
  func giveBack(_ buffer: ByteBuffer)
}
