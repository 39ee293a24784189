import CNghttp2
import Wire

/// One server connection's HTTP/2, without a socket: bytes in, requests out; responses in, bytes out.
///
/// Not thread-safe: it lives on its connection's event loop. libnghttp2 is never called back into
/// from its own callbacks with `receive` or `takeOutput`.
///
/// SAFETY, for all of it: the core stays at one address from `init` to `deinit`, which deletes libnghttp2's
/// session before it; both are used on one thread.
@safe
public final class ServerSession {
  /// At one address for the session's life: libnghttp2 holds a pointer to it.
  let core: UnsafeMutablePointer<ServerCore>
  /// Kept alive for the core and for libnghttp2.
  private let pool: SessionPool

  /// Sessions of one event loop share a `pool`. `handling` says what becomes of a request, by its
  /// path alone; it is asked at most once a request. `now` is the session's clock, in nanoseconds.
  public init(
    _ settings: HTTP2Settings, pool: SessionPool = SessionPool(), at now: UInt64 = 0,
    handling: @escaping @Sendable (_ path: Span<UInt8>) -> RequestHandling
  ) throws(HTTP2Error) {
    guard let callbacks = unsafe ServerCallbacks.table, let options = unsafe ServerCallbacks.options else {
      throw .outOfMemory
    }
    unsafe core = .allocate(capacity: 1)
    self.pool = pool
    unsafe core.initialize(to: ServerCore(settings, pool.streams, fields: pool.fields, at: now, handling))
    var functions = unsafe SessionMemory.functions(pool.memory)
    var session: OpaquePointer?
    unsafe pool.memory.pointee.beginSession()
    // SAFETY: core and pool outlive the session, which `deinit` deletes first; the functions are
    // copied.
    let status = unsafe nghttp2_session_server_new3(
      &session, callbacks, core, options, &functions)
    unsafe pool.memory.pointee.endSession()
    unsafe core.pointee.raw = session
    guard status == 0 else { throw .outOfMemory }
    unsafe core.pointee.submitSettings()
    if isOutOfMemory { throw .outOfMemory }
  }

  deinit {
    // Where it ran out of memory, libnghttp2 1.52 may free an item twice (seen: a response's body that
    // finds no place in its queue is freed, and again with its stream). What it holds is given up.
    if !isOutOfMemory { unsafe nghttp2_session_del(core.pointee.raw) }
    unsafe core.deinitialize(count: 1)
    unsafe core.deallocate()
  }

  /// Streams that are open: handed out or still coming in.
  public var openStreamCount: Int { unsafe core.pointee.openStreamCount }

  /// From when on the requests of the bytes that are received next have waited, in nanoseconds of any clock:
  /// they keep it as their own.
  public var arrival: UInt64 {
    get { unsafe core.pointee.arrival }
    set { unsafe core.pointee.arrival = newValue }
  }

  /// Takes bytes from the peer. Complete requests are then in `takeRequest`.
  /// After an error only `takeOutput` (for the GOAWAY) and destruction make sense.
  ///
  /// `now` is when they came, in nanoseconds of a clock that only moves forward; rates are counted by
  /// it. For one who has no clock all bytes come at once.
  ///
  /// Returns how many bytes it has taken: those up to the end of the `frameCount`th frame that begins in
  /// them, all without a `frameCount`.
  @discardableResult
  public func receive(
    _ bytes: Span<UInt8>, at now: UInt64 = 0, upTo frameCount: Int = .max
  ) throws(HTTP2Error) -> Int {
    // Nothing is fed to a session that has been told to end (CVE-2026-27135).
    if let offence = unsafe core.pointee.offence { throw .offence(offence) }
    unsafe core.pointee.now = now
    let count = unsafe core.pointee.meter.scan(bytes, at: now, upTo: frameCount, &core.pointee.repeated)
    unsafe core.pointee.headerCredit += ServerCore.headerBytesPerByte * count
    defer { unsafe core.pointee.headerCredit = min(core.pointee.headerCredit, core.pointee.headerCreditMax) }
    let taken = feed(bytes.extracting(..<count))
    if let offence = unsafe core.pointee.offence ?? core.pointee.meter.offence {
      unsafe core.pointee.terminate(offence)
      throw .offence(offence)
    }
    if taken == Int(NGHTTP2_ERR_NOMEM.rawValue) { unsafe core.pointee.isOutOfMemory = true }
    guard taken >= 0 else {
      unsafe core.pointee.offence = .protocolError
      throw .connection(code: Int32(taken))
    }
    unsafe core.pointee.giveBackToConnection()
    return count
  }

  /// Has libnghttp2 read bytes that have been looked at. Returns its error, or a number that is not below 0.
  private func feed(_ bytes: Span<UInt8>) -> Int {
    var start = 0
    // Not by its iterator, which would hold the array.
    for index in unsafe 0..<core.pointee.repeated.places.count {
      let place = unsafe core.pointee.repeated.places[index]
      let frame = unsafe core.pointee.repeated.shorten(place)
      var taken = read(bytes.extracting(start..<place.start))
      if taken >= 0 { taken = read(frame.span) }
      guard taken >= 0 else { return taken }
      start = place.end
    }
    return read(bytes.extracting(start...))
  }

  private func read(_ bytes: Span<UInt8>) -> Int {
    // Nothing is fed to a session that has been told to end (CVE-2026-27135).
    guard !bytes.isEmpty, unsafe core.pointee.offence == nil else { return 0 }
    return unsafe bytes.withUnsafeBufferPointer {
      unsafe nghttp2_session_mem_recv(core.pointee.raw, $0.baseAddress, $0.count)
    }
  }

  /// As `receive`, and adds to `headers` how long header blocks took of it, by a clock in nanoseconds.
  @discardableResult
  public func receive(
    _ bytes: Span<UInt8>, at now: UInt64 = 0, upTo frameCount: Int = .max, headers: inout UInt64,
    timedBy clock: @escaping @Sendable () -> UInt64
  ) throws(HTTP2Error) -> Int {
    unsafe core.pointee.headerTimer = HeaderTimer(clock)
    defer {
      headers += unsafe core.pointee.headerTimer?.nanoseconds ?? 0
      unsafe core.pointee.headerTimer = nil
    }
    return try receive(bytes, at: now, upTo: frameCount)
  }

  /// Calls `output` with up to about `byteCount` bytes for the peer, unless there are none. Returns
  /// whether there may be more.
  public func takeOutput(upTo byteCount: Int, to output: (Span<UInt8>) -> Void) -> Bool {
    let gathered = unsafe pool.output
    unsafe core.pointee.giveBackToConnection()
    unsafe gather(upTo: byteCount, gathered)
    // Not sooner: libnghttp2 sends a ping before all else that waits, and this one asks whether the
    // notice was seen.
    if unsafe core.pointee.pingIsDue, unsafe gathered.pointee.count < byteCount {
      unsafe core.pointee.pingIsDue = false
      unsafe nghttp2_submit_ping(core.pointee.raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil)
      unsafe gather(upTo: byteCount, gathered)
    }
    if let offence = unsafe core.pointee.offence, unsafe !core.pointee.isTerminated {
      // What the session had to say was itself too much.
      unsafe core.pointee.terminate(offence)
      unsafe gather(upTo: byteCount + 1, gathered)
    }
    unsafe core.pointee.wakeHeld()
    if unsafe gathered.pointee.count < byteCount { unsafe core.pointee.releaseLargeBodies() }
    let count = unsafe gathered.pointee.count
    if count > 0 {
      // SAFETY: nobody writes to the gathered bytes before `output` returns.
      output(unsafe gathered.pointee.unsafeSpan)
      unsafe gathered.pointee.removeAll()
    }
    return count >= byteCount
  }

  /// Appends what libnghttp2 has to say until it has no more, or `byteCount` bytes are there.
  @unsafe private func gather(upTo byteCount: Int, _ output: UnsafeMutablePointer<ByteWriter>) {
    let raw = unsafe core.pointee.raw
    #if DEBUG
      defer { unsafe pool.memory.pointee.spoilFrameBuffer() }
    #endif
    // It must not be asked again once it has run out of memory.
    while unsafe !core.pointee.isOutOfMemory && output.pointee.count < byteCount {
      var chunk: UnsafePointer<UInt8>?
      let count = unsafe nghttp2_session_mem_send(raw, &chunk)
      if count < 0 {
        unsafe core.pointee.isOutOfMemory = true
        unsafe core.pointee.fail()
      }
      guard count > 0, let start = unsafe chunk else { return }
      // SAFETY: nghttp2 keeps the bytes until its next call.
      unsafe core.pointee.write(Span(_unsafeStart: start, count: count), to: &output.pointee)
    }
  }

  /// Whether libnghttp2 has lost something for want of memory: the connection has to end.
  public var isOutOfMemory: Bool { unsafe core.pointee.isOutOfMemory }

  /// Whether the session is over: nothing to read, nothing to write.
  public var isFinished: Bool {
    if isOutOfMemory { return true }
    let raw = unsafe core.pointee.raw
    if unsafe core.pointee.offence == .failure { return true }
    return unsafe nghttp2_session_want_read(raw) == 0 && nghttp2_session_want_write(raw) == 0
  }

  /// Gives back memory that only a busy connection needs. To be called when nothing has come for a while.
  public func rest() { unsafe core.pointee.rest() }

  /// The next complete request, in order of completion; `nil` when there is none, or while more
  /// reply bytes than `queuedByteCount` allows wait for the peer.
  public func takeRequest() -> HTTP2Stream? { unsafe core.pointee.takeRequest() }

  /// Whether this connection holds as much memory as it may, its loop's other connections considered:
  /// what it asks for now should be refused.
  public var isOverMemory: Bool { unsafe core.pointee.findsNoMemory() }

  /// Answers a request with `head`, `headers` and the bytes in `stream.response`.
  public func respond(
    to stream: HTTP2Stream, _ head: ResponseHead, _ headers: borrowing HeaderList
  ) {
    unsafe core.pointee.respond(to: stream.state, head, headers)
  }

  /// Answers a request with `head` and the bytes in `stream.response`.
  public func respond(to stream: HTTP2Stream, _ head: ResponseHead) {
    // SAFETY: heads live for ever.
    unsafe core.pointee.submit(stream.state, head)
  }

  /// Says that the connection will end, and still answers what the peer asks before it has heard:
  /// a GOAWAY that names the highest stream there can be, and a ping (RFC 9113 6.8).
  public func announceShutDown() {
    let raw = unsafe core.pointee.raw
    unsafe nghttp2_submit_shutdown_notice(raw)
    unsafe core.pointee.pingIsDue = true
  }

  /// Whether the peer has answered the ping of `announceShutDown`, and so has seen the notice.
  public var shutDownIsHeard: Bool { unsafe core.pointee.pingIsAnswered }

  /// Says that no new streams will be answered, and which was the last. Streamed ones are in
  /// `takeRequest` once more.
  public func shutDown() {
    unsafe core.pointee.drain()
    let raw = unsafe core.pointee.raw
    unsafe nghttp2_submit_goaway(
      raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), nghttp2_session_get_last_proc_stream_id(raw),
      UInt32(NGHTTP2_NO_ERROR.rawValue), nil, 0)
  }
}
