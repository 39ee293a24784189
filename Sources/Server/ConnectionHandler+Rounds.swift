import HTTP2
import NIOCore

/// What time does to a connection. Looked at once a second by its loop: no timer is set or stopped
/// for a request.
extension ConnectionHandler {
  /// LIMIT: who asks more often than this is at work, and would have to allocate anew what is given
  /// back; what it is costs less than a microsecond.
  private static let restAfter: UInt64 = 1_000_000_000

  /// Ends what has taken too long: requests, the connection, or its end.
  func makeRound(
    _ running: RunningSettings, _ settings: HTTP2Settings, streamStallSeconds: Int, isDraining: Bool
  ) {
    if isEnding { return lookAtEnd(settings) }
    let time = NIODeadline.now()
    if let drainingSince {
      // One that does not end by itself after its GOAWAY is ended; when all are to end, the server
      // ends what is left, and says so.
      if !isDraining, time - drainingSince >= .seconds(Int64(running.drainSeconds)) { abort() }
      return
    }
    if let ends, time >= ends { return drain() }
    let now = monotonicNanoseconds()
    let quietNanoseconds = now - min(lastActivity, now)
    if running.idleSeconds > 0, quietNanoseconds >= UInt64(running.idleSeconds) * 1_000_000_000 {
      return drain()
    }
    if isResting { return }
    look(at: now, settings)
    if !isEnding { endStalledStreams(after: streamStallSeconds) }
    if !isEnding, quietNanoseconds >= Self.restAfter { rest() }
  }

  private func look(at now: UInt64, _ settings: HTTP2Settings) {
    if settings.prefaceSeconds > 0, session?.isEstablished != true, now > start,
      now - start >= UInt64(settings.prefaceSeconds) * 1_000_000_000
    {
      return end(.slowPreface)
    }
    guard let context, let session else { return }
    let isWaiting = session.queuedByteCount > 0 || !context.channel.isWritable
    if progress.isStalled(
      isWaiting: isWaiting, sentByteCount: session.sentByteCount, at: now, settings)
    {
      return end(.stalledOutput)
    }
    if isWaiting { session.releaseAnsweredBodies() }
    // Nothing is read while nothing can be written: what does not come then is not the peer's doing.
    guard context.channel.isWritable else { return }
    if let offence = session.overdue(at: now, readingSince: readingSince) { return end(offence) }
    let count = session.endSlowBodies(at: now, readingSince: readingSince)
    guard count > 0 else { return }
    loop.metrics.countOffence(.slowBody, UInt64(count))
    write(context)
    flush(context)
    if session.isFinished { close(context) }
  }

  /// Ends the connection for what the peer did not do in time.
  private func end(_ offence: HTTP2Offence) {
    guard let context else { return }
    guard let session else {
      loop.metrics.countOffence(offence)
      return close(context)
    }
    session.end(offence)
    write(context)
    close(context)
    // Nobody is there to read the good-bye.
    if !context.channel.isWritable { abort() }
  }
}
