import CNghttp2
import Wire

/// Where C enters a server session. No logic: recover the owner, wrap the bytes, forward.
///
/// SAFETY, for all of them: the owner is the core of the session that owns `raw` and outlives it;
/// nghttp2 keeps the buffers it passes alive until the callback returns, and a `Span` cannot outlive it.
@unsafe
enum ServerCallbacks {
  /// Made once, shared by all sessions, never freed; `nil` where there was no memory for it.
  nonisolated(unsafe) static let table: OpaquePointer? = {
    var table: OpaquePointer?
    unsafe nghttp2_session_callbacks_new(&table)
    guard let table = unsafe table else { return nil }
    unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(table, onBeginHeaders)
    unsafe nghttp2_session_callbacks_set_on_header_callback2(table, onHeader)
    unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(table, onData)
    unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(table, onFrame)
    unsafe nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(table, onInvalidFrame)
    unsafe nghttp2_session_callbacks_set_on_frame_send_callback(table, onFrameSent)
    unsafe nghttp2_session_callbacks_set_on_stream_close_callback(table, onClose)
    return unsafe table
  }()

  /// As `table`.
  nonisolated(unsafe) static let options: OpaquePointer? = {
    var options: OpaquePointer?
    unsafe nghttp2_option_new(&options)
    guard let options = unsafe options else { return nil }
    // Closed streams would only be kept for priorities, which we do not use.
    unsafe nghttp2_option_set_no_closed_streams(options, 1)
    // Windows are given back by `ServerCore`: not while a stream is held.
    unsafe nghttp2_option_set_no_auto_window_update(options, 1)
    // LIMIT: the library counts reads of a CONTINUATION's header, not frames, and refuses more than
    // 8; an honest block may come byte by byte. `FrameMeter` counts frames and bytes in its place.
    unsafe nghttp2_option_set_max_continuations(options, Int.max)
    // LIMIT: the library's 33 resets a second hit gateways that cancel what is late; `ResetRatio`
    // looks at their share in its place.
    unsafe nghttp2_option_set_stream_reset_rate_limit(options, UInt64.max, UInt64.max)
    // `RequestRules` looks at what makes a request, more than a byte at a time.
    unsafe nghttp2_option_set_no_http_messaging(options, 1)
    // LIMIT: 64 outputs of 4 KiB and their names; a larger head is dropped without a word.
    unsafe nghttp2_option_set_max_send_header_block_length(options, 512 << 10)
    return unsafe options
  }()

  static let onBeginHeaders: nghttp2_on_begin_headers_callback = { _, frame, owner in
    let core = unsafe owner!.assumingMemoryBound(to: ServerCore.self)
    let header = unsafe frame!.pointee.hd
    guard UInt32(header.type) == NGHTTP2_HEADERS.rawValue else { return 0 }
    unsafe core.pointee.headerTimer?.begin()
    if unsafe frame!.pointee.headers.cat == NGHTTP2_HCAT_REQUEST {
      unsafe core.pointee.begin(header.stream_id)
    } else {
      unsafe core.pointee.beginTrailers(of: header.stream_id)
    }
    return 0
  }

  static let onHeader: nghttp2_on_header_callback2 = { _, frame, name, value, _, owner in
    let core = unsafe owner!.assumingMemoryBound(to: ServerCore.self)
    return unsafe core.pointee.field(of: frame!.pointee.hd.stream_id, name!, value!)
  }

  static let onData: nghttp2_on_data_chunk_recv_callback = { _, _, stream, bytes, count, owner in
    let core = unsafe owner!.assumingMemoryBound(to: ServerCore.self)
    unsafe core.pointee.data(of: stream, Span(_unsafeStart: bytes!, count: count))
    return 0
  }

  static let onFrame: nghttp2_on_frame_recv_callback = { _, frame, owner in
    let core = unsafe owner!.assumingMemoryBound(to: ServerCore.self)
    let header = unsafe frame!.pointee.hd
    let endsRequest = UInt32(header.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0
    switch nghttp2_frame_type(UInt32(header.type)) {
    case NGHTTP2_HEADERS:
      unsafe core.pointee.headerTimer?.end()
      let isRequest = unsafe frame!.pointee.headers.cat == NGHTTP2_HCAT_REQUEST
      return unsafe isRequest
        ? core.pointee.headersEnded(of: header.stream_id, endsRequest: endsRequest)
        : core.pointee.trailersEnded(of: header.stream_id, endsRequest: endsRequest)
    case NGHTTP2_DATA where endsRequest: unsafe core.pointee.bodyEnded(of: header.stream_id)
    case NGHTTP2_RST_STREAM: unsafe core.pointee.resetReceived(of: header.stream_id)
    case NGHTTP2_PING where UInt32(header.flags) & NGHTTP2_FLAG_ACK.rawValue != 0:
      unsafe core.pointee.pingIsAnswered = true
    default: break
    }
    return 0
  }

  static let onInvalidFrame: nghttp2_on_invalid_frame_recv_callback = { _, _, code, owner in
    let core = unsafe owner!.assumingMemoryBound(to: ServerCore.self)
    return unsafe core.pointee.countInvalidFrame(code: code)
  }

  static let onFrameSent: nghttp2_on_frame_send_callback = { _, frame, owner in
    let core = unsafe owner!.assumingMemoryBound(to: ServerCore.self)
    let header = unsafe frame!.pointee.hd
    switch nghttp2_frame_type(UInt32(header.type)) {
    case NGHTTP2_DATA where UInt32(header.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0:
      unsafe core.pointee.responseSent(header.stream_id)
    case NGHTTP2_RST_STREAM:
      unsafe core.pointee.countResetSent(
        of: header.stream_id, code: frame!.pointee.rst_stream.error_code)
    case NGHTTP2_GOAWAY: unsafe core.pointee.goAwaySent(code: frame!.pointee.goaway.error_code)
    default: break
    }
    return 0
  }

  static let onClose: nghttp2_on_stream_close_callback = { _, id, _, owner in
    let core = unsafe owner!.assumingMemoryBound(to: ServerCore.self)
    unsafe core.pointee.close(id)
    return 0
  }

  /// Copies the next bytes of a response into nghttp2's frame.
  static let readResponse: nghttp2_data_source_read_callback = {
    _, _, target, room, flags, source, owner in
    let core = unsafe owner!.assumingMemoryBound(to: ServerCore.self)
    let stream = unsafe source!.pointee.ptr.assumingMemoryBound(to: StreamState.self)
    let count = unsafe stream.pointee.readResponse(into: UnsafeMutableRawPointer(target!), upTo: room)
    unsafe core.pointee.replyTaken(count)
    if unsafe stream.pointee.sentCount == stream.pointee.response.count {
      unsafe flags!.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
    }
    return count
  }

  /// As `readResponse`, of a response that grows.
  static let readStreamed: nghttp2_data_source_read_callback = {
    _, _, target, room, flags, source, owner in
    let core = unsafe owner!.assumingMemoryBound(to: ServerCore.self)
    let stream = unsafe source!.pointee.ptr.assumingMemoryBound(to: StreamState.self)
    return unsafe core.pointee.readStreamed(
      stream, into: UnsafeMutableRawPointer(target!), upTo: room, flags!)
  }
}
