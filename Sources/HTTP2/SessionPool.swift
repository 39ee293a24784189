import CNghttp2
import Wire

/// What the sessions of one event loop share: memory for libnghttp2's objects, stream states and
/// places to put a response's fields together and to gather frames.
///
/// Shared, because a loop serves its connections in turn: what one request has left is warm in the
/// cache for the next connection's, where a connection's own would be cold when its turn comes.
///
/// Not thread-safe: it lives on its event loop. Sessions keep it alive.
///
/// SAFETY, for all of it: `init` makes what the pointers point at, and it lives until `deinit`.
@safe
public final class SessionPool {
  // SAFETY: at one address for the pool's life, since libnghttp2 and sessions hold pointers to them.
  let memory: UnsafeMutablePointer<SessionMemory>
  let streams: UnsafeMutablePointer<StreamPool>
  /// Frames on their way out, for as long as a session hands them over.
  let output: UnsafeMutablePointer<ByteWriter>
  /// The fields of a response, until libnghttp2 has copied them.
  let fields: UnsafeMutablePointer<nghttp2_nv>

  /// The sessions together hold at most about `byteCountMax` bytes of bodies and responses, twice as much
  /// where they are many that hold little each.
  public init(byteCountMax: Int = .max) {
    unsafe memory = .allocate(capacity: 1)
    unsafe memory.initialize(to: SessionMemory())
    unsafe streams = .allocate(capacity: 1)
    unsafe streams.initialize(to: StreamPool())
    unsafe streams.pointee.heldByteCountMax = byteCountMax
    unsafe output = .allocate(capacity: 1)
    unsafe output.initialize(to: ByteWriter(capacity: 4096))
    unsafe fields = .allocate(capacity: ServerCore.responseHeaderCountMax)
  }

  deinit {
    unsafe fields.deallocate()
    unsafe output.deinitialize(count: 1)
    unsafe output.deallocate()
    unsafe streams.deinitialize(count: 1)
    unsafe streams.deallocate()
    unsafe memory.deinitialize(count: 1)
    unsafe memory.deallocate()
  }

  /// Bytes of bodies and responses that the sessions hold.
  public var heldByteCount: Int { unsafe streams.pointee.heldByteCount }
  /// Streams that sessions hold: 0 once every session has ended.
  public var streamsInUse: Int { unsafe streams.pointee.usedCount }

  /// Every session finds that it holds as much as it may: for a process that has no memory to spare.
  public var refusesAll: Bool {
    get { unsafe streams.pointee.refusesAll }
    set { unsafe streams.pointee.refusesAll = newValue }
  }

  /// Gives back what was not needed since the last call. To be called every second or so.
  ///
  /// Buffers above `keptByteCount` bytes go in any case: a large message is not paid for ever.
  public func releaseUnneeded(keptByteCount: Int) {
    let peak = unsafe streams.pointee.releaseUnneeded(keptByteCount: keptByteCount)
    if peak == 0 { unsafe memory.pointee.release() }
  }
}

/// Stream states in use and waiting.
///
/// INVARIANT (streams-owned): a state that libnghttp2 holds a pointer to was taken and not given
/// back; it stays where it is. Whoever took it gives it back before the pool ends.
///
/// SAFETY, for all of it: an idle state is nobody else's.
@safe
struct StreamPool: ~Copyable {
  private var idle: [HTTP2Stream] = []
  /// Bytes of bodies and responses in streams that are open, and how many there may be.
  var heldByteCount = 0
  var heldByteCountMax = Int.max
  /// What a connection may hold even while its loop holds too much; -1 where nobody may hold anything.
  private var heldByteCountLeast = Self.sparedByteCount
  /// LIMIT: a few large connections are not to shut out all the small ones.
  private static let sparedByteCount = 64 << 10
  /// LIMIT: nor are many of these those that ask for a decision or two.
  private static let sparedByteCountWhenFull = 1 << 10

  var refusesAll: Bool {
    get { heldByteCountLeast < 0 }
    set { heldByteCountLeast = newValue ? -1 : Self.sparedByteCount }
  }

  /// Whether a connection holds so little that it may whatever others hold. Those that do can together have
  /// as much again as all may.
  @inline(__always)
  func spares(_ byteCount: Int) -> Bool {
    guard byteCount <= heldByteCountLeast else { return false }
    return heldByteCount / 2 <= heldByteCountMax || byteCount <= Self.sparedByteCountWhenFull
  }

  /// Of the session that receives now.
  var pieces = BodyPieces()
  private(set) var usedCount = 0
  /// The most in use since the last release.
  private var usedPeak = 0

  deinit {
    for stream in idle { Self.destroy(stream) }
  }

  @inline(__always)
  mutating func take() -> HTTP2Stream {
    usedCount += 1
    usedPeak = max(usedPeak, usedCount)
    return idle.popLast() ?? Self.make()
  }

  @inline(__always)
  mutating func giveBack(_ stream: HTTP2Stream) {
    usedCount -= 1
    idle.append(stream)
  }

  /// Returns how many states were in use at most since the last call.
  mutating func releaseUnneeded(keptByteCount: Int) -> Int {
    let peak = usedPeak
    while !idle.isEmpty, usedCount + idle.count > peak { Self.destroy(idle.removeLast()) }
    for stream in idle { unsafe stream.state.pointee.shrink(to: keptByteCount) }
    usedPeak = usedCount
    return peak
  }

  private static func make() -> HTTP2Stream {
    let state = UnsafeMutablePointer<StreamState>.allocate(capacity: 1)
    unsafe state.initialize(to: StreamState())
    return unsafe HTTP2Stream(state: state)
  }

  private static func destroy(_ stream: HTTP2Stream) {
    unsafe stream.state.deinitialize(count: 1)
    unsafe stream.state.deallocate()
  }
}
