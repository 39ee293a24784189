import Wire

/// The head that requests of a connection have again and again, known by the bytes of its header block.
///
/// Most clients say each request's head in the same few bytes. A block that enters nothing in HPACK's table
/// says the same fields whenever it comes again, as long as no other block has changed the table meanwhile.
/// So its fields are read once; later libnghttp2 is given a block without fields in its place, and has
/// none to look up and hand over.
///
/// INVARIANT (table-unchanged): since the block that is known was read only such have come that leave HPACK's
/// table as it is. One that may not, or that was not seen whole, ends what is known. The table's size is the
/// peer's alone to change, in a block: `ServerCore` submits no SETTINGS_HEADER_TABLE_SIZE.
///
/// Cost: a comparison a request, a look at the block where it is another. Allocates nothing per request once
/// it is warm.
struct RepeatedHead: ~Copyable {
  /// Where a request with this head begins in the bytes that are being received, and where its block ends.
  struct Place: BitwiseCopyable {
    var start: Int
    var end: Int
    var frame: FrameHead
  }

  /// LIMIT: bytes of a block that is known again. Those of common clients have 5 to 40, of plain ones 100.
  private static let blockByteCountMax = 128
  /// LIMIT: bytes of its fields, as SETTINGS_MAX_HEADER_LIST_SIZE counts them: fewer than each request may
  /// name without sending them, `ServerCore.headerCreditPerRequest`.
  private static let fieldByteCountMax = 1024
  /// LIMIT: requests with other heads in a row until one of theirs is learned. What that costs is nothing
  /// beside them.
  private static let patience = 16

  private var block = ByteWriter(capacity: 16)
  private(set) var isLearned = false
  /// Requests since the last one that had this head.
  private(set) var otherCount = 0
  /// The stream whose head is to be learned when it has been read, 0 for none.
  private var learning: UInt32 = 0
  /// `block` is of a head that cannot be learned.
  private var isUnlearnable = false
  /// The peer has said GOAWAY. libnghttp2 reads all that comes in one call then, and nothing in the next
  /// where no stream is open: what comes together is to stay so.
  private var peerIsLeaving = false
  /// Where the bytes that are being received have it. LIMIT: as many as frames that are received at once.
  private(set) var places: [Place] = []
  /// The stream that libnghttp2 was given without its fields.
  private var shortened: Int32 = 0

  /// What the fields come to.
  private var rules = RequestRules()
  private var head = RequestHead()
  private var bytes = ByteWriter(capacity: 64)

  // MARK: Blocks

  /// The next bytes are looked at; those before have been read.
  @inline(__always)
  mutating func begin() {
    learning = 0
    if !places.isEmpty { places.removeAll(keepingCapacity: true) }
  }

  /// A frame of headers goes by, at `start` of `bytes`. `opens`: it is the first of its stream.
  @inline(__always)
  mutating func see(_ frame: FrameHead, in bytes: Span<UInt8>, at start: Int, opens: Bool) {
    let blockStart = start &+ FrameHead.byteCount
    let end = blockStart &+ frame.payloadByteCount
    guard frame.isWholeBlock, end <= bytes.count else { return forget() }
    let seen = bytes.extracting(blockStart..<end)
    if isLearned, opens, !peerIsLeaving, seen.elementsEqual(block.span) {
      otherCount = 0
      places.append(Place(start: start, end: end, frame: frame))
    } else {
      seeOther(seen, of: frame.stream, opens: opens)
    }
  }

  @inline(never)
  private mutating func seeOther(_ seen: Span<UInt8>, of stream: UInt32, opens: Bool) {
    guard seen.leavesTable else { return forget() }
    guard opens, learning == 0, seen.count <= Self.blockByteCountMax else { return }
    if isLearned {
      otherCount += 1
      guard otherCount > Self.patience else { return }
      isLearned = false
    }
    // Else it would keep others behind it from being learned.
    if isUnlearnable, seen.elementsEqual(block.span) { return }
    isUnlearnable = false
    learning = stream
    block.removeAll()
    block.append(seen)
  }

  /// A frame of headers goes by that may change HPACK's table. Those of `places` have come before it.
  @inline(never)
  mutating func forget() {
    isLearned = false
    isUnlearnable = false
    learning = 0
  }

  /// The peer says that it will open no more streams, or few.
  mutating func peerLeaves() { peerIsLeaving = true }

  /// The frame to be read in a place of `places`: it has no fields.
  mutating func shorten(_ place: Place) -> InlineArray<9, UInt8> {
    shortened = Int32(bitPattern: place.frame.stream)
    var frame = place.frame
    frame.payloadByteCount = 0
    return frame.bytes
  }

  /// Gives back what only a busy connection needs.
  mutating func rest() { places = [] }

  // MARK: Fields

  /// A request has come to the end of its fields. Where it has this head, gives the stream what they come to;
  /// returns the bytes of its fields, 0 where it has not.
  @inline(__always)
  mutating func complete(_ stream: inout StreamState) -> Int {
    guard stream.id == shortened else { return 0 }
    stream.rules = rules
    stream.head = head
    stream.headerBytes.append(bytes.span)
    return head.fieldByteCount
  }

  /// The fields of a request have been read.
  @inline(__always)
  mutating func read(_ stream: inout StreamState) {
    if learning == UInt32(bitPattern: stream.id) { learn(&stream) }
  }

  @inline(never)
  private mutating func learn(_ stream: inout StreamState) {
    learning = 0
    isUnlearnable = true
    // Of some requests more is kept than is known here.
    guard !stream.keepsHeaders, !stream.isHeadOnly, !stream.streamed.isStreamed, stream.fault == .none,
      !stream.rules.isMalformed, stream.head.fieldByteCount <= Self.fieldByteCountMax
    else { return }
    rules = stream.rules
    head = stream.head
    bytes.removeAll()
    bytes.append(stream.headerBytes.span)
    isUnlearnable = false
    isLearned = true
    otherCount = 0
  }
}
