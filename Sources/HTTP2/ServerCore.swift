import CNghttp2
import Wire

/// A server session's state, as the callbacks change it.
///
/// A struct at a fixed address rather than a class: the callbacks come many times a request, and a
/// class would count references and check exclusivity on each.
///
/// It gives back every stream state that it took from the pool: (streams-owned).
@safe
struct ServerCore: ~Copyable {
  let settings: HTTP2Settings
  let handling: @Sendable (_ path: Span<UInt8>) -> RequestHandling
  var raw: OpaquePointer?
  /// Set when a header block was far over the limits.
  var isAbused = false
  private let pool: UnsafeMutablePointer<StreamPool>
  /// The streams in use; each knows its place.
  private(set) var open: [HTTP2Stream] = []
  private var complete: [HTTP2Stream] = []
  private var nextComplete = 0
  /// Body bytes that the connection's window has not been told of.
  var consumedByteCount = 0
  /// Open streams that are streamed, those of them that are held, and what their responses have
  /// appended and not sent.
  var streamedCount = 0
  var heldCount = 0
  var queuedByteCount = 0
  var isDraining = false
  /// Times header blocks, in reads that are timed.
  var headerTimer: HeaderTimer?
  /// The stream of the last callback: headers and data of one stream come in runs.
  private var current: UnsafeMutablePointer<StreamState>?
  private let fields: UnsafeMutablePointer<nghttp2_nv>

  /// LIMIT: a quarter of the window that a stream has before a client has seen our settings.
  private static let givenBackByteCountMin = 16 << 10
  /// LIMIT: headers of one response, `:status` included.
  static let responseHeaderCountMax = 128

  /// The pool has to outlive the core.
  @unsafe init(
    _ settings: HTTP2Settings, _ pool: UnsafeMutablePointer<StreamPool>,
    _ handling: @escaping @Sendable (Span<UInt8>) -> RequestHandling
  ) {
    self.settings = settings
    self.handling = handling
    unsafe self.pool = pool
    unsafe fields = .allocate(capacity: Self.responseHeaderCountMax)
  }

  deinit {
    for stream in open { unsafe pool.pointee.giveBack(stream) }
    unsafe fields.deallocate()
  }

  var openStreamCount: Int { open.count }

  func submitSettings() {
    let entries: [nghttp2_settings_entry] = [
      .init(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue),
        value: settings.concurrentStreams),
      .init(
        settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue),
        value: UInt32(settings.streamWindow)),
      .init(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
        value: UInt32(settings.headerByteCount)),
      .init(settings_id: Int32(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES.rawValue), value: 1),
    ]
    // SAFETY: nghttp2 copies the entries.
    unsafe nghttp2_submit_settings(raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), entries, entries.count)
    unsafe nghttp2_session_set_local_window_size(
      raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, settings.connectionWindow)
  }

  // MARK: Streams

  mutating func begin(_ id: Int32) {
    let stream = unsafe pool.pointee.take()
    unsafe stream.state.pointee.reset(id: id, place: open.count)
    open.append(stream)
    // SAFETY: (streams-owned).
    unsafe nghttp2_session_set_stream_user_data(raw, id, stream.state)
    unsafe current = stream.state
  }

  @unsafe mutating func stream(_ id: Int32) -> UnsafeMutablePointer<StreamState>? {
    if let current = unsafe current, unsafe current.pointee.id == id { return unsafe current }
    // SAFETY: (streams-owned): set by `begin` to a state that we own.
    guard let pointer = unsafe nghttp2_session_get_stream_user_data(raw, id) else { return nil }
    unsafe current = pointer.assumingMemoryBound(to: StreamState.self)
    return unsafe current
  }

  /// The request is complete, or will not be read to its end.
  @unsafe mutating func handOut(_ stream: UnsafeMutablePointer<StreamState>) {
    guard unsafe !stream.pointee.isHandedOut else { return }
    unsafe stream.pointee.isHandedOut = true
    unsafe enqueue(stream)
  }

  /// Lets `takeRequest` return the stream, once.
  @unsafe mutating func enqueue(_ stream: UnsafeMutablePointer<StreamState>) {
    guard unsafe !stream.pointee.isQueued else { return }
    unsafe stream.pointee.isQueued = true
    complete.append(unsafe HTTP2Stream(state: stream))
  }

  var hasComplete: Bool { nextComplete < complete.count }

  mutating func takeRequest() -> HTTP2Stream? {
    while nextComplete < complete.count {
      let stream = complete[nextComplete]
      nextComplete += 1
      unsafe stream.state.pointee.isQueued = false
      if unsafe !stream.state.pointee.isClosed { return stream }
      recycle(stream)
    }
    complete.removeAll(keepingCapacity: true)
    nextComplete = 0
    return nil
  }

  mutating func close(_ id: Int32) {
    guard let stream = unsafe stream(id) else { return }
    unsafe current = nil
    unsafe stream.pointee.isClosed = true
    unsafe settle(stream)
    // One that waits in `complete` is recycled when its turn comes.
    if unsafe !stream.pointee.isQueued { recycle(unsafe HTTP2Stream(state: stream)) }
  }

  private mutating func recycle(_ stream: HTTP2Stream) {
    unsafe stream.state.pointee.id = 0
    let last = open.removeLast()
    // SAFETY: (streams-owned); the last one takes the place of the one that goes.
    let place = unsafe stream.state.pointee.place
    if place < open.count {
      open[place] = last
      unsafe last.state.pointee.place = place
    }
    unsafe pool.pointee.giveBack(stream)
  }

  // MARK: Windows

  /// Lets the peer send as many bytes more: a stream soon, the connection with the next output.
  mutating func giveBack(_ byteCount: Int, of stream: inout StreamState) {
    consumedByteCount += byteCount
    stream.consumedByteCount += byteCount
    // Most requests end before; libnghttp2 itself waits for half of the window.
    guard stream.consumedByteCount >= min(Int(settings.streamWindow) / 4, Self.givenBackByteCountMin)
    else { return }
    unsafe nghttp2_session_consume_stream(raw, stream.id, stream.consumedByteCount)
    stream.consumedByteCount = 0
  }

  /// Tells libnghttp2 how much of the connection's window is free again.
  mutating func giveBackToConnection() {
    guard consumedByteCount > 0 else { return }
    unsafe nghttp2_session_consume_connection(raw, consumedByteCount)
    consumedByteCount = 0
  }

  // MARK: Responses

  /// Appends what libnghttp2 has to say until it has no more, or `byteCount` bytes are there.
  @unsafe func gatherOutput(upTo byteCount: Int, _ output: UnsafeMutablePointer<ByteWriter>) {
    while unsafe output.pointee.count < byteCount {
      var chunk: UnsafePointer<UInt8>?
      let count = unsafe nghttp2_session_mem_send(raw, &chunk)
      guard count > 0, let start = unsafe chunk else { return }
      // SAFETY: nghttp2 keeps the bytes until its next call.
      unsafe output.pointee.append(Span(_unsafeStart: start, count: count))
    }
  }

  @unsafe mutating func respond(
    to stream: UnsafeMutablePointer<StreamState>, _ head: ResponseHead,
    _ headers: borrowing HeaderList
  ) {
    let fixedCount = unsafe head.fields.count
    let count = fixedCount + headers.fields.count
    precondition(count <= Self.responseHeaderCountMax)
    let bytes = headers.bytes.span
    unsafe bytes.withUnsafeBufferPointer { pointer in
      for index in 0..<fixedCount { unsafe fields[index] = head.fields[index] }
      for (index, field) in headers.fields.enumerated() {
        // SAFETY: ranges of `bytes`; nghttp2 copies names and values before `submit` returns.
        let base = unsafe UnsafeMutablePointer(mutating: pointer.baseAddress!)
        unsafe fields[fixedCount + index] = nghttp2_nv(
          name: base + field.name.start, value: base + field.value.start,
          namelen: Int(field.name.count), valuelen: Int(field.value.count),
          flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue))
      }
      unsafe submit(stream, fields, count)
    }
  }

  @unsafe mutating func submit(
    _ stream: UnsafeMutablePointer<StreamState>, _ fields: UnsafePointer<nghttp2_nv>, _ count: Int
  ) {
    // A streamed request that is answered as a whole one is one.
    if unsafe stream.pointee.streamed.isStreamed {
      unsafe settle(stream)
      unsafe stream.pointee.streamed.reset()
      unsafe stream.pointee.isHandedOut = true
    }
    unsafe submit(stream, fields, count, readingBy: ServerCallbacks.readResponse)
  }

  /// Begins a response that grows.
  @unsafe func submitStreamed(
    _ stream: UnsafeMutablePointer<StreamState>, _ fields: UnsafePointer<nghttp2_nv>, _ count: Int
  ) {
    unsafe submit(stream, fields, count, readingBy: ServerCallbacks.readStreamed)
  }

  @unsafe private func submit(
    _ stream: UnsafeMutablePointer<StreamState>, _ fields: UnsafePointer<nghttp2_nv>, _ count: Int,
    readingBy read: nghttp2_data_source_read_callback
  ) {
    var provider = unsafe nghttp2_data_provider()
    unsafe provider.source.ptr = UnsafeMutableRawPointer(stream)
    unsafe provider.read_callback = read
    // SAFETY: (streams-owned): the state outlives its use as a source.
    unsafe nghttp2_submit_response(raw, stream.pointee.id, fields, count, &provider)
  }
}
