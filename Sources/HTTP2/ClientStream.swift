import Wire

/// One request of a client and what has come of its response.
///
/// INVARIANT (head-alive): a stream holds its head until libnghttp2 has closed the stream.
public final class ClientStream {
  enum State { case waiting, open, closed }

  /// Whose request it is: the caller's number.
  public let tag: UInt64
  let head: ClientRequestHead
  let requestBody: [UInt8]

  /// Its body grows; `requestBody` is empty.
  var streamed: StreamedRequest?
  var state = State.waiting
  /// libnghttp2's number; 0 before the request is on its way.
  var id: Int32 = 0
  /// Request bytes that libnghttp2 has taken.
  var sentCount = 0
  var status = 0
  var headerCount = 0
  var headerSize = 0
  var headers: [ClientResponse.Header] = []
  var body = ByteWriter(capacity: 512)
  var fault: ClientStreamFailure?
  /// The caller has been told how it ended, or has said that it does not care.
  var isSettled = false

  init(tag: UInt64, head: ClientRequestHead, requestBody: [UInt8]) {
    self.tag = tag
    self.head = head
    self.requestBody = requestBody
  }

  /// Whether the server cannot have acted on it: nothing of its body has left.
  var isUnsent: Bool { sentCount == 0 && !requestBody.isEmpty }

  /// Forgets a response's headers: an interim one came before.
  func beginHeaders() {
    status = 0
    headerCount = 0
    headerSize = 0
    headers.removeAll()
  }

  /// Appends the next request bytes to `target`. Returns how many.
  @unsafe func readRequest(into target: UnsafeMutableRawPointer, upTo room: Int) -> Int {
    let count = min(room, requestBody.count - sentCount)
    unsafe requestBody.withUnsafeBytes { source in
      guard let start = source.baseAddress else { return }
      // SAFETY: the caller has `room` bytes at `target`, and `sentCount + count` are in the body.
      unsafe target.copyMemory(from: start + sentCount, byteCount: count)
    }
    sentCount += count
    return count
  }
}

/// A whole response.
public struct ClientResponse: Equatable, Sendable {
  public struct Header: Equatable, Sendable {
    /// Lower-case.
    public var name: String
    public var value: String
  }

  public var status: Int
  /// `content-type`, `retry-after` and what begins with `postern-`, in order.
  public var headers: [Header]
  public var body: [UInt8]

  public init(status: Int, headers: [Header], body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// The first value of a header; the name must be lower-case.
  public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// Why a request has no response while its connection lives on.
public enum ClientStreamFailure: Error, Equatable, Sendable {
  /// The server has not looked at it: sending it again, on another connection, is safe.
  case notProcessed
  /// The server gave it up; the HTTP/2 error code.
  case reset(code: UInt32)
  /// The response is over the limits of `ClientSettings`.
  case tooLarge
}

/// How a request ended.
public enum ClientEvent: Equatable, Sendable {
  case response(tag: UInt64, ClientResponse)
  case failure(tag: UInt64, ClientStreamFailure)
  /// A streamed response has begun, with this status.
  case began(tag: UInt64, status: Int)
  /// Bytes of a streamed response have come.
  case received(tag: UInt64)
}

extension ClientEvent {
  /// Whose request it is about.
  public var tag: UInt64 {
    switch self {
    case .response(let tag, _), .failure(let tag, _), .began(let tag, _), .received(let tag): tag
    }
  }
}
