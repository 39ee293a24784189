/// What a connection has to be told about its session, to end it in time.
///
/// SAFETY, for all of them: the core stays at one address for the session's life.
extension ServerSession {
  /// Why the session has ended the connection; `nil` while it has not.
  public var offence: HTTP2Offence? { unsafe core.pointee.offence }

  /// Preface and settings have been exchanged.
  public var isEstablished: Bool { unsafe core.pointee.meter.isEstablished }

  /// Stream numbers are running out: the peer should go on with another connection.
  public var isExhausted: Bool {
    unsafe Int(core.pointee.meter.highestStream) >= core.pointee.settings.lastStream
  }

  /// Preface and settings are exchanged, and nothing is under way in either direction: until the peer
  /// sends something, time changes nothing.
  public var isIdle: Bool {
    let core = unsafe core
    return unsafe isEstablished && core.pointee.open.isEmpty && core.pointee.queuedByteCount == 0
      && core.pointee.meter.isIdle
  }

  /// The streams that are open, in no order.
  var openStreams: [HTTP2Stream] { unsafe core.pointee.open }

  /// Whether `takeRequest` has one to give.
  public var hasRequest: Bool { unsafe core.pointee.hasRequest }

  /// Whether requests wait, be it for the peer to take earlier replies.
  public var isWaiting: Bool { unsafe core.pointee.isWaiting }

  /// How many requests wait. Linear in that.
  public var waitingRequestCount: Int { unsafe core.pointee.waitingCount }

  /// Whether headers of requests that wait take so much that they are to be answered before more are read.
  public var waitingHeadersAreLong: Bool { unsafe core.pointee.waitingHeadersAreLong }

  /// Reply bytes that wait for the peer to open its window, or for its socket.
  public var queuedByteCount: Int { unsafe core.pointee.queuedByteCount }

  /// Reply bytes that have gone out, or to the socket at least.
  public var sentByteCount: UInt64 { unsafe core.pointee.sentByteCount }

  /// Whether a header block has been awaited for too long at `now`. Time before `readingSince` does
  /// not count: nothing was read.
  public func overdue(at now: UInt64, readingSince: UInt64 = 0) -> HTTP2Offence? {
    let since = unsafe core.pointee.meter.headersSince
    let patience = unsafe nanoseconds(core.pointee.settings.headerSeconds)
    guard since > 0, isOver(patience, since: max(since, readingSince), at: now) else { return nil }
    return .slowHeaders
  }

  /// Resets requests whose bodies take too long, again from `readingSince` on. Returns how many;
  /// `takeOutput` has the resets.
  public func endSlowBodies(at now: UInt64, readingSince: UInt64 = 0) -> Int {
    unsafe core.pointee.endSlowBodies(at: now, readingSince: readingSince)
  }

  /// Gives back the bodies of requests whose replies wait for the peer.
  public func releaseAnsweredBodies() { unsafe core.pointee.releaseAnsweredBodies() }

  /// Ends the session: `takeOutput` has the GOAWAY that says why.
  public func end(_ offence: HTTP2Offence) { unsafe core.pointee.terminate(offence) }
}
