import CNghttp2
import Wire

/// A server session's state, as the callbacks change it.
///
/// A struct at a fixed address rather than a class: the callbacks come many times a request, and a
/// class would count references and check exclusivity on each.
///
/// It gives back every stream state that it took from the pool: (streams-owned).
///
/// SAFETY, for all of it: (streams-owned); `pool` and `fields` outlive the core, and libnghttp2 is called
/// with the session that calls us back.
@safe
struct ServerCore: ~Copyable {
  let settings: HTTP2Settings
  let handling: @Sendable (_ path: Span<UInt8>) -> RequestHandling
  var raw: OpaquePointer?
  var meter: FrameMeter
  /// When the bytes that are being read came, in nanoseconds of the session's clock.
  var now: UInt64
  /// From when on their requests have waited: before `now`, where they were not read at once.
  var arrival: UInt64 = 0
  /// Why the connection ends, once it does.
  var offence: HTTP2Offence?
  /// libnghttp2 has been told to say GOAWAY and nothing else, or has decided so itself.
  var isTerminated = false
  var invalidFrames: TokenBucket
  var resetsSent: TokenBucket
  /// Bytes of whole replies that libnghttp2 has not taken yet, and those of all replies that it has
  /// taken so far.
  var queuedByteCount = 0
  var sentByteCount: UInt64 = 0
  /// A request was answered that has long headers or a large body, since such were last given back.
  var hasLargeAnswered = false
  /// The peer has answered our ping: the one behind the notice of the end.
  var pingIsAnswered = false
  /// That ping is to be sent once the notice has left.
  var pingIsDue = false
  /// Set when libnghttp2 found no memory for something that the peer waits for: the session cannot go
  /// on, since nothing would tell it that this was lost.
  var isOutOfMemory = false
  /// Never another one. A variable, since ThreadSanitizer's build of a change behind a constant pointer is no
  /// valid code (Swift 6.3.1).
  var pool: UnsafeMutablePointer<StreamPool>
  /// Bytes of headers, bodies and responses of the open streams.
  private var heldByteCount = 0
  /// Those of headers among them.
  var heldHeaderByteCount = 0
  /// Bytes of header fields that the peer may name without sending them.
  var headerCredit = Self.headerCreditSpare
  /// Streams that libnghttp2 refused before the peer could know how many it may open.
  var earlyRefusalCount = 0
  /// The streams in use; each knows its place.
  private(set) var open: [HTTP2Stream] = []
  /// Requests to be answered, in their order; `nil` where one was reset meanwhile.
  ///
  /// INVARIANT (queue-place): a stream that is queued is at its `queuePlace`, at or behind
  /// `nextComplete`.
  private var complete: [HTTP2Stream?] = []
  private var nextComplete = 0
  /// Body bytes that the connection's window has not been told of.
  var consumedByteCount = 0
  /// Open streams that are streamed, those of them that are held, and what their responses have
  /// appended and not sent.
  var streamedCount = 0
  var heldCount = 0
  var streamQueuedByteCount = 0
  var isDraining = false
  /// Times header blocks, in reads that are timed.
  var headerTimer: HeaderTimer?
  /// The head that its requests have as a rule.
  var repeated = RepeatedHead()
  /// The head that its responses have as a rule.
  var repeatedResponse = RepeatedResponse()
  /// The stream of the last callback: headers and data of one stream come in runs.
  private var current: UnsafeMutablePointer<StreamState>?
  /// The pool's place to put the fields of a response together.
  let fields: UnsafeMutablePointer<nghttp2_nv>

  /// LIMIT: places in the queue, gaps included; a few times the requests that may be open.
  private static let queueLengthMax = 1024

  /// LIMIT: a quarter of the window that a stream has before a client has seen our settings.
  private static let givenBackByteCountMin = 16 << 10
  /// LIMIT: what a request may name of HPACK's tables: all that the dynamic one holds, once, and names of the
  /// static one. Who names a long field again and again has libnghttp2 look at each byte of it each time.
  static let headerCreditPerRequest = 4096 + 1024
  /// LIMIT: what is not used at once. A few requests that are odd.
  private static let headerCreditSpare = 64 << 10
  /// LIMIT: bytes of fields that a byte of a block may be: Huffman's shortest code has 5 bits.
  static let headerBytesPerByte = 2
  /// LIMIT: headers of one response, `:status` included.
  static let responseHeaderCountMax = 128

  /// The pool, and `fields` with room for `responseHeaderCountMax`, have to outlive the core.
  @unsafe init(
    _ settings: HTTP2Settings, _ pool: UnsafeMutablePointer<StreamPool>,
    fields: UnsafeMutablePointer<nghttp2_nv>, at now: UInt64,
    _ handling: @escaping @Sendable (Span<UInt8>) -> RequestHandling
  ) {
    self.settings = settings
    self.now = now
    meter = FrameMeter(settings, at: now)
    invalidFrames = TokenBucket(
      capacity: settings.faultCount, window: settings.faultWindowNanoseconds, at: now)
    resetsSent = TokenBucket(
      capacity: settings.faultCount, window: settings.faultWindowNanoseconds, at: now)
    self.handling = handling
    unsafe self.pool = pool
    unsafe self.fields = fields
  }

  deinit {
    unsafe pool.pointee.heldByteCount -= heldByteCount
    for stream in open { unsafe pool.pointee.giveBack(stream) }
  }

  var openStreamCount: Int { open.count }

  /// The most that may be left of the credit: the longest block may come in many reads and is looked at with
  /// the last.
  var headerCreditMax: Int {
    Self.headerCreditSpare + Self.headerBytesPerByte * settings.headerBlockByteCount
  }

  mutating func submitSettings() {
    // Not the size of HPACK's table: (table-unchanged).
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
    let submitted = unsafe nghttp2_submit_settings(
      raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), entries, entries.count)
    let opened = unsafe nghttp2_session_set_local_window_size(
      raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, settings.connectionWindow)
    if submitted < 0 || opened < 0 { isOutOfMemory = true }
  }

  // MARK: Memory

  /// Whether this connection holds as much as it may.
  var isOverMemory: Bool {
    if unsafe pool.pointee.spares(heldByteCount) { return false }
    return unsafe pool.pointee.refusesAll || heldByteCount > settings.heldByteCountMax
      || pool.pointee.heldByteCount > pool.pointee.heldByteCountMax
  }

  /// As `isOverMemory`, once bodies that nobody will look at again are given back.
  mutating func findsNoMemory() -> Bool {
    guard isOverMemory else { return false }
    releaseAnsweredBodies()
    return isOverMemory
  }

  /// LIMIT: places for streams that an idle connection keeps; so few are no memory to speak of, and a
  /// client that asks now and then does not allocate them again and again.
  static let restingCapacity = 8

  /// Gives back the places of streams, where there are none, and what streams that stay open have kept
  /// for their largest message.
  mutating func rest() {
    for stream in open where unsafe stream.state.pointee.streamed.isStreamed {
      unsafe stream.state.pointee.rest(keptByteCount: settings.keptByteCount)
    }
    guard open.isEmpty, !isWaiting else { return }
    if open.capacity > Self.restingCapacity { open = [] }
    if complete.capacity > Self.restingCapacity {
      complete = []
      nextComplete = 0
    }
    meter.rest()
    repeated.rest()
  }

  @unsafe mutating func hold(_ byteCount: Int, for stream: UnsafeMutablePointer<StreamState>) {
    unsafe stream.pointee.heldByteCount += byteCount
    heldByteCount += byteCount
    unsafe pool.pointee.heldByteCount += byteCount
  }

  // MARK: Streams

  mutating func begin(_ id: Int32) {
    let stream = unsafe pool.pointee.take()
    unsafe stream.state.pointee.reset(id: id, place: open.count, at: now)
    open.append(stream)
    headerCredit += Self.headerCreditPerRequest
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
    unsafe stream.pointee.arrival = arrival
    unsafe enqueue(stream)
  }

  /// Lets `takeRequest` return the stream, once.
  @unsafe mutating func enqueue(_ stream: UnsafeMutablePointer<StreamState>) {
    guard unsafe stream.pointee.queuePlace == nil else { return }
    if complete.count >= Self.queueLengthMax { closeRanks() }
    unsafe stream.pointee.queuePlace = complete.count
    complete.append(unsafe HTTP2Stream(state: stream))
  }

  // Those that say no more than what is are `mutating` all the same: Swift 6.3 copies all of a `~Copyable`
  // struct to lend it to a function that is not.

  /// Whether `takeRequest` has one to give.
  var hasRequest: Bool { mutating get { isWaiting && takesReplies } }

  /// Whether the peer has taken enough of its replies to be made others.
  var takesReplies: Bool { queuedByteCount <= settings.queuedByteCount }

  /// Whether requests wait, be it for the peer to take earlier replies.
  var isWaiting: Bool {
    mutating get {
      var place = nextComplete
      while place < complete.count {
        if complete[place] != nil { return true }
        place += 1
      }
      return false
    }
  }

  /// How many requests wait. Linear in that.
  var waitingCount: Int {
    mutating get { complete[nextComplete...].count { $0 != nil } }
  }

  mutating func takeRequest() -> HTTP2Stream? {
    guard takesReplies else { return nil }
    while nextComplete < complete.count {
      let next = complete[nextComplete]
      nextComplete += 1
      guard let stream = next else { continue }
      unsafe stream.state.pointee.queuePlace = nil
      return stream
    }
    complete.removeAll(keepingCapacity: true)
    nextComplete = 0
    return nil
  }

  /// Takes the gaps out of the queue: while its head waits, requests behind it come and are reset.
  private mutating func closeRanks() {
    complete.removeSubrange(..<nextComplete)
    complete.removeAll { $0 == nil }
    nextComplete = 0
    for (place, stream) in complete.enumerated() { unsafe stream!.state.pointee.queuePlace = place }
  }

  mutating func close(_ id: Int32) {
    guard let stream = unsafe stream(id) else { return }
    unsafe current = nil
    if let place = unsafe stream.pointee.queuePlace { complete[place] = nil }
    unsafe dropPieces(of: stream)
    // What was not sent never will be.
    queuedByteCount -= unsafe stream.pointee.unsentByteCount
    unsafe settle(stream)
    recycle(unsafe HTTP2Stream(state: stream))
  }

  private mutating func recycle(_ stream: HTTP2Stream) {
    unsafe hold(-stream.state.pointee.heldByteCount, for: stream.state)
    heldHeaderByteCount -= unsafe stream.state.pointee.heldHeaderByteCount
    unsafe stream.state.pointee.id = 0
    let last = open.removeLast()
    // SAFETY: (streams-owned); the last one takes the place of the one that goes.
    let place = unsafe stream.state.pointee.place
    if place < open.count {
      open[place] = last
      unsafe last.state.pointee.place = place
    }
    if unsafe stream.state.pointee.isLarge { unsafe stream.state.pointee.shrink(to: settings.keptByteCount) }
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
}
