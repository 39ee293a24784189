import CNghttp2
import Wire

/// One request and its response, by handle: valid until the session closes the stream.
///
/// SAFETY: (streams-owned): a session keeps a stream's state at one address until it ends itself,
/// and hands a stream out only while it is open.
@safe
public struct HTTP2Stream {
  let state: UnsafeMutablePointer<StreamState>

  /// What was wrong with a request before anyone looked at its bytes.
  public enum Fault: BitwiseCopyable, Sendable {
    case none, headersTooLarge, bodyTooLarge
    /// The connection, or the loop, holds as much as it may already.
    case noRoom
  }

  public var id: Int32 { unsafe state.pointee.id }
  public var fault: Fault { unsafe state.pointee.fault }

  /// When the request was complete or, where it is handed out as it comes, when its last bytes came: what
  /// the session's `arrival` was then.
  public var arrival: UInt64 { unsafe state.pointee.arrival }

  /// All of the request's body.
  public var body: ByteWriter {
    _read { yield unsafe state.pointee.body }
  }

  /// To be filled by whoever answers, before `respond`.
  public var response: ByteWriter {
    _read { yield unsafe state.pointee.response }
    nonmutating _modify { yield unsafe &state.pointee.response }
  }

  /// The body's bytes.
  public var bodyBytes: Span<UInt8> {
    @_lifetime(borrow self)
    get { unsafe _overrideLifetime(state.pointee.body.unsafeSpan, borrowing: self) }
  }

  public var method: Span<UInt8> {
    @_lifetime(borrow self)
    get { headerSpan(unsafe state.pointee.head.method) }
  }

  /// Path and query, as they came.
  public var path: Span<UInt8> {
    @_lifetime(borrow self)
    get { headerSpan(unsafe state.pointee.head.path) }
  }

  /// The number that the session was told for the path; 0 without one.
  public var route: UInt8 { unsafe state.pointee.head.route }

  /// Empty when there was none.
  public var contentType: Span<UInt8> {
    @_lifetime(borrow self)
    get { headerSpan(unsafe state.pointee.head.contentType) }
  }

  /// Headers kept, pseudo-headers aside. Zero unless the session keeps this path's headers.
  public var keptHeaderCount: Int { unsafe state.pointee.headers.count }

  /// Lower-case, as HTTP/2 demands.
  @_lifetime(borrow self)
  public func headerName(at index: Int) -> Span<UInt8> {
    headerSpan(unsafe state.pointee.headers[index].name)
  }

  @_lifetime(borrow self)
  public func headerValue(at index: Int) -> Span<UInt8> {
    headerSpan(unsafe state.pointee.headers[index].value)
  }

  @_lifetime(borrow self)
  private func headerSpan(_ range: ByteRange) -> Span<UInt8> {
    // SAFETY: only the callbacks write headers, and they do not run while a request is looked at.
    let span = unsafe state.pointee.headerBytes.unsafeSpan.extracting(range)
    return unsafe _overrideLifetime(span, borrowing: self)
  }
}
