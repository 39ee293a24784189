import HTTP2
import NIOCore

/// The end of a connection that loses no request.
extension ConnectionHandler {
  /// LIMIT: how long a peer may take to say its first word once the end has come, and to answer the ping
  /// behind the notice of it. A round trip is milliseconds; one that does not answer would keep the
  /// connection.
  private static let noticePatience = TimeAmount.seconds(1)

  /// Tells the peer that the end comes, answers what it asks until it has heard, then names the last
  /// request, and ends when that one is answered. No request gets lost that way.
  func drain() {
    guard drainingSince == nil else { return }
    drainingSince = .now()
    guard let context, !isEnding else { return }
    if let session {
      announceEnd(context, session)
      write(context)
      return flush(context)
    }
    guard loop.isDraining else { return close(context) }
    // It was accepted a moment ago and has its first requests under way. Told now, a client would not send
    // them any more, and libnghttp2's count as failed then (h2load): so they are read first.
    context.eventLoop.assumeIsolated().scheduleTask(in: Self.noticePatience) { self.endSilence() }
  }

  private func announceEnd(_ context: ChannelHandlerContext, _ session: ServerSession) {
    hasAnnouncedEnd = true
    session.announceShutDown()
    context.eventLoop.assumeIsolated().scheduleTask(in: Self.noticePatience) { self.endNotice() }
  }

  /// Bytes have come since the end was to be told.
  func goOnDraining(_ context: ChannelHandlerContext, _ session: ServerSession) {
    if !hasAnnouncedEnd { return announceEnd(context, session) }
    if session.shutDownIsHeard { nameLastRequest(context, session) }
  }

  /// The peer had time to say something.
  private func endSilence() {
    guard let context, session == nil, !isEnding else { return }
    session = try? loop.makeSession(at: monotonicNanoseconds())
    guard session != nil else { return close(context) }
    endNotice()
  }

  /// The peer had time to hear.
  private func endNotice() {
    guard let context, let session, !isEnding else { return }
    nameLastRequest(context, session)
    write(context)
    flush(context)
  }

  private func nameLastRequest(_ context: ChannelHandlerContext, _ session: ServerSession) {
    guard !hasNamedLastRequest else { return }
    hasNamedLastRequest = true
    session.shutDown()
    // Each of its streams is handed out once more, to be ended.
    goOnWithStreams(context, session)
  }

  func closeIfDrained(_ context: ChannelHandlerContext) {
    guard hasNamedLastRequest, let session, session.openStreamCount == 0 else { return }
    close(context)
  }
}
