import CNghttp2
import Wire

/// Answering a request while it comes: many messages each way on one stream.
///
/// Such a stream is in `takeRequest` when its headers are there, and again after each read that
/// brought more of it, or when it was held and there is room again. Whoever answers reads whole
/// messages by `readBody`, appends to `response`, and then sends.
///
/// SAFETY, for all of it: the core lives as long as the session, and a stream's state as long as the
/// stream is open: (streams-owned).
extension ServerSession {
  /// Whether the session says good-bye: a streamed stream is to be ended at the next boundary.
  public var isDraining: Bool { unsafe core.pointee.isDraining }

  /// Begins the response; what `stream.response` has is sent by `send`, until `finish`.
  public func begin(_ stream: HTTP2Stream, _ head: ResponseHead) {
    unsafe stream.state.pointee.streamed.isAnswering = true
    // SAFETY: heads live for ever.
    unsafe core.pointee.submitStreamed(
      stream.state, head.fields.baseAddress!, head.fields.count)
  }

  /// Whether one reply more may be appended. Without room the stream is to be held.
  public func hasRoom(_ stream: HTTP2Stream) -> Bool { unsafe core.pointee.hasRoom(stream) }

  /// Keeps what comes, without reading it, until replies have left. The peer's windows shrink.
  public func hold(_ stream: HTTP2Stream) { unsafe core.pointee.hold(stream) }

  /// Has a stream handed out again, behind the requests that wait.
  public func putBack(_ stream: HTTP2Stream) { unsafe core.pointee.enqueue(stream.state) }

  public func release(_ stream: HTTP2Stream) { unsafe core.pointee.release(stream) }

  /// Sends what was appended to the response.
  public func send(_ stream: HTTP2Stream) { unsafe core.pointee.sendAppended(stream) }

  /// Sends what was appended and ends the response.
  public func finish(_ stream: HTTP2Stream) { unsafe core.pointee.finish(stream) }

  /// Takes the first bytes off a body.
  public func removeBody(of stream: HTTP2Stream, first byteCount: Int) {
    unsafe core.pointee.removeBody(of: stream.state, first: byteCount)
    if stream.isStreamed { unsafe stream.state.pointee.streamed.marks.removeFirst(byteCount) }
  }

  /// To be called every second in which the peer could send and be sent to. Resets streams that are stuck in
  /// a message for `rounds` calls or take longer for one than a body may, or whose replies are not read for
  /// `rounds` calls. Returns how many.
  public func endStalledStreams(after rounds: Int) -> StalledStreams {
    unsafe core.pointee.endStalled(after: rounds)
  }
}

/// Streams that were ended since their peer was too slow.
public struct StalledStreams: Equatable, Sendable {
  /// With a message that did not come to its end.
  public var unfinishedCount = 0
  /// With replies that were not taken.
  public var unreadCount = 0

  public var isEmpty: Bool { unfinishedCount == 0 && unreadCount == 0 }
}

/// SAFETY, for all of it: (streams-owned).
extension HTTP2Stream {
  /// Whether it is handed out while its body comes.
  public var isStreamed: Bool { unsafe state.pointee.streamed.isStreamed }
  /// Whether the response has begun.
  public var isAnswering: Bool { unsafe state.pointee.streamed.isAnswering }
  /// Whether the response will not grow any more.
  public var isFinished: Bool { unsafe state.pointee.streamed.isFinished }
  /// Whether all of the request's body is there.
  public var isEnded: Bool { unsafe state.pointee.endsReceived }

  /// The response is to be finished behind the message that has begun to come.
  public var endsAfterMessage: Bool {
    get { unsafe state.pointee.streamed.endsAfterMessage }
    nonmutating set { unsafe state.pointee.streamed.endsAfterMessage = newValue }
  }

  /// Notes when the body's last bytes came, in nanoseconds; those noted before keep their time.
  public func noteArrival(_ nanoseconds: UInt64) {
    unsafe state.pointee.streamed.marks.note(state.pointee.body.count, at: nanoseconds)
  }

  /// Forgets when bytes came that still wait: those of a message that has not come whole, of which only
  /// the last byte's arrival will matter.
  public func forgetArrivals() { unsafe state.pointee.streamed.marks.removeAll() }

  /// When the byte before `end` of the body came.
  public func arrival(ofByteBefore end: Int, or otherwise: UInt64) -> UInt64 {
    unsafe state.pointee.streamed.marks.arrival(ofByteBefore: end, or: otherwise)
  }
}
