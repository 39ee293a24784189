import CNghttp2
import TestSupport

/// A server session of libnghttp2 as it is, with its own rules of what makes a request.
@safe
final class LibrarySession {
  struct Outcome: Equatable {
    /// Where it came to its end.
    var request: RawRequest?
    var resetCode: UInt32?
  }

  struct NoSession: Error {}

  private var raw: OpaquePointer?
  private var request = RawRequest("", "")
  private var hasEnded = false

  init() throws {
    var callbacks: OpaquePointer?
    unsafe nghttp2_session_callbacks_new(&callbacks)
    defer { unsafe nghttp2_session_callbacks_del(callbacks) }
    unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
      _, frame, name, nameByteCount, value, valueByteCount, _, owner in
      // Trailers are nobody's.
      guard unsafe frame!.pointee.headers.cat == NGHTTP2_HCAT_REQUEST else { return 0 }
      let name = unsafe Array(UnsafeBufferPointer(start: name, count: nameByteCount))
      let value = unsafe Array(UnsafeBufferPointer(start: value, count: valueByteCount))
      unsafe LibrarySession.of(owner).keep(String(decoding: name, as: UTF8.self), value)
      return 0
    }
    unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
      _, _, _, bytes, count, owner in
      unsafe LibrarySession.of(owner).request.body += UnsafeBufferPointer(start: bytes, count: count)
      return 0
    }
    unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, owner in
      let head = unsafe frame!.pointee.hd
      let carriesRequest = [NGHTTP2_HEADERS, NGHTTP2_DATA].contains { $0.rawValue == UInt32(head.type) }
      if carriesRequest, UInt32(head.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0 {
        unsafe LibrarySession.of(owner).hasEnded = true
      }
      return 0
    }
    // SAFETY: the session is deleted before this object goes.
    let owner = unsafe Unmanaged.passUnretained(self).toOpaque()
    guard unsafe nghttp2_session_server_new(&raw, callbacks, owner) == 0 else { throw NoSession() }
    unsafe nghttp2_submit_settings(raw, 0, nil, 0)
  }

  deinit { unsafe nghttp2_session_del(raw) }

  private static func of(_ owner: UnsafeMutableRawPointer?) -> LibrarySession {
    unsafe Unmanaged<LibrarySession>.fromOpaque(owner!).takeUnretainedValue()
  }

  private func keep(_ name: String, _ value: [UInt8]) {
    switch name {
    case ":method": request.method = String(decoding: value, as: UTF8.self)
    case ":path": request.path = String(decoding: value, as: UTF8.self)
    default: if !name.hasPrefix(":") { request.headers.append(HeaderField(name, value)) }
    }
  }

  /// What becomes of one request on stream 1.
  func outcome(of frames: [Frame]) throws -> Outcome {
    let bytes = Frame.preface + ([.settings()] + frames).flatMap(\.bytes)
    let taken = unsafe nghttp2_session_mem_recv(raw, bytes, bytes.count)
    guard taken == bytes.count else { throw NoSession() }
    var sent: [UInt8] = []
    var data: UnsafePointer<UInt8>?
    var count = unsafe nghttp2_session_mem_send(raw, &data)
    while count > 0 {
      let bytes = unsafe UnsafeBufferPointer(start: data, count: count)
      unsafe sent.append(contentsOf: bytes)
      count = unsafe nghttp2_session_mem_send(raw, &data)
    }
    var outcome = Outcome()
    while let frame = Frame.take(from: &sent) {
      if frame.kind == .rstStream { outcome.resetCode = UInt32(frame.payload.last ?? 0) }
    }
    if hasEnded { outcome.request = request }
    if !request.path.hasPrefix("/keep") { outcome.request?.headers = [] }
    return outcome
  }
}
