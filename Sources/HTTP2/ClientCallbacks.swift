import CNghttp2
import Wire

/// Where C enters a client session. No logic: recover the owner, wrap the bytes, forward.
///
/// SAFETY, for all of them: the owner is the session that owns `raw` and outlives it; nghttp2 keeps
/// the buffers it passes alive until the callback returns, and a `Span` cannot outlive it.
@unsafe
enum ClientCallbacks {
  /// Made once, shared by all sessions, never freed; `nil` where there was no memory for it.
  nonisolated(unsafe) static let table: OpaquePointer? = {
    var table: OpaquePointer?
    unsafe nghttp2_session_callbacks_new(&table)
    guard let table = unsafe table else { return nil }
    unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(table, onBeginHeaders)
    unsafe nghttp2_session_callbacks_set_on_header_callback(table, onHeader)
    unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(table, onData)
    unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(table, onFrame)
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
    return unsafe options
  }()

  static let onBeginHeaders: nghttp2_on_begin_headers_callback = { _, frame, owner in
    let session = unsafe Unmanaged<ClientSession>.fromOpaque(owner!).takeUnretainedValue()
    let header = unsafe frame!.pointee.hd
    if UInt32(header.type) == NGHTTP2_HEADERS.rawValue {
      session.beginHeaders(of: header.stream_id)
    }
    return 0
  }

  static let onHeader: nghttp2_on_header_callback = {
    _, frame, name, nameByteCount, value, valueByteCount, _, owner in
    let session = unsafe Unmanaged<ClientSession>.fromOpaque(owner!).takeUnretainedValue()
    return unsafe session.header(
      of: frame!.pointee.hd.stream_id,
      name: Span(_unsafeStart: name!, count: nameByteCount),
      value: Span(_unsafeStart: value!, count: valueByteCount))
  }

  static let onData: nghttp2_on_data_chunk_recv_callback = { _, _, stream, bytes, count, owner in
    let session = unsafe Unmanaged<ClientSession>.fromOpaque(owner!).takeUnretainedValue()
    unsafe session.data(of: stream, Span(_unsafeStart: bytes!, count: count))
    return 0
  }

  static let onFrame: nghttp2_on_frame_recv_callback = { _, frame, owner in
    let session = unsafe Unmanaged<ClientSession>.fromOpaque(owner!).takeUnretainedValue()
    let header = unsafe frame!.pointee.hd
    session.frame(
      nghttp2_frame_type(UInt32(header.type)), of: header.stream_id,
      endsStream: UInt32(header.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0)
    return 0
  }

  static let onClose: nghttp2_on_stream_close_callback = { _, id, code, owner in
    let session = unsafe Unmanaged<ClientSession>.fromOpaque(owner!).takeUnretainedValue()
    session.close(id, code: code)
    return 0
  }

  /// Copies the next bytes of a request into nghttp2's frame.
  static let readRequest: nghttp2_data_source_read_callback = {
    _, id, target, room, flags, _, owner in
    let session = unsafe Unmanaged<ClientSession>.fromOpaque(owner!).takeUnretainedValue()
    guard let stream = session.stream(id) else {
      return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
    }
    if let request = stream.streamed {
      return unsafe request.read(into: UnsafeMutableRawPointer(target!), upTo: room, flags!)
    }
    let count = unsafe stream.readRequest(into: UnsafeMutableRawPointer(target!), upTo: room)
    if stream.sentCount == stream.requestBody.count {
      unsafe flags!.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
    }
    return count
  }
}
