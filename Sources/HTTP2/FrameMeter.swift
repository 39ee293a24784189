import CNghttp2

/// Watches the frames of one connection go by, before libnghttp2 sees them, and says when it is
/// enough: what the library allows without end has its limits here.
///
/// It looks at frame heads alone and steps over payloads; it cares for no more than costs and order.
/// What makes a frame right or wrong is the library's to judge, save for frames on streams that are
/// over, which the library takes for stragglers and ignores.
///
/// Cost: a load and a branch or two a frame. Allocates nothing per frame once it is warm.
struct FrameMeter {
  private let settings: HTTP2Settings
  /// What it was that is enough; nothing of the connection is to be read from there on.
  private(set) var offence: HTTP2Offence?
  /// The peer has acknowledged our settings: it does speak HTTP/2.
  private(set) var isEstablished = false
  /// The highest stream that the peer has opened.
  private(set) var highestStream: UInt32 = 0
  private(set) var unfinished = UnfinishedRequests()
  /// Since when a header block has been under way, by the session's clock; 0 for none.
  private(set) var headersSince: UInt64 = 0

  /// Bytes left of the client's preface, and then of a frame's payload.
  private var bytesToSkip = Int(NGHTTP2_CLIENT_MAGIC_LEN)
  private var head = [UInt8]()
  /// The payload that is being stepped over ends a header block.
  private var isLastOfHeaders = false

  /// The stream whose last DATA is being stepped over, 0 when none is: its body may still be too slow.
  private var finishing: UInt32 = 0
  /// The stream of the PRIORITY frame that is being stepped over, 0 when none is, and the number that
  /// it is said to depend on, as far as it came, behind a bit that was 1 at first.
  private var dependent: UInt32 = 0
  private var dependency: UInt64 = 1
  /// Streams that were passed over last, both ends included; empty when `first` is above `last`.
  private var passedOver: (first: UInt32, last: UInt32) = (1, 0)
  private var blockFrameCount = 0
  private var blockByteCount = 0
  private var emptyDataCount = 0
  private var controls: TokenBucket
  private var glitches: TokenBucket
  private var resets: ResetRatio
  /// Reply bytes sent that have not earned anything yet.
  private var unpaidByteCount = 0

  init(_ settings: HTTP2Settings, at now: UInt64) {
    self.settings = settings
    controls = TokenBucket(
      capacity: settings.controlFrameCount, window: settings.faultWindowNanoseconds, at: now)
    glitches = TokenBucket(
      capacity: settings.glitchCount, window: settings.faultWindowNanoseconds, at: now)
    resets = ResetRatio(settings)
  }

  /// Looks at the next bytes of the peer, up to the end of the `frameCount`th frame that begins in them.
  /// Returns how many of them may be read on: these, or those before the frame that is enough. Shows `heads`
  /// all frames of headers.
  mutating func scan(
    _ bytes: Span<UInt8>, at now: UInt64, upTo frameCount: Int = .max, _ heads: inout RepeatedHead
  ) -> Int {
    heads.begin()
    var offset = 0
    var framesLeft = frameCount
    while offset < bytes.count {
      if bytesToSkip > 0 {
        let step = min(bytesToSkip, bytes.count - offset)
        if dependent > 0, dependsOnItself(bytes.extracting(offset..<offset + step)) { return offset }
        offset += step
        bytesToSkip -= step
        if bytesToSkip == 0 { endFrame() }
      } else if framesLeft == 0 {
        return offset
      } else if head.isEmpty, bytes.count - offset >= FrameHead.byteCount {
        let frame = FrameHead(bytes, at: offset)
        if framesLeft > 1, let end = wholeRequest(frame, in: bytes, at: offset, now: now) {
          heads.see(frame, in: bytes, at: offset, opens: true)
          offset = end
          framesLeft -= 2
          continue
        }
        let opens = frame.stream & 1 == 1 && frame.stream > highestStream
        guard begin(frame, at: now) else { return offset }
        if frame.isOfHeaders {
          heads.see(frame, in: bytes, at: offset, opens: opens)
        } else if frame.isGoAway {
          heads.peerLeaves()
        }
        offset += FrameHead.byteCount
        framesLeft -= 1
      } else {
        head.append(bytes[offset])
        offset += 1
        guard head.count == FrameHead.byteCount else { continue }
        framesLeft -= 1
        let whole = FrameHead(head.span, at: 0)
        head.removeAll(keepingCapacity: true)
        guard begin(whole, at: now) else { return max(0, offset - FrameHead.byteCount) }
        if whole.isOfHeaders { heads.forget() }
        if whole.isGoAway { heads.peerLeaves() }
      }
    }
    return offset
  }

  /// Whether the frame may be read.
  private mutating func begin(_ frame: FrameHead, at now: UInt64) -> Bool {
    bytesToSkip = frame.payloadByteCount
    offence = charge(frame, at: now)
    if bytesToSkip == 0 { endFrame() }
    return offence == nil
  }

  private mutating func endFrame() {
    dependent = 0
    if finishing > 0 {
      unfinished.remove(finishing)
      finishing = 0
    }
    guard isLastOfHeaders else { return }
    isLastOfHeaders = false
    headersSince = 0
  }

  @inline(__always)
  private mutating func charge(_ frame: FrameHead, at now: UInt64) -> HTTP2Offence? {
    switch nghttp2_frame_type(UInt32(frame.type)) {
    case NGHTTP2_DATA: return data(frame, at: now)
    case NGHTTP2_HEADERS: return headers(frame, at: now)
    case NGHTTP2_CONTINUATION: return continuation(frame)
    case NGHTTP2_RST_STREAM: return reset(frame, at: now)
    case NGHTTP2_SETTINGS, NGHTTP2_PING:
      if frame.type == UInt8(NGHTTP2_SETTINGS.rawValue), frame.isAcknowledgement {
        isEstablished = true
      }
      if frame.isAcknowledgement { return glitch(at: now) }
      return controls.take(at: now) ? nil : .controlFlood
    case NGHTTP2_PRIORITY:
      // RFC 9113 6.3; the library does not look at what it was told to leave alone.
      if frame.stream == 0 { return .protocolError }
      dependent = frame.stream
      dependency = 1
      return glitch(at: now)
    default: return glitch(at: now)
    }
  }

  /// Looks at the next bytes of a PRIORITY frame. Whether its stream depends on itself, which
  /// RFC 7540 5.3.1 forbids.
  private mutating func dependsOnItself(_ payload: Span<UInt8>) -> Bool {
    for index in payload.indices {
      dependency = dependency << 8 | UInt64(payload[index])
      // A one above the bytes of the number counts them.
      guard dependency >> 32 != 0 else { continue }
      offence = UInt32(truncatingIfNeeded: dependency) & 0x7FFF_FFFF == dependent ? .protocolError : nil
      dependent = 0
      return offence != nil
    }
    return false
  }

  private mutating func glitch(at now: UInt64) -> HTTP2Offence? {
    glitches.take(at: now) ? nil : .glitch
  }

  // MARK: Requests

  /// Counts a request that is there whole, in one frame of headers and one of data, as most are: what is
  /// noted between the two would be undone by the second. Returns where it ends; `nil` for anything else.
  @inline(__always)
  private mutating func wholeRequest(
    _ frame: FrameHead, in bytes: Span<UInt8>, at offset: Int, now: UInt64
  ) -> Int? {
    let dataOffset = offset &+ FrameHead.byteCount &+ frame.payloadByteCount
    guard frame.beginsWholeHeaders, frame.stream & 1 == 1, frame.stream > highestStream,
      frame.payloadByteCount <= settings.headerBlockByteCount,
      dataOffset <= bytes.count &- FrameHead.byteCount
    else { return nil }
    let data = FrameHead(bytes, at: dataOffset)
    let end = dataOffset &+ FrameHead.byteCount &+ data.payloadByteCount
    guard data.isLastData, data.stream == frame.stream, data.payloadByteCount > 0, end <= bytes.count
    else { return nil }
    open(frame.stream, at: now)
    blockFrameCount = 0
    blockByteCount = frame.payloadByteCount
    emptyDataCount = 0
    return end
  }

  @inline(__always)
  private mutating func headers(_ frame: FrameHead, at now: UInt64) -> HTTP2Offence? {
    blockFrameCount = 0
    blockByteCount = frame.payloadByteCount
    headersSince = now
    isLastOfHeaders = frame.endsHeaders
    // Streams of even numbers are not the peer's: the library says so.
    guard frame.stream % 2 == 1 else { return nil }
    if frame.stream > highestStream {
      open(frame.stream, at: now)
      if !frame.endsStream { unfinished.insert(frame.stream, at: now) }
    } else if !unfinished.allows(frame.stream, ends: frame.endsStream) {
      return offenceOnClosed(frame.stream)
    }
    return blockByteCount > settings.headerBlockByteCount ? .headerBomb : nil
  }

  @inline(__always)
  private mutating func open(_ stream: UInt32, at now: UInt64) {
    let next = highestStream == 0 ? 1 : highestStream + 2
    if stream > next { passedOver = (next, stream - 2) }
    highestStream = stream
    resets.countStream(at: now)
    // A request is worth a PING beside it, and window updates for its reply.
    controls.earn(1)
    glitches.earn(HTTP2Settings.glitchesPerRequest)
  }

  private mutating func continuation(_ frame: FrameHead) -> HTTP2Offence? {
    isLastOfHeaders = frame.endsHeaders
    blockFrameCount += 1
    blockByteCount += frame.payloadByteCount
    if blockByteCount > settings.headerBlockByteCount { return .headerBomb }
    return blockFrameCount > settings.continuationCount ? .continuationFlood : nil
  }

  @inline(__always)
  private mutating func data(_ frame: FrameHead, at now: UInt64) -> HTTP2Offence? {
    // Padding hides whether there is data; who pads, pays.
    let isEmpty = frame.payloadByteCount == 0
    if frame.isPadded || isEmpty && !frame.endsStream, let offence = glitch(at: now) {
      return offence
    }
    if isEmpty && !frame.endsStream {
      emptyDataCount += 1
      if emptyDataCount > settings.emptyDataCount { return .emptyData }
    } else {
      emptyDataCount = 0
    }
    guard frame.stream % 2 == 1, frame.stream <= highestStream else { return nil }
    guard unfinished.allows(frame.stream, ends: false) else { return offenceOnClosed(frame.stream) }
    if frame.endsStream { finishing = frame.stream }
    return nil
  }

  private mutating func reset(_ frame: FrameHead, at now: UInt64) -> HTTP2Offence? {
    unfinished.remove(frame.stream)
    return resets.countReset(at: now) ? nil : .rapidReset
  }

  /// The last reset gave up a body that nobody waited for: its request had been answered.
  mutating func forgiveReset() { resets.forgive() }

  private func offenceOnClosed(_ stream: UInt32) -> HTTP2Offence {
    stream >= passedOver.first && stream <= passedOver.last ? .lowerStream : .closedStream
  }

  /// No header block is under way, and no request.
  var isIdle: Bool { headersSince == 0 && unfinished.isEmpty }

  /// Gives back the places of requests, where there are none.
  mutating func rest() { unfinished.rest() }

  /// Forgets a request that has been over for us so long that the peer knows.
  mutating func forget(_ stream: UInt32) { unfinished.remove(stream) }

  /// We have reset it.
  mutating func noteReset(of stream: UInt32, at now: UInt64) { unfinished.restart(stream, at: now) }

  /// Reply bytes that went out: taking them in is what window updates are for, and PINGs to measure
  /// how fast. One byte at a time is not.
  mutating func earn(replyByteCount: Int) {
    unpaidByteCount += replyByteCount
    let count = unpaidByteCount / HTTP2Settings.replyBytesPerGlitch
    guard count > 0 else { return }
    unpaidByteCount -= count * HTTP2Settings.replyBytesPerGlitch
    glitches.earn(count)
    controls.earn(count)
  }
}
