import CNghttp2

/// A server session that does what ours never does: it ends itself from within a callback.
@safe
public final class EndingSession {
  public enum Moment: Int, CaseIterable, Sendable {
    case beginFrame, beginHeaders, header, data, frame
  }

  private let moment: Moment
  private var raw: OpaquePointer?
  public private(set) var hasEnded = false

  public init(at moment: Moment) {
    self.moment = moment
    var table: OpaquePointer?
    unsafe nghttp2_session_callbacks_new(&table)
    defer { unsafe nghttp2_session_callbacks_del(table) }
    switch moment {
    case .beginFrame:
      unsafe nghttp2_session_callbacks_set_on_begin_frame_callback(table) { _, head, owner in
        if unsafe head!.pointee.stream_id > 0 { unsafe EndingSession.end(owner) }
        return 0
      }
    case .beginHeaders:
      unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(table) { _, _, owner in
        unsafe EndingSession.end(owner)
        return 0
      }
    case .header:
      unsafe nghttp2_session_callbacks_set_on_header_callback(table) {
        _, _, _, _, _, _, _, owner in
        unsafe EndingSession.end(owner)
        return 0
      }
    case .data:
      unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(table) {
        _, _, _, _, _, owner in
        unsafe EndingSession.end(owner)
        return 0
      }
    case .frame:
      unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(table) { _, frame, owner in
        if unsafe frame!.pointee.hd.stream_id > 0 { unsafe EndingSession.end(owner) }
        return 0
      }
    }
    // SAFETY: `self` outlives the session, which `deinit` deletes; the table is copied.
    let status = unsafe nghttp2_session_server_new(
      &raw, table, Unmanaged.passUnretained(self).toOpaque())
    precondition(status == 0)
  }

  deinit { unsafe nghttp2_session_del(raw) }

  private static func end(_ owner: UnsafeMutableRawPointer?) {
    // SAFETY: the owner is the session that `init` named, and it is alive while it reads.
    let session = unsafe Unmanaged<EndingSession>.fromOpaque(owner!).takeUnretainedValue()
    session.hasEnded = true
    unsafe nghttp2_session_terminate_session(session.raw, NGHTTP2_PROTOCOL_ERROR.rawValue)
  }

  /// Reads all of the bytes at once. Returns whether the library took them.
  public func receive(_ bytes: [UInt8]) -> Bool {
    unsafe bytes.withUnsafeBufferPointer {
      // SAFETY: the library reads the bytes before it returns.
      unsafe nghttp2_session_mem_recv(raw, $0.baseAddress, $0.count) >= 0
    }
  }
}
