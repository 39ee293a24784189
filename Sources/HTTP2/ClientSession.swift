import CNghttp2
import Wire

/// One client connection's HTTP/2, without a socket: requests in, bytes out; bytes in, events out.
///
/// Requests beyond the server's limit on streams wait here and cost no stream. Not thread-safe: it
/// lives on its connection's event loop. libnghttp2 is never called back into from its own
/// callbacks with `receive` or `takeOutput`.
///
/// INVARIANT (streams-open): every stream that libnghttp2 knows is in `open`, by its number.
///
/// SAFETY, for all of it: only `deinit` deletes `raw`, and libnghttp2 copies what it is given before a call
/// returns.
@safe
public final class ClientSession {
  public let settings: ClientSettings
  private var raw: OpaquePointer?
  private var open: [Int32: ClientStream] = [:]
  private var waiting: [ClientStream] = []
  private var events: [ClientEvent] = []
  private var nextEvent = 0

  /// The server's settings have come: it does speak HTTP/2.
  public private(set) var isEstablished = false
  /// No new request goes out here: the server said so, or the stream numbers are used up.
  public private(set) var isDraining = false
  /// Whether libnghttp2 has lost something for want of memory: the connection has to end. It is not asked
  /// for anything from then on, and requests under way have no end.
  public private(set) var isOutOfMemory = false
  /// Requests that wait or are under way.
  public var requestCount: Int { open.count + waiting.count }

  public init(_ settings: ClientSettings = ClientSettings()) throws(HTTP2Error) {
    guard let callbacks = unsafe ClientCallbacks.table, let options = unsafe ClientCallbacks.options else {
      throw .outOfMemory
    }
    self.settings = settings
    var session: OpaquePointer?
    let owner = unsafe Unmanaged.passUnretained(self).toOpaque()
    // SAFETY: `self` outlives the session, which `deinit` deletes; the functions are copied.
    #if DEBUG
      var functions = unsafe AllocationFault.functions
      let status = unsafe nghttp2_session_client_new3(
        &session, callbacks, owner, options, &functions)
    #else
      let status = unsafe nghttp2_session_client_new2(&session, callbacks, owner, options)
    #endif
    guard status == 0 else { throw .outOfMemory }
    unsafe raw = session
    submitSettings()
    if isOutOfMemory { throw .outOfMemory }
  }

  deinit {
    // As in `ServerSession`: what it holds is given up, since libnghttp2 1.52 may free an item twice.
    if !isOutOfMemory { unsafe nghttp2_session_del(raw) }
  }

  private func submitSettings() {
    let entries: [nghttp2_settings_entry] = [
      .init(settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0),
      .init(
        settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue),
        value: UInt32(settings.streamWindow)),
      .init(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
        value: UInt32(settings.headerByteCount)),
      .init(settings_id: Int32(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES.rawValue), value: 1),
    ]
    // SAFETY: nghttp2 copies the entries.
    check(unsafe nghttp2_submit_settings(raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), entries, entries.count))
    check(
      unsafe nghttp2_session_set_local_window_size(
        raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, settings.connectionWindow))
  }

  /// Looks at what libnghttp2 says to a call. Its other complaints are about streams that are closed
  /// meanwhile, for which there is nothing to do.
  private func check(_ status: some BinaryInteger) {
    guard Int(status) == Int(NGHTTP2_ERR_NOMEM.rawValue) else { return }
    isOutOfMemory = true
    drain()
  }

  // MARK: Bytes

  /// Takes bytes from the server. What they ended is then in `takeEvent`.
  /// After an error only `takeOutput` (for the GOAWAY) and destruction make sense.
  public func receive(_ bytes: Span<UInt8>) throws(HTTP2Error) {
    if isOutOfMemory { throw .outOfMemory }
    let taken = unsafe bytes.withUnsafeBufferPointer {
      unsafe nghttp2_session_mem_recv(raw, $0.baseAddress, $0.count)
    }
    check(taken)
    // A callback may have run out of it.
    if isOutOfMemory { throw .outOfMemory }
    guard taken >= 0 else { throw .connection(code: Int32(taken)) }
  }

  /// Appends up to about `byteCount` bytes for the server. Returns whether there may be more.
  public func takeOutput(upTo byteCount: Int, to output: (Span<UInt8>) -> Void) -> Bool {
    submitWaiting()
    var produced = 0
    // It must not be asked again once it has run out of memory.
    while produced < byteCount, !isOutOfMemory {
      var chunk: UnsafePointer<UInt8>?
      let count = unsafe nghttp2_session_mem_send(raw, &chunk)
      check(count)
      guard count > 0, let start = unsafe chunk else { return false }
      // SAFETY: nghttp2 keeps the bytes until its next call, and the span does not leave `output`.
      output(unsafe Span(_unsafeStart: start, count: count))
      produced += count
    }
    return !isOutOfMemory
  }

  /// Whether the session is over: nothing to read, nothing to write.
  public var isFinished: Bool {
    if isOutOfMemory { return true }
    return unsafe nghttp2_session_want_read(raw) == 0 && nghttp2_session_want_write(raw) == 0
  }

  /// Whether the server broke the protocol so badly that libnghttp2 has said good-bye for us.
  public var isBroken: Bool { !isDraining && isFinished }

  // MARK: Requests

  /// Queues a request. Its end is an event with the same tag, unless it is cancelled.
  public func submit(_ head: ClientRequestHead, body: [UInt8], tag: UInt64) -> ClientStream {
    let stream = ClientStream(tag: tag, head: head, requestBody: body)
    queue(stream)
    return stream
  }

  func queue(_ stream: ClientStream) {
    if isDraining {
      settle(stream, .failure(tag: stream.tag, .notProcessed))
    } else {
      waiting.append(stream)
    }
  }

  /// Gives a request up: no event will come of it.
  public func cancel(_ stream: ClientStream) {
    stream.isSettled = true
    switch stream.state {
    case .waiting:
      waiting.removeAll { $0 === stream }
      stream.state = .closed
    case .open: reset(stream)
    case .closed: break
    }
  }

  /// How the next request ended, in the order of the ends; `nil` when there is no more.
  public func takeEvent() -> ClientEvent? {
    guard nextEvent < events.count else {
      events.removeAll(keepingCapacity: true)
      nextEvent = 0
      return nil
    }
    defer { nextEvent += 1 }
    return events[nextEvent]
  }

  /// Asks the server for a sign of life.
  public func ping() {
    if isOutOfMemory { return }
    check(unsafe nghttp2_submit_ping(raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil))
  }

  /// Says good-bye. Requests under way may still be answered.
  public func shutDown() {
    drain()
    if isOutOfMemory { return }
    check(
      unsafe nghttp2_submit_goaway(
        raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, UInt32(NGHTTP2_NO_ERROR.rawValue), nil, 0))
  }

  /// From now on nothing new goes out, and what waits never will.
  public func drain() {
    isDraining = true
    let unsent = waiting
    waiting.removeAll()
    for stream in unsent { giveUp(stream) }
  }

  private func giveUp(_ stream: ClientStream) {
    stream.state = .closed
    settle(stream, .failure(tag: stream.tag, .notProcessed))
  }

  /// Hands waiting requests to libnghttp2, as many as the server allows.
  private func submitWaiting() {
    guard !waiting.isEmpty, !isDraining else { return }
    // libnghttp2 says 100 until the server's settings have come.
    let allowed = unsafe nghttp2_session_get_remote_settings(
      raw, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
    let room = min(Int(allowed), settings.concurrentStreams) - open.count
    guard room > 0 else { return }
    let next = waiting.prefix(room)
    waiting.removeFirst(next.count)
    for stream in next { submit(stream) }
  }

  private func submit(_ stream: ClientStream) {
    // One before it found no stream number or no memory.
    guard !isDraining else { return giveUp(stream) }
    var provider = unsafe nghttp2_data_provider()
    unsafe provider.read_callback = ClientCallbacks.readRequest
    // SAFETY: (head-alive); nghttp2 copies the array of fields.
    let id = unsafe nghttp2_submit_request(
      raw, nil, stream.head.fields.baseAddress, stream.head.fields.count, &provider, nil)
    guard id > 0 else {
      giveUp(stream)
      check(id)
      return drain()
    }
    stream.id = id
    stream.state = .open
    open[id] = stream
  }

  // MARK: Called by the callbacks

  func stream(_ id: Int32) -> ClientStream? { open[id] }

  func establish() { isEstablished = true }

  func reset(_ stream: ClientStream) {
    if isOutOfMemory { return }
    check(
      unsafe nghttp2_submit_rst_stream(
        raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, UInt32(NGHTTP2_CANCEL.rawValue)))
  }

  func resume(_ stream: ClientStream) {
    if isOutOfMemory { return }
    check(unsafe nghttp2_session_resume_data(raw, stream.id))
  }

  func forget(_ stream: ClientStream) {
    open[stream.id] = nil
    stream.state = .closed
  }

  /// Tells the caller how a request ended, once.
  func settle(_ stream: ClientStream, _ event: ClientEvent) {
    guard !stream.isSettled else { return }
    stream.isSettled = true
    tell(event)
  }

  func tell(_ event: ClientEvent) { events.append(event) }
}
