import CNghttp2
import Wire

/// Bodies that are looked at where they were received, before anyone has copied them.
///
/// What `lend` calls may read the bodies' pieces. What it leaves of a request that is not answered is
/// copied behind what that stream has already.
///
/// SAFETY, for all of it: the core lives as long as the session, and a stream's state as long as the
/// stream is open: (streams-owned); pieces are looked at while their bytes are there: (pieces-lent).
extension ServerSession {
  /// Calls `body` with `bytes`, for it to `receive` all or parts of them: until it returns, what they have
  /// of bodies stays where it is.
  public func lend(
    _ bytes: Span<UInt8>, to body: (Span<UInt8>) throws(HTTP2Error) -> Void
  ) throws(HTTP2Error) {
    unsafe core.pointee.beginLending(bytes)
    // Else a stream would point to bytes that are gone.
    defer { unsafe core.pointee.endLending() }
    try body(bytes)
  }

  /// Whether bytes of bodies have come that nobody has read or copied.
  public var hasPieces: Bool { unsafe core.pointee.hasPieces }

  /// Whether the peer has taken enough of its replies to be made others.
  public var takesReplies: Bool { unsafe core.pointee.takesReplies }

  /// The next stream with such bytes whose request has not come whole, from `place` on; moves `place`.
  public func nextUnfinished(from place: inout Int) -> HTTP2Stream? {
    unsafe core.pointee.nextUnfinished(from: &place)
  }

  /// Whether a body has bytes that nobody has read.
  public func hasBody(_ stream: HTTP2Stream) -> Bool {
    unsafe stream.state.pointee.firstPiece != nil || !stream.state.pointee.body.isEmpty
  }

  /// Whether a body does not lie together.
  public func isInPieces(_ stream: HTTP2Stream) -> Bool {
    let state = unsafe stream.state
    guard let first = unsafe state.pointee.firstPiece else { return false }
    return unsafe first != state.pointee.lastPiece || !state.pointee.body.isEmpty
  }

  /// The bytes of a body that lies together, where they are.
  @_lifetime(borrow stream)
  public func bodyBytes(of stream: HTTP2Stream) -> Span<UInt8> {
    guard let first = unsafe stream.state.pointee.firstPiece else { return stream.bodyBytes }
    let piece = unsafe core.pointee.piece(at: first)
    return unsafe _overrideLifetime(piece, borrowing: stream)
  }

  /// Copies all pieces of a body behind what it has.
  public func gather(_ stream: HTTP2Stream) {
    while unsafe stream.state.pointee.firstPiece != nil {
      unsafe stream.state.pointee.body.append(core.pointee.takePiece(of: stream.state))
    }
  }

  /// Lets `read` read on in a body: first in what was kept of it, then in its pieces where they are.
  ///
  /// `read` gets bytes from where it has stopped on. What it does not read is kept until there are as
  /// many as it needs; the rest, where it needs none.
  public func readBody(of stream: HTTP2Stream, _ read: (Span<UInt8>) -> BodyStep) {
    let state = unsafe stream.state
    var needed = 0
    if unsafe !state.pointee.body.isEmpty { needed = readKept(stream, read) }
    while unsafe state.pointee.firstPiece != nil {
      let piece = unsafe core.pointee.takePiece(of: state)
      var start = 0
      // The step that an earlier piece has begun.
      while start < piece.count, unsafe !state.pointee.body.isEmpty {
        let left = piece.count - start
        let missing = unsafe needed - state.pointee.body.count
        let count = missing > 0 ? min(missing, left) : left
        unsafe state.pointee.body.append(piece.extracting(start..<(start + count)))
        start += count
        needed = readKept(stream, read)
      }
      guard start < piece.count else { continue }
      let step = read(piece.extracting(start...))
      needed = step.neededByteCount
      unsafe core.pointee.noteRead(step.readByteCount, of: state)
      unsafe state.pointee.body.append(piece.extracting((start + step.readByteCount)...))
    }
  }

  /// Lets `read` read on in what was kept of a body. Returns how many bytes it needs now.
  private func readKept(_ stream: HTTP2Stream, _ read: (Span<UInt8>) -> BodyStep) -> Int {
    let step = read(stream.bodyBytes)
    removeBody(of: stream, first: step.readByteCount)
    return step.neededByteCount
  }

  /// Counts what the response has by now as held.
  public func holdResponse(of stream: HTTP2Stream) {
    unsafe core.pointee.holdResponse(of: stream.state)
  }
}

/// How far bytes of a body were read.
public struct BodyStep: BitwiseCopyable, Sendable {
  public var readByteCount: Int
  /// Bytes behind those that it takes to go on: more than there were; 0 where the rest is to be kept as
  /// it comes.
  public var neededByteCount: Int

  public init(read: Int, needed: Int) {
    readByteCount = read
    neededByteCount = needed
  }
}

/// SAFETY, for all of it: (streams-owned).
extension HTTP2Stream {
  /// How far a message has been read that comes in parts.
  public var progress: MessageProgress {
    get { unsafe state.pointee.progress }
    nonmutating _modify { yield unsafe &state.pointee.progress }
  }

  /// Bytes of the body that have come so far, kept or not.
  public var receivedByteCount: Int { unsafe state.pointee.receivedByteCount }
}
