import CNghttp2
import Wire

/// What the peer makes us do, and the end of it.
///
/// SAFETY, for all of them: `raw` lives as long as the core, and (streams-owned).
extension ServerCore {
  /// A frame that is wrong for its stream: libnghttp2 goes on. Returns what it is to do.
  mutating func countInvalidFrame(code: Int32) -> Int32 {
    if code == NGHTTP2_ERR_REFUSED_STREAM.rawValue, !meter.isEstablished {
      earlyRefusalCount += 1
      if earlyRefusalCount <= settings.earlyRefusalCount { return 0 }
    }
    guard !invalidFrames.take(at: now) else { return 0 }
    offence = offence ?? .invalidFrame
    return Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
  }

  /// A stream that we had to reset. Not counted, here and above: the first that were refused before the peer
  /// could know how many streams it may open. One that was answered before its end is counted by
  /// `countEarlyAnswer`.
  mutating func countResetSent(of stream: Int32, code: UInt32) {
    meter.noteReset(of: UInt32(stream), at: now)
    if code == NGHTTP2_NO_ERROR.rawValue { return }
    if code == NGHTTP2_REFUSED_STREAM.rawValue, !meter.isEstablished,
      earlyRefusalCount <= settings.earlyRefusalCount
    {
      return
    }
    guard !resetsSent.take(at: now) else { return }
    offence = offence ?? .inducedReset
  }

  /// A request that was answered, and then reset, before its end. Not counted: what came with more than the
  /// longest body, since that costs the peer more than us; a stream of which messages were answered, which
  /// are work that was asked for; what there was no memory for, since others may hold it; and what we end
  /// as we shut down.
  @unsafe mutating func countEarlyAnswer(of stream: UnsafeMutablePointer<StreamState>) {
    if unsafe isDraining || isOverMemory || stream.pointee.streamed.hasReplied { return }
    switch unsafe stream.pointee.fault {
    case .bodyTooLarge, .noRoom: return
    case .none, .headersTooLarge: break
    }
    guard !resetsSent.take(at: now) else { return }
    offence = offence ?? .inducedReset
  }

  /// libnghttp2 says good-bye of its own accord when the peer breaks the protocol.
  mutating func goAwaySent(code: UInt32) {
    guard code != NGHTTP2_NO_ERROR.rawValue else { return }
    offence = offence ?? .protocolError
    isTerminated = true
  }

  mutating func replyTaken(_ byteCount: Int) {
    queuedByteCount -= byteCount
    streamedTaken(byteCount)
  }

  /// As `replyTaken`, of a reply that is not among the queued ones.
  mutating func streamedTaken(_ byteCount: Int) {
    sentByteCount += UInt64(byteCount)
    meter.earn(replyByteCount: byteCount)
  }

  /// Ends the session with a GOAWAY that says why; streams that are open end too. Not to be called
  /// from a callback: what is left of that read would go on (CVE-2026-27135).
  mutating func terminate(_ offence: HTTP2Offence) {
    self.offence = self.offence ?? offence
    guard !isTerminated else { return }
    isTerminated = true
    unsafe nghttp2_session_terminate_session(raw, self.offence!.errorCode)
  }

  /// libnghttp2 has no memory: there is nobody to say good-bye.
  mutating func fail() {
    offence = .failure
    isTerminated = true
  }

  /// Resets requests whose bodies take too long; what passed before `readingSince` does not count.
  /// Returns how many.
  mutating func endSlowBodies(at now: UInt64, readingSince: UInt64) -> Int {
    let patience = nanoseconds(settings.bodySeconds)
    // What is reset now is reset at this time, whenever something came last.
    self.now = max(self.now, now)
    forgetReset(before: now, after: patience)
    var count = 0
    // Not those that the meter knows to be unfinished: it forgets some of them, where there are many.
    for stream in open {
      let since = unsafe max(stream.state.pointee.since, readingSince)
      guard unsafe !stream.state.pointee.endsReceived, isOver(patience, since: since, at: now)
      else { continue }
      // One that has been handed out is not waited for, unless nothing but this would end its body.
      if unsafe stream.state.pointee.isHandedOut, unsafe !stream.state.pointee.isHeadOnly { continue }
      // Of one that is answered while it comes each message has as much time: `endStalled`.
      if unsafe stream.state.pointee.streamed.isStreamed { continue }
      unsafe nghttp2_submit_rst_stream(
        raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.state.pointee.id, HTTP2Offence.slowBody.errorCode)
      count += 1
    }
    return count
  }

  /// Lets the meter forget what we reset: when as much time has passed since as a body may take, the peer
  /// knows.
  private mutating func forgetReset(before now: UInt64, after patience: UInt64) {
    for entry in meter.unfinished.entries {
      // They are in the order of their opening: those behind are younger, or can wait.
      guard isOver(patience, since: entry.since, at: now) else { break }
      if unsafe stream(Int32(entry.stream)) == nil { meter.forget(entry.stream) }
    }
  }

  /// Gives large bodies and long headers back as soon as their replies, empty ones too, are to wait for the
  /// peer: now, when all has been said that may be. Those of others the pool has taken with their streams,
  /// as memory for their next.
  mutating func releaseLargeBodies() {
    guard hasLargeAnswered else { return }
    hasLargeAnswered = false
    releaseAnsweredBodies()
  }

  /// Gives back the headers and bodies of requests whose replies wait for the peer.
  mutating func releaseAnsweredBodies() {
    for stream in open where unsafe stream.state.pointee.isAnswered {
      unsafe hold(-stream.state.pointee.body.count, for: stream.state)
      unsafe stream.state.pointee.releaseBody(to: settings.keptByteCount)
      unsafe releaseHead(of: stream.state)
    }
  }
}
