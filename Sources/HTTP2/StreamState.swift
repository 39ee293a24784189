import CNghttp2
import Wire

/// What a session keeps of one stream, at one address for the session's life: libnghttp2 holds
/// pointers to it. Used again for stream after stream.
struct StreamState: ~Copyable {
  var id: Int32 = 0
  /// Its index among its session's streams in use.
  var place = 0
  /// When its header came, by the session's clock.
  var since: UInt64 = 0
  var fault = HTTP2Stream.Fault.none
  var rules = RequestRules()
  /// Small at first: who opens streams and sends nothing on them is to get no memory for it.
  var body = ByteWriter(capacity: 16)
  var response = ByteWriter(capacity: 16)
  /// Names and values one after the other: `:method`, `:path`, then what the session was told to keep.
  var headerBytes = ByteWriter(capacity: Self.headerCapacity)
  var headers: [HeaderRange] = []
  var head = RequestHead()
  var keepsHeaders = false
  /// It is handed out with its head: whether its body comes to its end is no matter.
  var isHeadOnly = false
  /// Its response has been sent to its end.
  var hasSentResponse = false
  var isInTrailers = false
  /// Bytes that are counted as held for this stream.
  var heldByteCount = 0
  /// Response bytes among them.
  var heldResponseByteCount = 0
  /// Header bytes among them.
  var heldHeaderByteCount = 0
  /// Bytes of the body that have come, kept or not.
  var receivedByteCount = 0
  /// Its pieces, as they are lent: their places, `nil` where there is none.
  var firstPiece: Int?
  var lastPiece: Int?
  /// How far a message has been read that comes in parts.
  var progress = MessageProgress()
  /// Response bytes that libnghttp2 has taken.
  var sentCount = 0
  var isHandedOut = false
  /// When the request was complete or, where it is handed out as it comes, when its last bytes came; in
  /// nanoseconds.
  var arrival: UInt64 = 0
  /// Where it waits in the session's queue of complete requests; `nil` when it does not.
  var queuePlace: Int?
  var isAnswered = false
  /// The head of its response, where libnghttp2 was given none.
  var shortened: ResponseHead?
  var endsReceived = false
  /// Body bytes that its window has not been told of.
  var consumedByteCount = 0
  var streamed = StreamedState()

  /// Gives back memory beyond `keptByteCount` bytes of each kind. For a stream that is not in use.
  mutating func shrink(to keptByteCount: Int) {
    body.removeAll()
    body.shrink(to: keptByteCount)
    response.removeAll()
    response.shrink(to: keptByteCount)
    headerBytes.removeAll()
    headerBytes.shrink(to: keptByteCount)
  }

  /// Whether it has more memory than is worth keeping for whoever is next.
  var isLarge: Bool { max(body.capacity, response.capacity) > Self.largeByteCount }

  /// LIMIT: what has grown beyond is mostly a reply that nobody took: a crowd of such streams, reset at once,
  /// would be held beside what comes after them.
  private static let largeByteCount = 64 << 10

  /// Gives back memory beyond `keptByteCount` bytes where no message and no reply is under way.
  mutating func rest(keptByteCount: Int) {
    if body.isEmpty { body.shrink(to: keptByteCount) }
    if response.isEmpty { response.shrink(to: keptByteCount) }
  }

  /// Gives back the memory of a body that nobody will look at again.
  mutating func releaseBody(to keptByteCount: Int) {
    body.removeAll()
    body.shrink(to: keptByteCount)
  }

  /// Gives back the memory of headers that nobody will look at again, while the stream stays open.
  mutating func releaseHead() {
    forgetHeaders()
    headers = []
    headerBytes.shrink(to: Self.headerCapacity)
    heldHeaderByteCount = 0
  }

  private mutating func forgetHeaders() {
    headerBytes.removeAll()
    if !headers.isEmpty { headers.removeAll(keepingCapacity: true) }
    head.method = .empty
    head.path = .empty
    head.contentType = .empty
    head.hasContentType = false
  }

  /// Makes the stream ready for its next request.
  mutating func reset(id: Int32, place: Int, at now: UInt64) {
    self.id = id
    self.place = place
    since = now
    fault = .none
    rules = RequestRules()
    body.removeAll()
    response.removeAll()
    forgetHeaders()
    head = RequestHead()
    keepsHeaders = false
    isHeadOnly = false
    hasSentResponse = false
    isInTrailers = false
    heldByteCount = 0
    heldResponseByteCount = 0
    heldHeaderByteCount = 0
    receivedByteCount = 0
    firstPiece = nil
    lastPiece = nil
    if progress.hasBegun { progress = MessageProgress() }
    sentCount = 0
    isHandedOut = false
    queuePlace = nil
    isAnswered = false
    shortened = nil
    endsReceived = false
    consumedByteCount = 0
    if streamed.isStreamed { streamed.reset() }
  }

  /// Response bytes that libnghttp2 has not taken.
  var unsentCount: Int { response.count - sentCount }

  /// Forgets the response bytes that libnghttp2 has taken.
  mutating func forgetSent() {
    response.removeFirst(sentCount)
    sentCount = 0
  }

  /// Response bytes that libnghttp2 has yet to take.
  var unsentByteCount: Int { isAnswered ? response.count - sentCount : 0 }

  /// LIMIT: bytes of a method and of a content type that are kept, of those of which no more is asked than
  /// whether they are a certain one: all that are known are shorter.
  static let tokenByteCountMax = 64

  /// Keeps the first. A second one would be another's word against it: there is none then.
  mutating func takeContentType(_ value: Span<UInt8>) {
    if head.hasContentType {
      head.contentType = .empty
    } else {
      head.hasContentType = true
      head.contentType = appendHeaderBytes(value, upTo: Self.tokenByteCountMax)
    }
  }

  mutating func appendHeaderBytes(_ bytes: Span<UInt8>, upTo byteCountMax: Int) -> ByteRange {
    appendHeaderBytes(bytes.extracting(0..<min(bytes.count, byteCountMax)))
  }

  mutating func appendHeaderBytes(_ bytes: Span<UInt8>) -> ByteRange {
    let range = ByteRange(offset: headerBytes.count, count: bytes.count)
    headerBytes.append(bytes)
    return range
  }

  /// LIMIT: header bytes that every stream has room for.
  private static let headerCapacity = 256

  /// What the headers that were kept take beyond what every stream has.
  var extraHeaderByteCount: Int {
    max(0, headerBytes.count + headers.count * MemoryLayout<HeaderRange>.stride - Self.headerCapacity)
  }

  /// Copies the next response bytes to `target`. Returns how many.
  @unsafe mutating func readResponse(into target: UnsafeMutableRawPointer, upTo room: Int) -> Int {
    let count = min(room, response.count - sentCount)
    // SAFETY: the caller has `room` bytes at `target`.
    unsafe response.copy(sentCount..<(sentCount + count), to: target)
    sentCount += count
    return count
  }
}

/// Where a header's name and value lie.
struct HeaderRange: BitwiseCopyable {
  var name: ByteRange
  var value: ByteRange
}
