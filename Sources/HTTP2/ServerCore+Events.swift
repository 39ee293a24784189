import CNghttp2
import Wire

/// What the callbacks report, as a request grows.
///
/// SAFETY, for all of it: (streams-owned); a field's strings are libnghttp2's until the callback returns.
extension ServerCore {
  /// A field of a request. Returns what nghttp2 is to do.
  @unsafe mutating func field(of id: Int32, _ name: OpaquePointer, _ value: OpaquePointer) -> Int32 {
    let (name, value) = unsafe (nghttp2_rcbuf_get_buf(name), nghttp2_rcbuf_get_buf(value))
    return unsafe header(
      of: id, name: Span(_unsafeStart: name.base, count: name.len),
      value: Span(_unsafeStart: value.base, count: value.len))
  }

  /// A header of a request. Counted before it is kept: libnghttp2 bounds neither bytes nor fields.
  /// Returns what nghttp2 is to do.
  @inline(__always)
  private mutating func header(of id: Int32, name: Span<UInt8>, value: Span<UInt8>) -> Int32 {
    headerCredit &-= name.count &+ value.count
    if headerCredit < 0 { return stopHeaders() }
    guard let stream = unsafe stream(id), unsafe !stream.pointee.rules.isMalformed else { return 0 }
    let isTrailer = unsafe stream.pointee.isInTrailers
    guard let field = unsafe stream.pointee.rules.take(name, value, isTrailer: isTrailer) else {
      return refuse(id)
    }
    return unsafe keep(field, name, value, of: &stream.pointee)
  }

  private mutating func stopHeaders() -> Int32 {
    offence = .headerBomb
    return Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
  }

  /// Resets a stream whose headers are not those of a request. Returns what nghttp2 is to do.
  private mutating func refuse(_ id: Int32) -> Int32 {
    resetMalformed(id)
    return countInvalidFrame(code: Int32(NGHTTP2_ERR_HTTP_HEADER.rawValue))
  }

  private func resetMalformed(_ id: Int32) {
    unsafe nghttp2_submit_rst_stream(
      raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, UInt32(NGHTTP2_PROTOCOL_ERROR.rawValue))
  }

  @inline(__always)
  private mutating func keep(
    _ field: RequestField, _ name: Span<UInt8>, _ value: Span<UInt8>, of stream: inout StreamState
  ) -> Int32 {
    stream.head.fieldCount &+= 1
    stream.head.fieldByteCount &+= name.count &+ value.count &+ 32
    if stream.head.fieldCount > settings.headerCount
      || stream.head.fieldByteCount > settings.headerByteCount
    {
      return drop(&stream)
    }
    // Trailers say nothing that we read: whoever adds them after the headers adds no signal.
    if stream.isInTrailers { return 0 }
    switch field {
    case .method: stream.head.method = stream.appendHeaderBytes(value, upTo: StreamState.tokenByteCountMax)
    case .path:
      use(handling(value), for: &stream)
      if stream.keepsHeaders { stream.head.path = stream.appendHeaderBytes(value) }
    case .scheme, .authority: break
    case .contentType where !stream.keepsHeaders: stream.takeContentType(value)
    case .contentType, .other:
      if stream.keepsHeaders {
        let nameRange = stream.appendHeaderBytes(name)
        let valueRange = stream.appendHeaderBytes(value)
        stream.headers.append(HeaderRange(name: nameRange, value: valueRange))
      }
    }
    return 0
  }

  /// A header of more than a request may have. Returns what nghttp2 is to do.
  @inline(never)
  private mutating func drop(_ stream: inout StreamState) -> Int32 {
    stream.fault = .headersTooLarge
    guard stream.head.fieldCount > settings.headerCount * settings.headerAbuseFactor
      || stream.head.fieldByteCount > settings.headerByteCount * settings.headerAbuseFactor
    else { return 0 }
    return stopHeaders()
  }

  @inline(__always)
  private mutating func use(_ handling: RequestHandling, for stream: inout StreamState) {
    stream.head.route = handling.route
    stream.keepsHeaders = handling.keepsHeaders
    switch handling.form {
    case .whole: break
    case .headOnly: stream.isHeadOnly = true
    case .streamed:
      if !stream.streamed.isStreamed { streamedCount += 1 }
      stream.streamed.isStreamed = true
    }
  }

  mutating func beginTrailers(of id: Int32) {
    guard let stream = unsafe stream(id) else { return }
    unsafe stream.pointee.isInTrailers = true
  }

  /// The headers of a request have come to their end. Returns what nghttp2 is to do.
  mutating func headersEnded(of id: Int32, endsRequest: Bool) -> Int32 {
    guard let stream = unsafe stream(id) else { return 0 }
    unsafe headEnded(of: stream)
    guard unsafe stream.pointee.rules.headersEnded(endsRequest: endsRequest) else { return refuse(id) }
    unsafe holdHead(of: stream)
    if unsafe stream.pointee.streamed.isStreamed { unsafe beginStreamed(stream) }
    if unsafe stream.pointee.isHeadOnly { unsafe handOut(stream) }
    if endsRequest { end(of: id) }
    return 0
  }

  /// All fields of a head are there.
  @inline(__always)
  @unsafe private mutating func headEnded(of stream: UnsafeMutablePointer<StreamState>) {
    let repeatedByteCount = unsafe repeated.complete(&stream.pointee)
    if repeatedByteCount > 0 {
      // Fewer than each request earns: no need to look.
      headerCredit &-= repeatedByteCount
    } else {
      unsafe repeated.read(&stream.pointee)
    }
  }

  /// Its trailers have. Returns what nghttp2 is to do.
  mutating func trailersEnded(of id: Int32, endsRequest: Bool) -> Int32 {
    guard let stream = unsafe stream(id) else { return 0 }
    guard unsafe stream.pointee.rules.trailersEnded(endsRequest: endsRequest) else { return refuse(id) }
    end(of: id)
    return 0
  }

  /// The last DATA frame has come.
  mutating func bodyEnded(of id: Int32) {
    guard let stream = unsafe stream(id) else { return }
    guard unsafe stream.pointee.rules.bodyEnded() else { return resetMalformed(id) }
    end(of: id)
  }

  mutating func data(of id: Int32, _ bytes: Span<UInt8>) {
    guard let stream = unsafe stream(id) else {
      consumedByteCount += bytes.count
      return
    }
    guard unsafe stream.pointee.rules.received(bytes.count) else {
      consumedByteCount += bytes.count
      return resetMalformed(id)
    }
    if unsafe stream.pointee.streamed.isStreamed { return unsafe streamedData(stream, bytes) }
    unsafe giveBack(bytes.count, of: &stream.pointee)
    guard unsafe stream.pointee.fault == .none, unsafe !stream.pointee.isHandedOut else { return }
    guard unsafe stream.pointee.receivedByteCount + bytes.count <= settings.bodyByteCount else {
      unsafe stream.pointee.fault = .bodyTooLarge
      // Answer now: what still comes is not read.
      return unsafe handOut(stream)
    }
    guard !findsNoMemory() else {
      unsafe stream.pointee.fault = .noRoom
      return unsafe handOut(stream)
    }
    unsafe hold(bytes.count, for: stream)
    unsafe stream.pointee.receivedByteCount += bytes.count
    unsafe keep(bytes, of: stream)
  }

  private mutating func end(of id: Int32) {
    guard let stream = unsafe stream(id) else { return }
    unsafe stream.pointee.endsReceived = true
    if unsafe stream.pointee.streamed.isStreamed {
      unsafe enqueue(stream)
    } else {
      unsafe handOut(stream)
    }
  }

  /// Stops a peer that goes on sending a body that has been answered. Not one whose body was nobody's: it may
  /// send that as long as bodies may take.
  mutating func responseSent(_ id: Int32) {
    guard let stream = unsafe stream(id), unsafe !stream.pointee.endsReceived else { return }
    unsafe stream.pointee.hasSentResponse = true
    if unsafe stream.pointee.isHeadOnly, !isDraining { return }
    unsafe nghttp2_submit_rst_stream(
      raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, UInt32(NGHTTP2_NO_ERROR.rawValue))
    unsafe countEarlyAnswer(of: stream)
  }
}
