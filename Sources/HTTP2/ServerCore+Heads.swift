/// The headers of requests, while they are held.
///
/// SAFETY, for all of it: (streams-owned).
extension ServerCore {
  /// The headers of a request are there.
  @unsafe mutating func holdHead(of stream: UnsafeMutablePointer<StreamState>) {
    let byteCount = unsafe stream.pointee.extraHeaderByteCount
    if byteCount == 0 { return }
    unsafe hold(byteCount, for: stream)
    unsafe stream.pointee.heldHeaderByteCount = byteCount
    heldHeaderByteCount += byteCount
  }

  /// Gives back the headers of a request that has been answered.
  @unsafe mutating func releaseHead(of stream: UnsafeMutablePointer<StreamState>) {
    let byteCount = unsafe stream.pointee.heldHeaderByteCount
    unsafe hold(-byteCount, for: stream)
    heldHeaderByteCount -= byteCount
    unsafe stream.pointee.releaseHead()
  }
}
