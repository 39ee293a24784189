import CNghttp2
import Wire

/// Streams whose bodies are answered while they come.
///
/// SAFETY, for all of it: (streams-owned): a state that is open is ours and stays where it is;
/// libnghttp2 is called with the session that calls us back, and only to queue frames.
///
/// INVARIANT (window-owed): a byte that came is given back to the windows of its stream and its
/// connection once, at once or when its stream is held no longer; to the connection's also where
/// its stream is closed before.
extension ServerCore {
  /// LIMIT: response bytes that were sent are forgotten from here on, if they are half of all.
  private static let forgottenByteCountMin = 16 << 10

  /// The headers of a streamed request are there.
  @unsafe mutating func beginStreamed(_ stream: UnsafeMutablePointer<StreamState>) {
    unsafe stream.pointee.streamed.hasHeaders = true
    unsafe stream.pointee.arrival = arrival
    unsafe enqueue(stream)
  }

  /// Bytes of a streamed body.
  @unsafe mutating func streamedData(
    _ stream: UnsafeMutablePointer<StreamState>, _ bytes: Span<UInt8>
  ) {
    if unsafe stream.pointee.streamed.isFinished {
      // Not read, and the peer is not invited to send more: only others get their window back.
      consumedByteCount += bytes.count
      return
    }
    unsafe hold(bytes.count, for: stream)
    unsafe noteArrival(of: stream)
    unsafe keep(bytes, of: stream)
    unsafe stream.pointee.streamed.hasMoved = true
    if unsafe stream.pointee.streamed.isHeld {
      unsafe stream.pointee.streamed.withheldByteCount += bytes.count
    } else {
      unsafe giveBack(bytes.count, of: &stream.pointee)
    }
    unsafe enqueue(stream)
  }

  /// To be called before bytes are kept. Those of an earlier read, which nobody has looked at yet, keep its
  /// arrival.
  @unsafe private mutating func noteArrival(of stream: UnsafeMutablePointer<StreamState>) {
    guard unsafe stream.pointee.arrival != arrival else { return }
    if unsafe stream.pointee.queuePlace != nil {
      unsafe stream.pointee.streamed.marks.note(stream.pointee.body.count, at: stream.pointee.arrival)
    }
    unsafe stream.pointee.arrival = arrival
  }

  /// Stops looking at what comes; the peer may send no more than its window still has.
  mutating func hold(_ stream: HTTP2Stream) {
    guard unsafe !stream.state.pointee.streamed.isHeld else { return }
    unsafe stream.state.pointee.streamed.isHeld = true
    heldCount += 1
  }

  mutating func release(_ stream: HTTP2Stream) {
    guard unsafe stream.state.pointee.streamed.isHeld else { return }
    unsafe stream.state.pointee.streamed.isHeld = false
    heldCount -= 1
    let owed = unsafe stream.state.pointee.streamed.withheldByteCount
    unsafe stream.state.pointee.streamed.withheldByteCount = 0
    unsafe giveBack(owed, of: &stream.state.pointee)
  }

  /// Whether a reply more may be queued: what waits is under the limits of stream and connection.
  func hasRoom(_ stream: HTTP2Stream) -> Bool {
    let unsent = unsafe stream.state.pointee.unsentCount
    let others = unsafe streamQueuedByteCount - stream.state.pointee.streamed.queuedByteCount
    return unsent < settings.streamQueuedByteCount
      && others + unsent < settings.connectionQueuedByteCount
  }

  /// Hands held streams out again for which there is room: half of the limits, so that a slow reader
  /// does not get its messages answered one by one.
  mutating func wakeHeld() {
    guard heldCount > 0, streamQueuedByteCount <= settings.connectionQueuedByteCount / 2
    else { return }
    for stream in open where unsafe stream.state.pointee.streamed.isHeld {
      if unsafe stream.state.pointee.unsentCount <= settings.streamQueuedByteCount / 2 {
        unsafe enqueue(stream.state)
      }
    }
  }

  /// Sends what was appended to the response since the last time.
  mutating func sendAppended(_ stream: HTTP2Stream) {
    let unsent = unsafe stream.state.pointee.unsentCount
    let appended = unsafe unsent - stream.state.pointee.streamed.queuedByteCount
    unsafe stream.state.pointee.streamed.queuedByteCount = unsent
    streamQueuedByteCount += appended
    unsafe hold(appended, for: stream.state)
    let ends = unsafe stream.state.pointee.streamed.isFinished
    if appended > 0, !ends { unsafe stream.state.pointee.streamed.hasReplied = true }
    guard appended > 0 || ends, unsafe stream.state.pointee.streamed.isDeferred else { return }
    unsafe stream.state.pointee.streamed.isDeferred = false
    unsafe nghttp2_session_resume_data(raw, stream.state.pointee.id)
  }

  /// Ends the response behind what it has; the rest of the body is not read.
  mutating func finish(_ stream: HTTP2Stream) {
    release(stream)
    unsafe stream.state.pointee.streamed.isFinished = true
    unsafe dropPieces(of: stream.state)
    unsafe removeBody(of: stream.state, first: stream.state.pointee.body.count)
    sendAppended(stream)
  }

  /// Takes bytes off a body that has been looked at.
  @unsafe mutating func removeBody(
    of stream: UnsafeMutablePointer<StreamState>, first byteCount: Int
  ) {
    unsafe stream.pointee.body.removeFirst(byteCount)
    unsafe noteRead(byteCount, of: stream)
  }

  /// Bytes of a body were looked at, and are kept no more. Of a streamed one those are whole messages: what
  /// is behind them belongs to another.
  @unsafe mutating func noteRead(_ byteCount: Int, of stream: UnsafeMutablePointer<StreamState>) {
    if byteCount == 0 { return }
    unsafe hold(-byteCount, for: stream)
    unsafe stream.pointee.streamed.stalledRoundCount = 0
    unsafe stream.pointee.streamed.messageRoundCount = 0
  }

  /// Copies the next response bytes of a streamed response. Returns what nghttp2 is to be told.
  @unsafe mutating func readStreamed(
    _ stream: UnsafeMutablePointer<StreamState>, into target: UnsafeMutableRawPointer,
    upTo room: Int, _ flags: UnsafeMutablePointer<UInt32>
  ) -> Int {
    let ends = unsafe stream.pointee.streamed.isFinished
    guard unsafe ends || stream.pointee.unsentCount > 0 else {
      unsafe stream.pointee.streamed.isDeferred = true
      return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    }
    let count = unsafe stream.pointee.readResponse(into: target, upTo: room)
    unsafe stream.pointee.streamed.owedByteCount -= Int32(clamping: count)
    unsafe stream.pointee.streamed.queuedByteCount -= count
    streamQueuedByteCount -= count
    unsafe hold(-count, for: stream)
    streamedTaken(count)
    let sentCount = unsafe stream.pointee.sentCount
    let total = unsafe stream.pointee.response.count
    if sentCount == total {
      if ends { unsafe flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue }
      unsafe stream.pointee.forgetSent()
    } else if sentCount >= Self.forgottenByteCountMin, sentCount * 2 >= total {
      unsafe stream.pointee.forgetSent()
    }
    return count
  }

  /// Takes a streamed stream that is closed out of the sums.
  @unsafe mutating func settle(_ stream: UnsafeMutablePointer<StreamState>) {
    guard unsafe stream.pointee.streamed.isStreamed else { return }
    streamedCount -= 1
    streamQueuedByteCount -= unsafe stream.pointee.streamed.queuedByteCount
    consumedByteCount += unsafe stream.pointee.streamed.withheldByteCount
    if unsafe stream.pointee.streamed.isHeld { heldCount -= 1 }
  }

  /// Resets streams with a message of which nothing has come for `roundCountMax` rounds, or which has been
  /// coming for as many rounds as a body may take; and those of whose replies the peer has taken less than
  /// `stallByteCount` in `roundCountMax` rounds, though there were more. Returns how many.
  mutating func endStalled(after roundCountMax: Int) -> StalledStreams {
    var ended = StalledStreams()
    guard streamedCount > 0 else { return ended }
    for stream in open where unsafe stream.state.pointee.streamed.isStreamed {
      let isUnread = unsafe isUnread(&stream.state.pointee, after: roundCountMax)
      let isUnfinished = unsafe isUnfinished(&stream.state.pointee, after: roundCountMax)
      guard isUnread || isUnfinished else { continue }
      if isUnfinished { ended.unfinishedCount += 1 } else { ended.unreadCount += 1 }
      unsafe nghttp2_submit_rst_stream(
        raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.state.pointee.id,
        UInt32(NGHTTP2_CANCEL.rawValue))
    }
    return ended
  }

  /// Whether a message of the stream takes too long, one round later. What waits for us, or for replies to
  /// leave, is not waited for.
  private func isUnfinished(_ stream: inout StreamState, after roundCountMax: Int) -> Bool {
    let hasMoved = stream.streamed.hasMoved
    stream.streamed.hasMoved = false
    if stream.body.isEmpty || stream.streamed.isHeld || stream.queuePlace != nil {
      stream.streamed.stalledRoundCount = 0
      stream.streamed.messageRoundCount = 0
      return false
    }
    stream.streamed.stalledRoundCount = hasMoved ? 0 : stream.streamed.stalledRoundCount &+ 1
    stream.streamed.messageRoundCount &+= 1
    return stream.streamed.stalledRoundCount > roundCountMax
      || settings.bodySeconds > 0 && stream.streamed.messageRoundCount > settings.bodySeconds
  }

  /// Whether the peer takes too little of the stream's replies, one round later. The first round in which
  /// they wait does not count: some of it may have been before.
  private func isUnread(_ stream: inout StreamState, after roundCountMax: Int) -> Bool {
    if stream.unsentCount == 0 || stream.streamed.owedByteCount <= 0 {
      stream.streamed.owedByteCount = Int32(min(settings.stallByteCount, stream.unsentCount))
      stream.streamed.unreadRoundCount = 0
      return false
    }
    stream.streamed.unreadRoundCount &+= 1
    return stream.streamed.unreadRoundCount >= roundCountMax
  }

  /// No new streams; those that are streamed are handed out once more, to be ended; one whose headers are
  /// still coming is when they are there.
  mutating func drain() {
    isDraining = true
    for stream in open where unsafe stream.state.pointee.streamed.hasHeaders {
      unsafe enqueue(stream.state)
    }
    endAnsweredHeads()
  }
}
