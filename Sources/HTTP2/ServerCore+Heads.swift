import CNghttp2

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
    guard waitingHeadersAreLong, !takesReplies else { return }
    // It waits for the peer to take replies, and may do so for long.
    unsafe stream.pointee.fault = .noRoom
    unsafe releaseHead(of: stream)
  }

  /// Whether requests that wait are to be answered before more are read.
  var waitingHeadersAreLong: Bool { heldHeaderByteCount > settings.waitingHeaderByteCount }

  /// Ends what was answered with its head: nobody waits for its body when the connection is to end.
  mutating func endAnsweredHeads() {
    for stream in open where unsafe stream.state.pointee.isHeadOnly && stream.state.pointee.hasSentResponse {
      unsafe nghttp2_submit_rst_stream(
        raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.state.pointee.id, UInt32(NGHTTP2_NO_ERROR.rawValue))
    }
  }

  /// The peer has reset a stream, which is not closed yet. Who has its answer and gives up the rest of what
  /// it was sending took nothing back: that costs us no more than a body that comes to its end.
  mutating func resetReceived(of id: Int32) {
    guard let stream = unsafe stream(id), unsafe stream.pointee.hasSentResponse else { return }
    meter.forgiveReset()
  }

  /// Gives back the headers of a request that has been answered.
  @unsafe mutating func releaseHead(of stream: UnsafeMutablePointer<StreamState>) {
    let byteCount = unsafe stream.pointee.heldHeaderByteCount
    unsafe hold(-byteCount, for: stream)
    heldHeaderByteCount -= byteCount
    unsafe stream.pointee.releaseHead()
  }
}
