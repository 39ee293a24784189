import CNghttp2
import Wire

/// One server connection's HTTP/2, without a socket: bytes in, requests out; responses in, bytes out.
///
/// Not thread-safe: it lives on its connection's event loop. libnghttp2 is never called back into
/// from its own callbacks with `receive` or `takeOutput`.
@safe
public final class ServerSession {
  /// At one address for the session's life: libnghttp2 holds a pointer to it.
  let core: UnsafeMutablePointer<ServerCore>
  /// Kept alive for the core and for libnghttp2.
  private let pool: SessionPool

  /// Sessions of one event loop share a `pool`. `handling` says what becomes of a request, by its
  /// path; it is asked once a request.
  public init(
    _ settings: HTTP2Settings, pool: SessionPool = SessionPool(),
    handling: @escaping @Sendable (_ path: Span<UInt8>) -> RequestHandling
  ) throws(HTTP2Error) {
    unsafe core = .allocate(capacity: 1)
    self.pool = pool
    unsafe core.initialize(to: ServerCore(settings, pool.streams, handling))
    var functions = unsafe SessionMemory.functions(pool.memory)
    var session: OpaquePointer?
    // SAFETY: core and pool outlive the session, which `deinit` deletes first; the functions are
    // copied.
    let status = unsafe nghttp2_session_server_new3(
      &session, ServerCallbacks.table, core, ServerCallbacks.options, &functions)
    unsafe core.pointee.raw = session
    guard status == 0 else { throw .outOfMemory }
    unsafe core.pointee.submitSettings()
  }

  deinit {
    unsafe nghttp2_session_del(core.pointee.raw)
    unsafe core.deinitialize(count: 1)
    unsafe core.deallocate()
  }

  /// Streams that are open: handed out or still coming in.
  public var openStreamCount: Int { unsafe core.pointee.openStreamCount }

  /// Takes bytes from the peer. Complete requests are then in `takeRequest`.
  /// After an error only `takeOutput` (for the GOAWAY) and destruction make sense.
  public func receive(_ bytes: Span<UInt8>) throws(HTTP2Error) {
    let raw = unsafe core.pointee.raw
    let taken = unsafe bytes.withUnsafeBufferPointer {
      unsafe nghttp2_session_mem_recv(raw, $0.baseAddress, $0.count)
    }
    if unsafe core.pointee.isAbused {
      // SAFETY: nghttp2 is not running; it ends the session with a GOAWAY.
      unsafe nghttp2_session_terminate_session(raw, UInt32(NGHTTP2_ENHANCE_YOUR_CALM.rawValue))
      throw .headerAbuse
    }
    guard taken >= 0 else { throw .connection(code: Int32(taken)) }
    unsafe core.pointee.giveBackToConnection()
  }

  /// As `receive`, and returns how long header blocks took of it, by a clock in nanoseconds.
  public func receive(
    _ bytes: Span<UInt8>, timingHeadersBy clock: @escaping @Sendable () -> UInt64
  ) throws(HTTP2Error) -> UInt64 {
    unsafe core.pointee.headerTimer = HeaderTimer(clock)
    defer { unsafe core.pointee.headerTimer = nil }
    try receive(bytes)
    return unsafe core.pointee.headerTimer?.nanoseconds ?? 0
  }

  /// Calls `output` with up to about `byteCount` bytes for the peer, unless there are none. Returns
  /// whether there may be more.
  public func takeOutput(upTo byteCount: Int, to output: (Span<UInt8>) -> Void) -> Bool {
    let gathered = unsafe pool.output
    unsafe core.pointee.giveBackToConnection()
    unsafe core.pointee.gatherOutput(upTo: byteCount, gathered)
    unsafe core.pointee.wakeHeld()
    let count = unsafe gathered.pointee.count
    if count > 0 {
      // SAFETY: nobody writes to the gathered bytes before `output` returns.
      output(unsafe gathered.pointee.unsafeSpan)
      unsafe gathered.pointee.removeAll()
    }
    return count >= byteCount
  }

  /// Whether the session is over: nothing to read, nothing to write.
  public var isFinished: Bool {
    let raw = unsafe core.pointee.raw
    return unsafe nghttp2_session_want_read(raw) == 0 && nghttp2_session_want_write(raw) == 0
  }

  /// The next complete request, in order of completion; `nil` when there is none.
  public func takeRequest() -> HTTP2Stream? { unsafe core.pointee.takeRequest() }

  /// Answers a request with `head`, `headers` and the bytes in `stream.response`.
  public func respond(
    to stream: HTTP2Stream, _ head: ResponseHead, _ headers: borrowing HeaderList
  ) {
    unsafe core.pointee.respond(to: stream.state, head, headers)
  }

  /// Answers a request with `head` and the bytes in `stream.response`.
  public func respond(to stream: HTTP2Stream, _ head: ResponseHead) {
    // SAFETY: heads live for ever.
    unsafe core.pointee.submit(stream.state, head.fields.baseAddress!, head.fields.count)
  }

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
