import CNghttp2
import Wire

/// Responses, from whoever answers to libnghttp2 and out of it.
///
/// SAFETY, for all of it: (streams-owned); `fields` outlives the core.
extension ServerCore {
  /// Appends a frame that libnghttp2 has written.
  @inline(__always)
  mutating func write(_ frame: Span<UInt8>, to output: inout ByteWriter) {
    let type = UInt32(frame[3])
    if type == NGHTTP2_HEADERS.rawValue {
      let head = FrameHead(frame, at: 0)
      let shortened = unsafe stream(Int32(bitPattern: head.stream))?.pointee.shortened
      repeatedResponse.write(frame, head, shortened, to: &output)
    } else {
      output.append(frame)
      if type == NGHTTP2_CONTINUATION.rawValue { repeatedResponse.forget() }
    }
  }

  @unsafe mutating func respond(
    to stream: UnsafeMutablePointer<StreamState>, _ head: ResponseHead,
    _ headers: borrowing HeaderList
  ) {
    let fixedCount = unsafe head.fields.count
    let count = fixedCount + headers.fields.count
    precondition(count <= Self.responseHeaderCountMax)
    let bytes = headers.bytes.span
    unsafe bytes.withUnsafeBufferPointer { pointer in
      for index in 0..<fixedCount { unsafe fields[index] = head.fields[index] }
      for (index, field) in headers.fields.enumerated() {
        // SAFETY: ranges of `bytes`; nghttp2 copies names and values before `submit` returns.
        let base = unsafe UnsafeMutablePointer(mutating: pointer.baseAddress!)
        unsafe fields[fixedCount + index] = nghttp2_nv(
          name: base + field.name.start, value: base + field.value.start,
          namelen: Int(field.name.count), valuelen: Int(field.value.count),
          flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue))
      }
      unsafe submit(stream, fields, count)
    }
  }

  @unsafe mutating func submit(_ stream: UnsafeMutablePointer<StreamState>, _ head: ResponseHead) {
    let isShort = unsafe repeatedResponse.shortens(head, of: stream.pointee.id)
    if isShort { unsafe stream.pointee.shortened = head }
    unsafe submit(stream, head.fields.baseAddress!, isShort ? 0 : head.fields.count)
  }

  @unsafe mutating func submit(
    _ stream: UnsafeMutablePointer<StreamState>, _ fields: UnsafePointer<nghttp2_nv>, _ count: Int
  ) {
    // A streamed request that is answered as a whole one is one.
    if unsafe stream.pointee.streamed.isStreamed {
      unsafe settle(stream)
      unsafe stream.pointee.streamed.reset()
      unsafe stream.pointee.isHandedOut = true
    }
    unsafe holdResponse(of: stream)
    unsafe stream.pointee.isAnswered = true
    if unsafe stream.pointee.isHeadOnly, unsafe !stream.pointee.endsReceived {
      // It may stay open for as long as a body may take.
      unsafe releaseHead(of: stream)
    } else if unsafe stream.pointee.heldHeaderByteCount > 0
      || stream.pointee.body.count > settings.keptByteCount
    {
      hasLargeAnswered = true
    }
    queuedByteCount += unsafe stream.pointee.response.count
    unsafe submit(stream, fields, count, readingBy: ServerCallbacks.readResponse)
  }

  /// Begins a response that grows.
  @unsafe mutating func submitStreamed(
    _ stream: UnsafeMutablePointer<StreamState>, _ fields: UnsafePointer<nghttp2_nv>, _ count: Int
  ) {
    unsafe submit(stream, fields, count, readingBy: ServerCallbacks.readStreamed)
  }

  @unsafe private mutating func submit(
    _ stream: UnsafeMutablePointer<StreamState>, _ fields: UnsafePointer<nghttp2_nv>, _ count: Int,
    readingBy read: nghttp2_data_source_read_callback
  ) {
    var provider = unsafe nghttp2_data_provider()
    unsafe provider.source.ptr = UnsafeMutableRawPointer(stream)
    unsafe provider.read_callback = read
    // SAFETY: (streams-owned): the state outlives its use as a source.
    let submitted = unsafe nghttp2_submit_response(
      raw, stream.pointee.id, fields, count, &provider)
    if submitted < 0 { isOutOfMemory = true }
  }
}
