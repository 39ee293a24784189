import CNghttp2
import Wire

/// Requests whose bodies grow while their responses come: many messages each way on one stream.
///
/// The response's status is an event, as are bytes that came, once until they are taken. The end of the
/// response is one as of any other request, with what was not taken as its body.
extension ClientSession {
  /// Queues a request that is sent as far as it has been appended to.
  public func open(_ head: ClientRequestHead, tag: UInt64) -> ClientStream {
    let stream = ClientStream(tag: tag, head: head, requestBody: [])
    stream.streamed = StreamedRequest()
    queue(stream)
    return stream
  }

  /// Appends to the request's body.
  public func append(_ bytes: [UInt8], to stream: ClientStream) {
    guard let request = stream.streamed, !request.isFinished else { return }
    request.outgoing.append(bytes.span)
    resume(stream, request)
  }

  /// Ends the request behind what it has.
  public func endRequest(_ stream: ClientStream) {
    guard let request = stream.streamed, !request.isFinished else { return }
    request.isFinished = true
    resume(stream, request)
  }

  private func resume(_ stream: ClientStream, _ request: StreamedRequest) {
    guard request.isDeferred, stream.state == .open else { return }
    request.isDeferred = false
    resume(stream)
  }

  /// Lends the response's bytes that were not taken; `body` returns how many of them it takes.
  public func takeReceived(of stream: ClientStream, _ body: (Span<UInt8>) -> Int) {
    stream.streamed?.hasNews = false
    // SAFETY: nobody appends to the bytes before `body` returns.
    let count = body(unsafe stream.body.unsafeSpan)
    stream.body.removeFirst(count)
  }

  /// A frame of a streamed response has come that does not end it.
  func begin(_ stream: ClientStream, _ request: StreamedRequest) {
    guard !request.hasBegun, stream.status >= 200, !stream.isSettled else { return }
    request.hasBegun = true
    tell(.began(tag: stream.tag, status: stream.status))
  }

  /// Bytes of a streamed response.
  func streamedData(_ stream: ClientStream, _ request: StreamedRequest, _ bytes: Span<UInt8>) {
    // One message at most waits for its end, and a window of others behind it.
    guard stream.body.count + bytes.count <= settings.bodyByteCount + Int(settings.streamWindow) else {
      stream.fault = .tooLarge
      return reset(stream)
    }
    stream.body.append(bytes)
    guard !request.hasNews, !stream.isSettled else { return }
    request.hasNews = true
    tell(.received(tag: stream.tag))
  }
}

/// What a request still has to send whose body grows.
final class StreamedRequest {
  var outgoing = ByteWriter(capacity: 4096)
  /// Bytes of `outgoing` that libnghttp2 has taken.
  var sentCount = 0
  /// Nothing more will be appended.
  var isFinished = false
  /// libnghttp2 waits to be told that there is more.
  var isDeferred = false
  /// The caller has been told of the response's status.
  var hasBegun = false
  /// The caller has been told of bytes that it has not taken.
  var hasNews = false

  /// Copies the next request bytes to `target`. Returns what nghttp2 is to be told.
  @unsafe func read(
    into target: UnsafeMutableRawPointer, upTo room: Int, _ flags: UnsafeMutablePointer<UInt32>
  ) -> Int {
    let count = min(room, outgoing.count - sentCount)
    guard count > 0 || isFinished else {
      isDeferred = true
      return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    }
    // SAFETY: the caller has `room` bytes at `target`.
    unsafe outgoing.copy(sentCount..<(sentCount + count), to: target)
    sentCount += count
    if sentCount == outgoing.count {
      if isFinished { unsafe flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue }
      outgoing.removeAll()
      sentCount = 0
    } else if sentCount * 2 >= outgoing.count {
      outgoing.removeFirst(sentCount)
      sentCount = 0
    }
    return count
  }
}

extension ClientStream {
  /// Appended bytes that have not left; 0 where the body was given whole.
  public var unsentByteCount: Int {
    streamed.map { $0.outgoing.count - $0.sentCount } ?? 0
  }
}
